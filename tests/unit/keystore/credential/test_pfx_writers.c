/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/credential/pfx.h: one key and certificate as other programs write
 * them are read, or refused with the true reason, and OpenSSL's own verdict is
 * the same but by a rule that docs/errors.md has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include "tests/unit/keystore/credential/fixture_pfx.h"
#include "keystore/store/material.h"
#include "tests/unit/keystore/credential/pfx_case.h"
#include "tests/unit/keystore/credential/pfx_writers.h"

#define KINDS 8 /* at least one more than there are */

static struct made {
    const char *kind;
    EVP_PKEY *key;
    X509 *certificate;
} made[KINDS];

static char directory[] = "/tmp/pfx-writers-XXXXXX";
static char *rules; /* docs/errors.md, its lines joined */

/* A key whose scalar has fewer bytes than the curve is wide */
static EVP_PKEY *
short_key(void)
{
    for (;;) {
        EVP_PKEY *key = fixture_key("P-256");
        BIGNUM *scalar = NULL;
        int length;

        assert_int_equal(
            EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &scalar), 1);
        length = BN_num_bytes(scalar);
        BN_clear_free(scalar);
        if (length < 32)
            return key;
        EVP_PKEY_free(key);
    }
}

static const struct made *
made_of(const char *kind)
{
    struct made *one = made;

    while (one->kind != NULL && strcmp(one->kind, kind) != 0)
        one++;
    assert_true(one < made + KINDS);
    if (one->kind == NULL) {
        one->key = strcmp(kind, "P-256-SHORT") == 0 ? short_key()
                                                    : fixture_key(kind);
        one->certificate = fixture_certificate(
            &(struct fixture_certificate){.key = one->key});
        one->kind = kind;
    }
    return one;
}

static struct fixture_bytes
read_bytes(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct fixture_bytes ret;
    long length;

    FIXTURE_NEED(file != NULL);
    FIXTURE_NEED(fseek(file, 0, SEEK_END) == 0);
    length = ftell(file);
    FIXTURE_NEED(length > 0);
    rewind(file);
    ret = (struct fixture_bytes){OPENSSL_zalloc((size_t)length + 1),
                                 (size_t)length};
    FIXTURE_NEED(ret.bytes != NULL);
    FIXTURE_NEED(fread(ret.bytes, 1, ret.length, file) == ret.length);
    (void)fclose(file);
    return ret;
}

static struct fixture_bytes
write_row(const struct pfx_writers_row *row, const struct made *of)
{
    char path[128];
    struct pfx_writer pfx = row->pfx;
    struct fixture_bytes ret;

    if (row->file != NULL) {
        (void)snprintf(path, sizeof path, "%s/%s", directory, row->file);
        return read_bytes(path);
    }
    pfx.key = row->encode != NULL ? row->encode(of->key)
                                  : fixture_pkcs8(of->key);
    pfx.certificates[0] = of->certificate;
    if (row->change != NULL)
        row->change(&pfx, of->key);
    ret = pfx_writer(&pfx);
    if (row->damage != NULL)
        row->damage(&ret);
    return ret;
}

/* Does OpenSSL make the key and its certificate of it?  In its default context,
 * which has both providers meanwhile, as the openssl program's -legacy: in
 * another one its version 3.0 looks for some ciphers in the wrong place. */
static bool
openssl_reads(const struct fixture_bytes *file)
{
    OSSL_PROVIDER *legacy = OSSL_PROVIDER_load(NULL, "legacy");
    OSSL_PROVIDER *usual = OSSL_PROVIDER_load(NULL, "default");
    const unsigned char *cursor = file->bytes;
    PKCS12 *pfx = d2i_PKCS12(NULL, &cursor, (long)file->length);
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;
    bool read = pfx != NULL &&
                PKCS12_parse(pfx, "", &key, &certificate, NULL) == 1 &&
                key != NULL && certificate != NULL;

    FIXTURE_NEED(legacy != NULL && usual != NULL);
    EVP_PKEY_free(key);
    X509_free(certificate);
    PKCS12_free(pfx);
    ERR_clear_error();
    FIXTURE_NEED(OSSL_PROVIDER_unload(legacy) == 1 &&
                 OSSL_PROVIDER_unload(usual) == 1);
    return read;
}

/* The same key, in the one form that goes on */
static bool
is_key(const struct secret *found, EVP_PKEY *expected)
{
    const unsigned char *cursor = secret_bytes(found);
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &cursor,
                                       (long)secret_length(found));
    bool same = key != NULL && EVP_PKEY_eq(key, expected) == 1;
    struct material material;

    EVP_PKEY_free(key);
    ERR_clear_error();
    return same && material_parse(secret_bytes(found), secret_length(found),
                                  &material, NULL) == KS_OK;
}

