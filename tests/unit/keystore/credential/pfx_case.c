/* SPDX-License-Identifier: Apache-2.0 */
/* Opening with everything checked that holds for every file. */
#include "tests/unit/keystore/credential/pfx_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#define ARENA (1024 * 1024)

EVP_PKEY *pfx_case_key, *pfx_case_other_key;
X509 *pfx_case_certificate, *pfx_case_other_certificate;

static struct err_cause cause;
static size_t used; /* of the locked arena, before a test */

int
pfx_case_setup(void **state)
{
    (void)state;
    used = CRYPTO_secure_used();
    return 0;
}

/* No leak checker looks into the arena. */
int
pfx_case_teardown(void **state)
{
    (void)state;
    return CRYPTO_secure_used() == used ? 0 : -1;
}

int
pfx_case_make(void **state)
{
    struct fixture_pfx pfx;
    uint8_t byte;

    (void)state;
    if (secret_init(ARENA, &cause) != KS_OK || pfx_init(&cause) != KS_OK) {
        (void)fprintf(stderr, "start: %s\n", cause.text);
        return -1;
    }
    pfx_case_key = fixture_key("RSA-2048");
    pfx_case_other_key = fixture_key("P-256");
    pfx_case_certificate = fixture_certificate(
        &(struct fixture_certificate){.key = pfx_case_key});
    pfx_case_other_certificate = fixture_certificate(
        &(struct fixture_certificate){.key = pfx_case_other_key});
    /* What OpenSSL makes once and keeps is made before a test begins. */
    pfx = pfx_case_windows();
    return RAND_bytes(&byte, 1) == 1 && pfx_case_try(&pfx) == KS_OK ? 0 : -1;
}

int
pfx_case_free(void **state)
{
    (void)state;
    EVP_PKEY_free(pfx_case_key);
    EVP_PKEY_free(pfx_case_other_key);
    X509_free(pfx_case_certificate);
    X509_free(pfx_case_other_certificate);
    return 0;
}

struct fixture_pfx
pfx_case_windows(void)
{
    return fixture_windows(pfx_case_key, pfx_case_certificate);
}

enum ks_err
pfx_case_try_bytes(const void *der, size_t length)
{
    struct secret *found_key = NULL;
    X509 *found = NULL;
    enum ks_err rc;

    cause.text[0] = '\0';
    rc = pfx_open(der, length, &found, &found_key, &cause);
    assert_true((rc == KS_OK) == (found_key != NULL));
    assert_true((rc == KS_OK) == (found != NULL));
    assert_true(rc == KS_OK || cause.text[0] != '\0');
    secret_free(&found_key);
    X509_free(found);
    return rc;
}

enum ks_err
pfx_case_try(const struct fixture_pfx *pfx)
{
    struct fixture_bytes der = fixture_pfx(pfx);
    enum ks_err rc = pfx_case_try_bytes(der.bytes, der.length);

    fixture_free(&der);
    return rc;
}

bool
pfx_case_says(const char *words)
{
    return strstr(cause.text, words) != NULL;
}
