/* SPDX-License-Identifier: Apache-2.0 */
/* Written from docs/attestation.md, "What each statement is bound to". */
#include "tests/vault/rules/attestation_binding.h"

#include <string.h>

#include <openssl/x509.h>
#include <tss2/tss2_mu.h>

#include "tests/vault/rules/rules.h"
#include "tests/vault/rules/tpm.h"

/* --- bytes --- */

const char *
attestation_public(const TPM2B_PUBLIC *public)
{
    uint8_t bytes[1024];
    size_t length = 0;

    tpm_succeed(Tss2_MU_TPMT_PUBLIC_Marshal(&public->publicArea, bytes,
                                            sizeof bytes, &length));
    return statement_base64url(bytes, length);
}

uint8_t *
attestation_decode(const char *text, size_t *ret_length)
{
    size_t length = strlen(text);
    char *padded = kept_format("%s%.*s", text, (int)((4 - length % 4) % 4),
                               "===");
    uint8_t *bytes = kept_new(length + 4);
    int count;

    for (char *c = padded; *c != '\0'; c++)
        *c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
    count = EVP_DecodeBlock(bytes, (unsigned char *)padded,
                            (int)strlen(padded));
    assert_true(count >= 0);
    *ret_length = (size_t)count - (4 - length % 4) % 4;
    return bytes;
}

void
attestation_hash(const void *bytes, size_t length, uint8_t ret[static 32])
{
    assert_int_equal(
        EVP_Q_digest(NULL, "SHA256", NULL, bytes, length, ret, NULL), 1);
}

uint8_t *
attestation_key(EVP_PKEY *key, size_t *ret_length)
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    uint8_t *copy;

    assert_true(length > 0);
    copy = kept_new((size_t)length);
    memcpy(copy, der, (size_t)length);
    OPENSSL_free(der);
    *ret_length = (size_t)length;
    return copy;
}

/* --- what statements are bound to --- */

/* authData of a key on P-256; returns its length. */
static size_t
describe_key(EVP_PKEY *key, uint8_t ret[static 256])
{
    static const uint8_t cose[] = {0xa5, 0x01, 0x02, 0x03, 0x26,
                                   0x20, 0x01, 0x21, 0x58, 0x20};
    size_t length;
    uint8_t *der = attestation_key(key, &length);
    uint8_t *at = ret;

    attestation_hash("holdfast", 8, at);
    at += 32;
    *at++ = 0x41;
    memset(at, 0, 20);
    at += 20;
    *at++ = 0;
    *at++ = 32;
    attestation_hash(der, length, at);
    at += 32;
    memcpy(at, cose, sizeof cose);
    at += sizeof cose;
    /* A SubjectPublicKeyInfo on P-256 ends in x and y. */
    memcpy(at, der + length - 64, 32);
    at += 32;
    *at++ = 0x22;
    *at++ = 0x58;
    *at++ = 0x20;
    memcpy(at, der + length - 32, 32);
    return (size_t)(at + 32 - ret);
}

static void
bind(const char *nonce, const char *vault, EVP_PKEY *key, X509 *certificate,
     uint8_t ret[static 32])
{
    uint8_t bytes[1024];
    size_t length;
    uint8_t *part = attestation_decode(nonce, &length);
    uint8_t *at = bytes;

    memcpy(at, part, length);
    at += length;
    memcpy(at, vault, strlen(vault));
    at += strlen(vault);
    part = attestation_key(key, &length);
    memcpy(at, part, length);
    at += length;
    assert_int_equal(X509_digest(certificate, EVP_sha256(), at, NULL), 1);
    attestation_hash(bytes, (size_t)(at + 32 - bytes), ret);
}

void
attestation_qualify(const char *nonce, const char *vault, EVP_PKEY *key,
                    X509 *certificate, uint8_t ret[static 32])
{
    uint8_t bytes[512];
    uint8_t binding[32];
    size_t length = describe_key(key, bytes);
    const char *client;

    bind(nonce, vault, key, certificate, binding);
    client = kept_format("{\"type\":\"webauthn.create\",\"challenge\":\"%s\","
                         "\"origin\":\"urn:holdfast:vault:%s\","
                         "\"crossOrigin\":false}",
                         statement_base64url(binding, sizeof binding), vault);
    attestation_hash(client, strlen(client), bytes + length);
    attestation_hash(bytes, length + 32, ret);
}