/* What differs from ROW; NULL: nothing */
static const char *
judge(const struct pfx_writers_row *row, struct err_cause *cause)
{
    const struct made *of = made_of(row->kind != NULL ? row->kind : "RSA-2048");
    struct fixture_bytes file = write_row(row, of);
    struct secret *key = NULL;
    X509 *certificate = NULL;
    const char *wrong = NULL;
    enum ks_err rc = pfx_open(file.bytes, file.length, &certificate, &key,
                              cause);

    if (rc != row->expected)
        wrong = err_name(rc);
    else if (rc == KS_OK && !is_key(key, of->key))
        wrong = "another key";
    else if (rc == KS_OK && X509_cmp(certificate, of->certificate) != 0)
        wrong = "another certificate";
    else if (rc != KS_OK && row->says != NULL &&
             strstr(cause->text, row->says) == NULL)
        wrong = "other words";
    else if (row->rule != NULL && strstr(rules, row->rule) == NULL)
        wrong = "a rule that docs/errors.md does not have";
    else if (row->rule == NULL && !row->costly &&
             openssl_reads(&file) != (rc == KS_OK))
        wrong = "OpenSSL's verdict is another, and no rule says so";
    secret_free(&key);
    X509_free(certificate);
    fixture_free(&file);
    return wrong;
}

static unsigned
check_all(const struct pfx_writers_row *row)
{
    unsigned count = 0;
    unsigned failed = 0;

    for (; row->name != NULL; row++) {
        struct err_cause cause = {""};
        const char *wrong = judge(row, &cause);

        count++;
        if (wrong != NULL) {
            failed++;
            print_error("%s: %s (%s)\n", row->name, wrong, cause.text);
        }
    }
    assert_int_equal(failed, 0);
    return count;
}

static unsigned counted;

static void
files_of_other_programs_are_read(void **state)
{
    (void)state;
    counted += check_all(pfx_writers_programs);
}

static void
other_encodings_are_read(void **state)
{
    (void)state;
    counted += check_all(pfx_writers_encodings);
}

static void
refusals_tell_the_true_reason(void **state)
{
    (void)state;
    counted += check_all(pfx_writers_refused);
    assert_true(counted >= 60);
}

static void
write_pem(const char *name, const struct made *one)
{
    char path[128];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    file = fopen(path, "w");
    FIXTURE_NEED(file != NULL);
    FIXTURE_NEED(strcmp(name, "key.pem") == 0
                     ? PEM_write_PrivateKey(file, one->key, NULL, NULL, 0, NULL,
                                            NULL) == 1
                     : PEM_write_X509(file, one->certificate) == 1);
    FIXTURE_NEED(fclose(file) == 0);
}

/* Keys are in the arena, whose use is to be the same before and after a test.
 */
static void
make_keys(const struct pfx_writers_row *row)
{
    for (; row->name != NULL; row++)
        (void)made_of(row->kind != NULL ? row->kind : "RSA-2048");
}

static int
begin(void **state)
{
    char command[512];
    struct fixture_bytes page;

    if (pfx_case_make(state) != 0)
        return -1;
    page = read_bytes(ERRORS_MD);
    rules = (char *)page.bytes;
    for (char *at = rules; *at != '\0'; at++)
        if (*at == '\n')
            *at = ' ';
    FIXTURE_NEED(mkdtemp(directory) != NULL);
    make_keys(pfx_writers_encodings);
    make_keys(pfx_writers_refused);
    write_pem("key.pem", made_of("RSA-2048"));
    write_pem("certificate.pem", made_of("RSA-2048"));
    (void)snprintf(command, sizeof command, "%s %s", WRITE_PFX, directory);
    return system(command) == 0 ? 0 : -1;
}

static int
end(void **state)
{
    char command[128];

    for (size_t i = 0; i < KINDS; i++) {
        EVP_PKEY_free(made[i].key);
        X509_free(made[i].certificate);
    }
    OPENSSL_free(rules);
    (void)snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command) == 0 ? pfx_case_free(state) : -1;
}

int
main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, pfx_case_setup, pfx_case_teardown)
    const struct CMUnitTest tests[] = {
        TEST(files_of_other_programs_are_read),
        TEST(other_encodings_are_read),
        TEST(refusals_tell_the_true_reason),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
