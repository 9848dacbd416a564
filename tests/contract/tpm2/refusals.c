/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that a TPM must not take or have, and TPMs that have no room: nothing is
 * changed by any of them. */
#include "tests/contract/tpm2/case.h"
#include "tests/contract/tpm2/direct.h"

#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "hsm/tpm2/tpm2.h"

static struct tpm2_case_state before;

/* Change a bit of what is FROM_END bytes before the key file's end. */
static void
forge(const uint8_t *id, long from_end)
{
    char path[TPM2_CASE_PATH];
    char *name = NULL, *header = NULL;
    unsigned char *der = NULL;
    long length = 0;
    BIO *bio;

    tpm2_case_key_path(id, "pem", path);
    bio = BIO_new_file(path, "r");
    assert_int_equal(PEM_read_bio(bio, &name, &header, &der, &length), 1);
    BIO_free(bio);
    der[length - from_end] ^= 1;
    bio = BIO_new_file(path, "w");
    assert_true(PEM_write_bio(bio, name, header, der, length) > 0);
    BIO_free(bio);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(der);
}

static void
assert_does_not_sign(const uint8_t *id, EVP_PKEY *public)
{
    uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    struct keystore_signature signature;
    struct keystore_key *key = NULL;

    tpm2_case_open();
    assert_ks_ok(keystore_find(contract.store, id, public, &key, NULL));
    assert_ks_err(KS_ERR_KEY_OTHER, keystore_sign(key, scheme_of_key(public),
                                                  digest, &signature, NULL));
    keystore_key_free(&key);
    keystore_close(&contract.store);
}

/* The TPM does not even load it. */
static void
assert_is_no_key(const uint8_t *id, EVP_PKEY *public)
{
    struct keystore_key *key = NULL;
    struct keystore_key_info info;

    tpm2_case_open();
    assert_ks_ok(keystore_find(contract.store, id, public, &key, NULL));
    assert_ks_err(KS_ERR_KEY_OTHER, keystore_describe(key, &info, NULL));
    keystore_key_free(&key);
    keystore_close(&contract.store);
    assert_does_not_sign(id, public);
}

/* Anywhere in the wrapped part: its last byte, and some before. */
static void
forged_blob_is_refused(void **state)
{
    static const long places[] = {1, 40, 80};
    uint8_t id[KEYSTORE_ID_LENGTH];

    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        contract_id(id);
        tpm2_case_open();
        tpm2_case_import(P_256, id);
        forge(id, places[i]);
        tpm2_case_look(&before);
        assert_is_no_key(id, sample(P_256)->public);
        tpm2_case_assert_unchanged(&before);
        forge(id, places[i]);
        contract_assert_fresh_signs(id, sample(P_256)->public);
    }
}

/* That of another key: it opens nothing, and its refusal does not count. */
static void
wrong_value_is_refused(void **state)
{
    uint8_t ids[2][KEYSTORE_ID_LENGTH];
    char from[TPM2_CASE_PATH], to[TPM2_CASE_PATH];
    struct tpm2_direct *direct;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        contract_id(ids[i]);
        tpm2_case_open();
        tpm2_case_import(i == 0 ? P_256 : RSA_2048, ids[i]);
    }
    tpm2_case_key_path(ids[1], "auth", from);
    tpm2_case_key_path(ids[0], "auth", to);
    assert_int_equal(rename(from, to), 0);
    tpm2_case_look(&before);
    for (unsigned i = 0; i < 5; i++)
        assert_does_not_sign(ids[0], sample(P_256)->public);
    tpm2_case_assert_unchanged(&before);
    direct = tpm2_direct_open(tpm2_case_swtpm());
    assert_int_equal(tpm2_direct_failures(direct), 0);
    tpm2_direct_close(&direct);
}

/* MATERIAL is not the private half: the dispatcher refuses it, and below that
 * the TPM does. */
static void
assert_mismatch(const struct material *material, EVP_PKEY *public)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    const struct keystore_new_key wanted = {id, "mismatch", material->type,
                                            material, public};
    struct keystore_key *key = NULL;

    contract_id(id);
    tpm2_case_open();
    keystore_close(&contract.store);
    tpm2_case_look(&before);
    tpm2_case_open();
    assert_ks_err(KS_ERR_CRED_MISMATCH,
                  keystore_import(contract.store, id, "mismatch", material,
                                  public, &key, NULL));
    assert_int_equal(tap_count(tpm2_case.tap, CC_IMPORT), 0);
    assert_ks_err(KS_ERR_CRED_MISMATCH,
                  hsm_tpm2_ops.import(contract.store, &wanted, &key, NULL));
    assert_int_equal(tap_count(tpm2_case.tap, CC_IMPORT), 1);
    assert_null(key);
    keystore_close(&contract.store);
    tpm2_case_assert_unchanged(&before);
    tap_reset(tpm2_case.tap);
}

