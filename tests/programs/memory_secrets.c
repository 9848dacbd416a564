/* SPDX-License-Identifier: Apache-2.0 */
/* A number is in memory as bytes, most significant first, or as a BIGNUM, which
 * on this machine is the other way round. */
#include "tests/programs/memory_secrets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include "tests/support/rig.h"
#include "tests/programs/scan_preload.h"

/* {"alg":"ES256","typ":"at+jwt"} in base64url, from the type on: so the vault's
 * access tokens begin (tests/vault/service/access_token.c), and nothing else
 * does. */
#define TOKEN "InR5cCI6ImF0K2p3dCJ9.ey"

#define STEP 64   /* from one piece to the next */
#define BEGIN 128 /* of a PFX: what is the same in every one is before */

static void
add(FILE *out, const char *what, const uint8_t *bytes, size_t length)
{
    struct scan_needle needle = {.length = (uint8_t)length};

    assert_true(length >= 4 && length <= SCAN_LENGTH);
    (void)snprintf(needle.what, sizeof needle.what, "%s", what);
    for (size_t i = 0; i < length; i++)
        needle.bytes[i] = bytes[i] ^ SCAN_MASK;
    assert_int_equal(fwrite(&needle, sizeof needle, 1, out), 1);
}

static void
add_pieces(FILE *out, const char *what, const uint8_t *bytes, size_t length,
           size_t from)
{
    for (; from + SCAN_LENGTH <= length; from += STEP)
        add(out, what, bytes + from, SCAN_LENGTH);
}

static void
add_number(FILE *out, EVP_PKEY *key, const char *what, const char *parameter)
{
    uint8_t bytes[512], turned[sizeof bytes];
    BIGNUM *number = NULL;
    int length;

    assert_int_equal(EVP_PKEY_get_bn_param(key, parameter, &number), 1);
    length = BN_bn2bin(number, bytes);
    for (int i = 0; i < length; i++)
        turned[i] = bytes[length - 1 - i];
    add_pieces(out, what, bytes, (size_t)length, 0);
    add_pieces(out, what, turned, (size_t)length, 0);
    BN_clear_free(number);
}

static void
add_key(FILE *out, EVP_PKEY *key)
{
    if (EVP_PKEY_is_a(key, "EC")) {
        add_number(out, key, "d", OSSL_PKEY_PARAM_PRIV_KEY);
        return;
    }
    add_number(out, key, "d", OSSL_PKEY_PARAM_RSA_D);
    add_number(out, key, "p", OSSL_PKEY_PARAM_RSA_FACTOR1);
    add_number(out, key, "q", OSSL_PKEY_PARAM_RSA_FACTOR2);
    add_number(out, key, "dp", OSSL_PKEY_PARAM_RSA_EXPONENT1);
    add_number(out, key, "dq", OSSL_PKEY_PARAM_RSA_EXPONENT2);
    add_number(out, key, "qinv", OSSL_PKEY_PARAM_RSA_COEFFICIENT1);
}

static EVP_PKEY *
open_pfx(const uint8_t *der, size_t length)
{
    OSSL_PROVIDER *own = OSSL_PROVIDER_load(NULL, "default");
    OSSL_PROVIDER *legacy = OSSL_PROVIDER_load(NULL, "legacy");
    PKCS12 *pfx = d2i_PKCS12(NULL, &der, (long)length);
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;

    assert_true(own != NULL && legacy != NULL);
    assert_int_equal(PKCS12_parse(pfx, "", &key, &certificate, NULL), 1);
    assert_non_null(key);
    X509_free(certificate);
    PKCS12_free(pfx);
    (void)OSSL_PROVIDER_unload(legacy);
    (void)OSSL_PROVIDER_unload(own);
    return key;
}

void
memory_secrets_write(const char *path, const char *file, const char *pin)
{
    static const char tag[] = "<ManagementCert>";
    FILE *out = fopen(path, "we");
    char *text = rig_read(file, NULL);
    char *base64 = strstr(text, tag) + sizeof tag - 1;
    size_t length = strcspn(base64, "<");
    uint8_t *der = malloc(length + 4);
    EVP_PKEY *key;
    int size;

    assert_true(out != NULL && der != NULL);
    base64[length] = '\0';
    size = EVP_DecodeBlock(der, (const unsigned char *)base64, (int)length);
    assert_true(size > 0);
    size -= base64[length - 1] == '=';
    size -= base64[length - 2] == '=';
    add_pieces(out, "base64", (const uint8_t *)base64, length, BEGIN);
    add_pieces(out, "pfx", der, (size_t)size, BEGIN);
    key = open_pfx(der, (size_t)size);
    add_key(out, key);
    add(out, "token", (const uint8_t *)TOKEN, strlen(TOKEN));
    if (pin != NULL)
        add(out, "pin", (const uint8_t *)pin, strlen(pin));
    assert_int_equal(fclose(out), 0);
    EVP_PKEY_free(key);
    free(der);
    free(text);
}
