/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What somebody who listens on the TPM's bus learns of a machine's whole life
 * there, from `register` to `unregister`: nothing that is secret.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include "tests/support/rig_case.h"

/* Less of a secret than this passes by chance. */
#define PART 16
#define AUTH_LENGTH 32

/* What must not pass. */
static struct {
    char *text; /* of the file: the PFX in base64 */
    uint8_t *pfx;
    size_t pfx_length;
    EVP_PKEY *key;
    uint8_t auth[2][AUTH_LENGTH];
    size_t auth_count;
} secrets;

static char *capture;
static size_t capture_length;

static int
start(void **state)
{
    memset(&secrets, 0, sizeof secrets);
    (void)rig_case_start(state);
    rig_tap(&rig);
    return 0;
}

static int
stop(void **state)
{
    free(secrets.text);
    free(secrets.pfx);
    EVP_PKEY_free(secrets.key);
    free(capture);
    capture = NULL;
    return rig_case_stop(state);
}

/* The file's PFX, as anybody with OpenSSL opens it. */
static void
read_credential(void)
{
    static const char tag[] = "<ManagementCert>";
    char *content = rig_read(file, NULL);
    const char *at = strstr(content, tag);
    const unsigned char *der;
    X509 *certificate = NULL;
    PKCS12 *pfx;
    int length;

    assert_non_null(at);
    at += strlen(tag);
    secrets.text = strndup(at, strcspn(at, "<"));
    assert_non_null(secrets.text);
    secrets.pfx = malloc(strlen(secrets.text));
    length = EVP_DecodeBlock(secrets.pfx, (const uint8_t *)secrets.text,
                             (int)strlen(secrets.text));
    assert_true(length > 0);
    secrets.pfx_length = (size_t)length;
    der = secrets.pfx;
    pfx = d2i_PKCS12(NULL, &der, length);
    assert_int_equal(PKCS12_parse(pfx, "", &secrets.key, &certificate, NULL),
                     1);
    X509_free(certificate);
    PKCS12_free(pfx);
    free(content);
}

static void
read_auth_values(void)
{
    char path[2 * RIG_PATH];
    const struct dirent *entry;
    DIR *directory;

    snprintf(path, sizeof path, "%s/keys", rig.state);
    directory = opendir(path);
    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) {
        size_t length;
        char *bytes;

        if (strstr(entry->d_name, ".auth") == NULL)
            continue;
        snprintf(path, sizeof path, "%.180s/keys/%.64s", rig.state,
                 entry->d_name);
        bytes = rig_read(path, &length);
        assert_int_equal(length, AUTH_LENGTH);
        assert_true(secrets.auth_count < 2);
        memcpy(secrets.auth[secrets.auth_count++], bytes, length);
        free(bytes);
    }
    closedir(directory);
}

static void
read_capture(void)
{
    char path[RIG_PATH + 16];

    snprintf(path, sizeof path, "%s/tap.capture", rig.directory);
    capture = rig_read(path, &capture_length);
}

/* Whether any PART bytes in a row did, or all of what is shorter. */
static bool
passed(const void *secret, size_t length)
{
    size_t part = length < PART ? length : PART;

    assert_true(length > 0);
    for (size_t i = 0; i + part <= length; i++)
        if (memmem(capture, capture_length, (const uint8_t *)secret + i,
                   part) != NULL)
            return true;
    return false;
}

/* A number of the key, big endian as a TPM has them. */
static bool
number_passed(const char *name)
{
    BIGNUM *number = NULL;
    uint8_t bytes[512];
    int length;

    if (EVP_PKEY_get_bn_param(secrets.key, name, &number) != 1)
        fail_msg("the key has no %s", name);
    length = BN_bn2bin(number, bytes);
    BN_free(number);
    return passed(bytes, (size_t)length);
}

static void
expect_key_did_not_pass(void)
{
    static const char *const rsa[] = {
        OSSL_PKEY_PARAM_RSA_FACTOR1,   OSSL_PKEY_PARAM_RSA_FACTOR2,
        OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_EXPONENT1,
        OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};

    if (EVP_PKEY_is_a(secrets.key, "RSA") != 1) {
        assert_true(number_passed(OSSL_PKEY_PARAM_EC_PUB_X));
        assert_false(number_passed(OSSL_PKEY_PARAM_PRIV_KEY));
        return;
    }
    assert_true(number_passed(OSSL_PKEY_PARAM_RSA_N));
    for (size_t i = 0; i < sizeof rsa / sizeof rsa[0]; i++)
        assert_false(number_passed(rsa[i]));
}

/* The public half did pass: who finds that would find the other. */
static void
expect_no_secret_passed(void)
{
    read_capture();
    expect_key_did_not_pass();
    assert_false(passed(secrets.text, strlen(secrets.text)));
    assert_false(passed(secrets.pfx, secrets.pfx_length));
    assert_false(passed(RIG_PIN, strlen(RIG_PIN)));
    for (size_t i = 0; i < secrets.auth_count; i++)
        assert_false(passed(secrets.auth[i], AUTH_LENGTH));
}

static void
live_with_machine_made_values(const char *key)
{
    rig_download_key(&rig, key, file);
    read_credential();
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1",
                 "--keep-credential-key", file, NULL);
    rig_expect(&run, 0, "");
    read_auth_values();
    assert_int_equal(secrets.auth_count, 2);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    expect_no_secret_passed();
}

static void
no_secret_passes_with_rsa(void **state)
{
    (void)state;
    live_with_machine_made_values("rsa2048");
}

static void
no_secret_passes_with_p256(void **state)
{
    (void)state;
    live_with_machine_made_values("p256");
}

static void
no_secret_passes_with_a_pin(void **state)
{
    (void)state;
    rig_write(rig.pin_file, RIG_PIN, strlen(RIG_PIN));
    rig_download_key(&rig, "rsa2048", file);
    read_credential();
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1", "--pin-file",
                 rig.pin_file, file, NULL);
    rig_expect(&run, 0, "");
    read_auth_values();
    assert_int_equal(secrets.auth_count, 0);
    rig_holdfast(&rig, &run, "unregister", "--pin-file", rig.pin_file, NULL);
    rig_expect(&run, 0, "");
    expect_no_secret_passed();
}

static OSSL_PROVIDER *providers[2];

/* A vault's PFX has a certificate in RC2. */
static int
load_providers(void **state)
{
    (void)state;
    providers[0] = OSSL_PROVIDER_load(NULL, "legacy");
    providers[1] = OSSL_PROVIDER_load(NULL, "default");
    return providers[0] != NULL && providers[1] != NULL ? 0 : -1;
}

static int
unload_providers(void **state)
{
    (void)state;
    return OSSL_PROVIDER_unload(providers[0]) == 1 &&
                   OSSL_PROVIDER_unload(providers[1]) == 1
               ? 0
               : -1;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(no_secret_passes_with_rsa),
        TEST(no_secret_passes_with_p256),
        TEST(no_secret_passes_with_a_pin),
    };

    rig_case_begin(argc, argv);
    return cmocka_run_group_tests(tests, load_providers, unload_providers);
}
