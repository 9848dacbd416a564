/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing with everything checked that holds for every file. */
#include "tests/unit/keystore/credential/credential_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tests/unit/keystore/credential/fixture_pfx.h"

#define ARENA (1024 * 1024)

EVP_PKEY *credential_case_key;
X509 *credential_case_certificate;
char *credential_case_base64;
struct err_cause credential_case_cause;

static char fields[CREDENTIAL__MAX][CREDENTIAL_TEXT_MAX];
static size_t used; /* of the locked arena, before a test */

int
credential_case_setup(void **state)
{
    (void)state;
    used = CRYPTO_secure_used();
    return 0;
}

/* No leak checker looks into the arena. */
int
credential_case_teardown(void **state)
{
    (void)state;
    return CRYPTO_secure_used() == used ? 0 : -1;
}

int
credential_case_make(void **state)
{
    struct fixture_pfx pfx;
    struct fixture_bytes der;

    (void)state;
    if (secret_init(ARENA, &credential_case_cause) != KS_OK ||
        credential_parse_init(&credential_case_cause) != KS_OK) {
        (void)fprintf(stderr, "start: %s\n", credential_case_cause.text);
        return -1;
    }
    credential_case_key = fixture_key("RSA-2048");
    credential_case_certificate = fixture_certificate(
        &(struct fixture_certificate){.key = credential_case_key});
    pfx = fixture_windows(credential_case_key, credential_case_certificate);
    der = fixture_pfx(&pfx);
    credential_case_base64 = fixture_base64(der.bytes, der.length);
    fixture_free(&der);
    return 0;
}

int
credential_case_free(void **state)
{
    (void)state;
    EVP_PKEY_free(credential_case_key);
    X509_free(credential_case_certificate);
    free(credential_case_base64);
    return 0;
}

char *
credential_case_xml(void)
{
    return fixture_xml(credential_case_base64);
}

static void
remember_fields(const struct credential *credential)
{
    for (size_t i = 0; i < CREDENTIAL__MAX; i++)
        (void)snprintf(fields[i], sizeof fields[i], "%s",
                       credential != NULL ? credential->text[i] : "");
}

enum ks_err
credential_case_try(const void *file, size_t length)
{
    struct secret *secret = fixture_secret(file, length);
    struct credential *credential = NULL;
    struct secret *key = NULL;
    enum ks_err rc;

    credential_case_cause.text[0] = '\0';
    rc = credential_parse(secret, &credential, &key, &credential_case_cause);
    assert_true((rc == KS_OK) == (credential != NULL));
    assert_true((rc == KS_OK) == (key != NULL));
    if (rc == KS_OK)
        assert_non_null(credential->certificate);
    else
        assert_true(credential_case_cause.text[0] != '\0');
    remember_fields(credential);
    secret_free(&key);
    credential_free(&credential);
    secret_free(&secret);
    return rc;
}

enum ks_err
credential_case_try_text(char *text)
{
    enum ks_err rc = credential_case_try(text, strlen(text));

    free(text);
    return rc;
}

const char *
credential_case_field(enum credential_field field)
{
    return fields[field];
}
