/* SPDX-License-Identifier: Apache-2.0 */
/* Keys across programs: tpm2-openssl signs with what Holdfast wrote, and
 * Holdfast with what tpm2-tools made. */
#include "tests/contract/tpm2/case.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#define PASSWORD "correct horse"
#define DIGEST_LENGTH 32

static void
write_file(const char *path, const void *bytes, size_t length)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                  S_IRUSR | S_IWUSR);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    assert_int_equal(close(fd), 0);
}

/* Holdfast's key in tpm2-openssl's hands */

/* What tpm2-openssl calls the public half of the key at ID. */
static EVP_PKEY *
public_by_openssl(const char *key, const char *passin)
{
    const char *argv[] = {OPENSSL_PROGRAM, "pkey", "-provider", "tpm2",
                          "-provider",     "base", "-in",       key,
                          "-passin",       passin, "-pubout",   NULL};
    BIO *bio;
    EVP_PKEY *public;

    rig_run(&tpm2_case.run, argv);
    rig_expect(&tpm2_case.run, 0, "");
    bio = BIO_new_mem_buf(tpm2_case.run.out, -1);
    public = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_non_null(public);
    return public;
}

static size_t
sign_by_openssl(const char *key, const char *passin, const uint8_t *digest,
                uint8_t signature[static KEYSTORE_SIGNATURE_MAX])
{
    char in[TPM2_CASE_PATH], out[TPM2_CASE_PATH];
    const char *argv[] = {
        OPENSSL_PROGRAM, "pkeyutl",       "-provider", "tpm2", "-provider",
        "base",          "-sign",         "-inkey",    key,    "-passin",
        passin,          "-in",           in,          "-out", out,
        "-pkeyopt",      "digest:sha256", NULL};
    FILE *file;
    size_t length;

    tpm2_case_path("digest", in);
    tpm2_case_path("signature", out);
    write_file(in, digest, DIGEST_LENGTH);
    rig_run(&tpm2_case.run, argv);
    rig_expect(&tpm2_case.run, 0, "");
    file = fopen(out, "re");
    assert_non_null(file);
    length = fread(signature, 1, KEYSTORE_SIGNATURE_MAX, file);
    assert_int_equal(fclose(file), 0);
    return length;
}

static bool
verifies(EVP_PKEY *public, const uint8_t *digest, const uint8_t *signature,
         size_t length)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(public, NULL);
    bool good;

    assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()), 1);
    good = EVP_PKEY_verify(ctx, signature, length, digest, DIGEST_LENGTH) == 1;
    EVP_PKEY_CTX_free(ctx);
    return good;
}

void
tpm2_case_assert_openssl_signs(const uint8_t *id, EVP_PKEY *public)
{
    uint8_t digest[DIGEST_LENGTH] = {4, 7, 1, 1};
    uint8_t signature[KEYSTORE_SIGNATURE_MAX];
    char tcti[TPM2_CASE_PATH], key[TPM2_CASE_PATH], auth[TPM2_CASE_PATH];
    char passin[TPM2_CASE_PATH + sizeof "file:"];
    EVP_PKEY *seen;
    size_t length;

    (void)snprintf(tcti, sizeof tcti, "swtpm:path=%s", tpm2_case_swtpm());
    assert_int_equal(setenv("TPM2OPENSSL_TCTI", tcti, 1), 0);
    tpm2_case_key_path(id, "pem", key);
    tpm2_case_key_path(id, "auth", auth);
    (void)snprintf(passin, sizeof passin, "file:%s", auth);
    seen = public_by_openssl(key, passin);
    assert_int_equal(EVP_PKEY_eq(seen, public), 1);
    EVP_PKEY_free(seen);
    length = sign_by_openssl(key, passin, digest, signature);
    assert_true(verifies(public, digest, signature, length));
    digest[0] ^= 1;
    assert_false(verifies(public, digest, signature, length));
}

static void
openssl_signs_with_an_imported_key(void **state)
{
    static const enum sample_name names[] = {RSA_2048, P_256, P_384};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        uint8_t id[KEYSTORE_ID_LENGTH];

        contract_id(id);
        tpm2_case_open();
        tpm2_case_import(names[i], id);
        tpm2_case_assert_openssl_signs(id, sample(names[i])->public);
    }
}

static void
openssl_signs_with_a_born_key(void **state)
{
    static const enum material_type types[] = {MATERIAL_RSA, MATERIAL_P256};

    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        uint8_t id[KEYSTORE_ID_LENGTH];
        EVP_PKEY *public;

        contract_id(id);
        tpm2_case_open();
        public = tpm2_case_generate(types[i], id);
        tpm2_case_assert_openssl_signs(id, public);
        EVP_PKEY_free(public);
    }
}

