/* SPDX-License-Identifier: Apache-2.0 */
/* One certification serves the vault and strangers: what binds it to this
 * enrolment stands as the challenge in the form that WebAuthn's `tpm` statement
 * wants (W3C Web Authentication, 8.3). */
#include "tests/vault/attestation/verifier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tests/vault/service/encoding.h"

#define HASH 32 /* SHA-256, and a coordinate of P-256 */
#define NONCE 32
#define MODULUS 256 /* RSA-2048 */

static bool
hash_once(const void *bytes, size_t length, uint8_t ret[static HASH])
{
    return EVP_Q_digest(NULL, "SHA256", NULL, bytes, length, ret, NULL) == 1;
}

/* B = SHA-256(N || V || K || C) of docs/attestation.md. */
static bool
bind(const struct attestation_expected *expected, const uint8_t *spki,
     size_t spki_length, uint8_t ret[static HASH])
{
    size_t length = 0;
    uint8_t *nonce = encoding_from_base64url(expected->nonce,
                                             strlen(expected->nonce), &length);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = nonce != NULL && length == NONCE && context != NULL &&
                EVP_DigestInit_ex2(context, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(context, nonce, length) == 1 &&
                EVP_DigestUpdate(context, expected->vault,
                                 strlen(expected->vault)) == 1 &&
                EVP_DigestUpdate(context, spki, spki_length) == 1 &&
                EVP_DigestUpdate(context, expected->certificate_sha256, HASH) ==
                    1 &&
                EVP_DigestFinal_ex(context, ret, NULL) == 1;

    EVP_MD_CTX_free(context);
    free(nonce);
    return done;
}

static bool
write_client_data(const char *vault, const uint8_t challenge[static HASH],
                  struct attestation_binding *ret)
{
    char *text = encoding_base64url(challenge, HASH);
    int length = -1;

    if (text != NULL)
        length = snprintf(ret->client_data, sizeof ret->client_data,
                          "{\"type\":\"webauthn.create\",\"challenge\":\"%s\","
                          "\"origin\":\"urn:holdfast:vault:%s\","
                          "\"crossOrigin\":false}",
                          text, vault);
    free(text);
    ret->client_data_length = length > 0 ? (size_t)length : 0;
    return length > 0 && (size_t)length < sizeof ret->client_data;
}

static void
put(struct attestation_binding *ret, const void *bytes, size_t length)
{
    memcpy(ret->authenticator_data + ret->authenticator_data_length, bytes,
           length);
    ret->authenticator_data_length += length;
}

/* COSE_Key (RFC 9053, 7.1.1) of P-256. */
static bool
put_ec(EVP_PKEY *machine, struct attestation_binding *ret)
{
    static const uint8_t head[] = {0xa5, 1, 2,    3,    0x26,
                                   0x20, 1, 0x21, 0x58, 32};
    static const uint8_t between[] = {0x22, 0x58, 32};
    uint8_t point[1 + 2 * HASH];
    char group[32] = "";
    size_t length = 0;

    if (EVP_PKEY_get_group_name(machine, group, sizeof group, NULL) != 1 ||
        strcmp(group, "prime256v1") != 0 ||
        EVP_PKEY_get_octet_string_param(machine, OSSL_PKEY_PARAM_PUB_KEY, point,
                                        sizeof point, &length) != 1 ||
        length != sizeof point || point[0] != POINT_CONVERSION_UNCOMPRESSED)
        return false;
    put(ret, head, sizeof head);
    put(ret, point + 1, HASH);
    put(ret, between, sizeof between);
    put(ret, point + 1 + HASH, HASH);
    return true;
}

/* The same (RFC 8230, 4) of RSA-2048 with the exponent 65537. */
static bool
put_rsa(EVP_PKEY *machine, struct attestation_binding *ret)
{
    static const uint8_t head[] = {0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x59, 1, 0};
    static const uint8_t exponent[] = {0x21, 0x43, 1, 0, 1};
    uint8_t modulus[MODULUS];
    BIGNUM *n = NULL;
    BIGNUM *e = NULL;
    bool done =
        EVP_PKEY_get_bn_param(machine, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
        EVP_PKEY_get_bn_param(machine, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
        BN_num_bits(n) == 8 * MODULUS && BN_is_word(e, 65537) &&
        BN_bn2binpad(n, modulus, MODULUS) == MODULUS;

    BN_free(n);
    BN_free(e);
    if (!done)
        return false;
    put(ret, head, sizeof head);
    put(ret, modulus, MODULUS);
    put(ret, exponent, sizeof exponent);
    return true;
}

static bool
write_authenticator_data(EVP_PKEY *machine, const uint8_t spki[static HASH],
                         struct attestation_binding *ret)
{
    static const char party[] = "holdfast";
    /* A flag, a counter, and no AAGUID; then a length. */
    static const uint8_t fixed[1 + 4 + 16 + 2] = {[0] = 0x41, [22] = HASH};
    uint8_t hash[HASH];

    ret->authenticator_data_length = 0;
    if (!hash_once(party, sizeof party - 1, hash))
        return false;
    put(ret, hash, HASH);
    put(ret, fixed, sizeof fixed);
    put(ret, spki, HASH);
    return EVP_PKEY_is_a(machine, "RSA") == 1 ? put_rsa(machine, ret)
                                              : put_ec(machine, ret);
}

/* Q = SHA-256(authData || SHA-256(clientDataJSON)). */
static bool
qualify(struct attestation_binding *ret)
{
    uint8_t both[sizeof ret->authenticator_data + HASH];
    size_t length = ret->authenticator_data_length;

    memcpy(both, ret->authenticator_data, length);
    return hash_once(ret->client_data, ret->client_data_length,
                     both + length) &&
           hash_once(both, length + HASH, ret->qualifying);
}

bool
attestation_bind(const struct attestation_expected *expected, EVP_PKEY *machine,
                 struct attestation_binding *ret)
{
    unsigned char *spki = NULL;
    int length = i2d_PUBKEY(machine, &spki);
    uint8_t challenge[HASH];
    uint8_t key[HASH];
    bool done = length > 0 && bind(expected, spki, (size_t)length, challenge) &&
                hash_once(spki, (size_t)length, key) &&
                write_client_data(expected->vault, challenge, ret) &&
                write_authenticator_data(machine, key, ret) && qualify(ret);

    OPENSSL_free(spki);
    return done;
}