/* Of the same length, but without the last bit but one. */
static void
mismatching_prime_is_refused(void **state)
{
    struct material material = sample(RSA_2048)->material;
    uint8_t prime[256];

    (void)state;
    assert_true(material.p.length <= sizeof prime);
    memcpy(prime, material.p.bytes, material.p.length);
    prime[material.p.length - 1] ^= 2;
    material.p.bytes = prime;
    assert_mismatch(&material, sample(RSA_2048)->public);
    OPENSSL_cleanse(prime, sizeof prime);
}

static void
mismatching_scalar_is_refused(void **state)
{
    (void)state;
    assert_mismatch(&sample(P_256)->material, sample(P_256_OTHER)->public);
}

static void
too_large_key_never_reaches_the_tpm(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct err_cause cause = {.text = ""};
    struct keystore_key *key = NULL;

    (void)state;
    contract_id(id);
    tpm2_case_provision();
    tpm2_case_look(&before);
    tpm2_case_open();
    assert_ks_err(KS_ERR_TOKEN_UNSUPPORTED,
                  keystore_import(contract.store, id, "large",
                                  &sample(RSA_4096)->material,
                                  sample(RSA_4096)->public, &key, &cause));
    assert_non_null(strstr(cause.text, "RSA-4096"));
    assert_int_equal(tap_count(tpm2_case.tap, CC_IMPORT), 0);
    keystore_close(&contract.store);
    tpm2_case_assert_unchanged(&before);
}

/* No room */

static void
fill_slots(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        tpm2_tool_create_primary(&tpm2_case.run, tpm2_case_swtpm(),
                                 store_fixture_directory(contract.fixture));
        rig_expect(&tpm2_case.run, 0, "");
    }
}

static void
full_slots_are_left_to_others(void **state)
{
    struct keystore_config config = tpm2_case_config();

    (void)state;
    fill_slots(3);
    for (unsigned i = 0; i < 2; i++) {
        tpm2_case_look(&before);
        assert_ks_err(KS_ERR_TPM_SLOTS,
                      contract_try(&config, &contract.store, NULL));
        tpm2_case_assert_unchanged(&before);
    }
    tpm2_case_tool("flushcontext", "-t");
    tpm2_case_provision();
}

/* They fill while a key is wanted. */
static void
slots_that_fill_later_are_left_to_others(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    struct keystore_signature signature;
    struct keystore_key *key = NULL;

    (void)state;
    contract_id(id);
    tpm2_case_open();
    tpm2_case_import(P_256, id);
    tpm2_case_open();
    assert_ks_ok(keystore_find(contract.store, id, NULL, &key, NULL));
    fill_slots(3);
    assert_ks_err(KS_ERR_TPM_SLOTS,
                  keystore_sign(key, KEYSTORE_ES256, digest, &signature, NULL));
    assert_string_equal(tpm2_case_handles(TRANSIENT),
                        "- 0x80000000\n- 0x80000001\n- 0x80000002\n");
    tpm2_case_tool("flushcontext", "-t");
    contract_assert_signs(key, sample(P_256)->public);
    keystore_key_free(&key);
}

static void
full_sessions_are_left_to_others(void **state)
{
    struct tpm2_direct *direct = tpm2_direct_open(tpm2_case_swtpm());
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    contract_id(id);
    tpm2_direct_fill_sessions(direct);
    tpm2_direct_close(&direct);
    tpm2_case_provision();
    tpm2_case_look(&before);
    tpm2_case_open();
    assert_ks_err(KS_ERR_TPM_SESSIONS,
                  keystore_import(contract.store, id, "none",
                                  &sample(P_256)->material,
                                  sample(P_256)->public, &key, NULL));
    assert_ks_err(KS_ERR_TPM_SESSIONS,
                  keystore_generate(contract.store, id, "none", MATERIAL_P256,
                                    &key, NULL));
    assert_null(key);
    keystore_close(&contract.store);
    tpm2_case_assert_unchanged(&before);
    tpm2_case_tool("flushcontext", "-l");
    tpm2_case_open();
    tpm2_case_import(P_256, id);
    contract_assert_fresh_signs(id, sample(P_256)->public);
}

int
contract_tpm2_refusals(void)
{
    const struct CMUnitTest tests[] = {
        TPM2_CASE(forged_blob_is_refused),
        TPM2_CASE(wrong_value_is_refused),
        TPM2_CASE(mismatching_prime_is_refused),
        TPM2_CASE(mismatching_scalar_is_refused),
        TPM2_CASE(too_large_key_never_reaches_the_tpm),
        TPM2_CASE(full_slots_are_left_to_others),
        TPM2_CASE(slots_that_fill_later_are_left_to_others),
        TPM2_CASE(full_sessions_are_left_to_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