/* The value that Holdfast made is what opens the key, for them, too. */
static void
openssl_is_refused_without_the_value(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    char key[TPM2_CASE_PATH], in[TPM2_CASE_PATH];
    const char *argv[] = {
        OPENSSL_PROGRAM, "pkeyutl", "-provider", "tpm2", "-provider",
        "base",          "-sign",   "-inkey",    key,    "-passin",
        "pass:wrong",    "-in",     in,          NULL};

    (void)state;
    contract_id(id);
    tpm2_case_open();
    tpm2_case_import(P_256, id);
    tpm2_case_assert_openssl_signs(id, sample(P_256)->public);
    tpm2_case_key_path(id, "pem", key);
    tpm2_case_path("digest", in);
    rig_run(&tpm2_case.run, argv);
    assert_int_not_equal(tpm2_case.run.status, 0);
}

/* tpm2-tools' key in Holdfast's hands */

/* A sample's key imported by tpm2-tools with ATTRIBUTES, as ID.pem. */
static void
put_key_of_tools(enum sample_name name, const char *attributes,
                 const uint8_t *id)
{
    const char *algorithm = sample(name)->type == MATERIAL_RSA ? "rsa" : "ecc";
    const uint8_t *p = secret_bytes(sample(name)->pkcs8);
    char in[TPM2_CASE_PATH], public[TPM2_CASE_PATH], private[TPM2_CASE_PATH],
        pem[TPM2_CASE_PATH];
    EVP_PKEY *key = d2i_AutoPrivateKey(
        NULL, &p, (long)secret_length(sample(name)->pkcs8));
    BIO *file;

    tpm2_case_path("theirs.pem", in);
    tpm2_case_path("theirs.public", public);
    tpm2_case_path("theirs.private", private);
    tpm2_case_key_path(id, "pem", pem);
    file = BIO_new_file(in, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_bio_PrivateKey_traditional(file, key, NULL, NULL,
                                                          0, NULL, NULL),
                     1);
    assert_int_equal(BIO_free(file), 1);
    EVP_PKEY_free(key);
    tpm2_case_provision();
    tpm2_case_tool("import", "-C", "0x81000001", "-G", algorithm, "-i", in,
                   "-u", public, "-r", private, "-p", PASSWORD, "-a",
                   attributes);
    tpm2_case_tool("encodeobject", "-C", "0x81000001", "-u", public, "-r",
                   private, "-o", pem);
    assert_int_equal(chmod(pem, S_IRUSR | S_IWUSR), 0);
}

static void
assert_uses(enum sample_name name, const uint8_t *id, bool sign_only)
{
    struct keystore_key *key = NULL;
    struct keystore_key_info info;

    assert_ks_ok(
        keystore_find(contract.store, id, sample(name)->public, &key, NULL));
    assert_ks_ok(keystore_describe(key, &info, NULL));
    assert_int_equal(info.type, sample(name)->type);
    assert_int_equal(info.bits, sample(name)->bits);
    assert_int_equal(info.origin, KEYSTORE_IMPORTED);
    assert_true(info.sensitive && !info.extractable);
    assert_int_equal(info.sign_only, sign_only);
    contract_assert_signs(key, sample(name)->public);
    keystore_key_free(&key);
}

static void
key_of_tools_is_used_with_a_value_in_a_file(void **state)
{
    static const enum sample_name names[] = {RSA_2048, P_256};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        uint8_t id[KEYSTORE_ID_LENGTH];
        char auth[TPM2_CASE_PATH];

        contract_id(id);
        put_key_of_tools(names[i], "userwithauth|sign|noda", id);
        tpm2_case_key_path(id, "auth", auth);
        write_file(auth, PASSWORD, strlen(PASSWORD));
        tpm2_case_open();
        assert_uses(names[i], id, true);
        keystore_close(&contract.store);
        contract_assert_fresh_signs(id, sample(names[i])->public);
    }
}

/* Whoever gives it the right to decrypt is told that it has it. */
static void
key_of_tools_is_used_with_a_pin(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_config config = tpm2_case_config();
    struct secret *pin = store_fixture_secret(PASSWORD);

    (void)state;
    contract_id(id);
    put_key_of_tools(RSA_2048, "userwithauth|sign|decrypt", id);
    config.pin = pin;
    assert_ks_ok(contract_open(&config, &contract.store));
    secret_free(&pin);
    assert_uses(RSA_2048, id, false);
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
    assert_false(tpm2_case_has_file(id, "pem"));
}

int
contract_tpm2_foreign(void)
{
    const struct CMUnitTest tests[] = {
        TPM2_CASE(openssl_is_refused_without_the_value),
        TPM2_CASE(openssl_signs_with_an_imported_key),
        TPM2_CASE(openssl_signs_with_a_born_key),
        TPM2_CASE(key_of_tools_is_used_with_a_value_in_a_file),
        TPM2_CASE(key_of_tools_is_used_with_a_pin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
