/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes are WebAuthn's (W3C Web Authentication, 6.5 and 8.3), because that
 * is what strangers check. */
#include "agent/statement/attestation.h"

#include <stdio.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "agent/statement/jws.h"
#include "keystore/base/base64url.h"

#define HASH 32
#define FIELD 32         /* of P-256 */
#define MODULUS 256      /* of RSA-2048 */
#define COSE_MAX 320     /* RSA-2048's has 272 */
#define CLIENT_MAX 256   /* with a V of 20 characters 141 */
#define PARTY "holdfast" /* the relying party's id */

static const char *const words[] = {
    [ATTESTATION_OFF] = "off",
    [ATTESTATION_TRY] = "try",
    [ATTESTATION_REQUIRE] = "require",
};

_Static_assert(sizeof words / sizeof words[0] == ATTESTATION_MODE__MAX,
               "every mode has its word");

const char *
attestation_mode_word(enum attestation_mode mode)
{
    return words[mode];
}

bool
attestation_mode_find(const char *word, enum attestation_mode *ret)
{
    for (int i = 0; i < ATTESTATION_MODE__MAX; i++)
        if (strcmp(word, words[i]) == 0) {
            *ret = (enum attestation_mode)i;
            return true;
        }
    return false;
}

/* Bytes that are hashed behind others. */
struct part {
    const void *at;
    size_t length;
};

#define PARTS 5

/* SHA-256 of PARTS, of which those without a length are passed over. */
static bool
hash_parts(const struct part parts[static PARTS], uint8_t ret[static HASH])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context != NULL &&
                EVP_DigestInit_ex2(context, EVP_sha256(), NULL) == 1;

    for (size_t i = 0; done && i < PARTS; i++)
        done = EVP_DigestUpdate(context, parts[i].at, parts[i].length) == 1;
    done = done && EVP_DigestFinal_ex(context, ret, NULL) == 1;
    EVP_MD_CTX_free(context);
    return done;
}

/* The parameter NAME of KEY as exactly LENGTH bytes. */
static bool
put_number(EVP_PKEY *key, const char *name, uint8_t *ret, size_t length)
{
    BIGNUM *number = NULL;
    bool done = EVP_PKEY_get_bn_param(key, name, &number) == 1 &&
                BN_bn2binpad(number, ret, (int)length) == (int)length;

    BN_free(number);
    return done;
}

/* RFC 9053, 7.1.1: kty EC2, alg ES256, crv P-256, x, y. */
static bool
put_ec(EVP_PKEY *key, uint8_t ret[static COSE_MAX], size_t *ret_length)
{
    static const uint8_t x[] = {0xa5, 0x01, 0x02, 0x03, 0x26,
                                0x20, 0x01, 0x21, 0x58, FIELD};
    static const uint8_t y[] = {0x22, 0x58, FIELD};
    uint8_t *at = ret + sizeof x;

    memcpy(ret, x, sizeof x);
    memcpy(at + FIELD, y, sizeof y);
    *ret_length = sizeof x + FIELD + sizeof y + FIELD;
    return put_number(key, OSSL_PKEY_PARAM_EC_PUB_X, at, FIELD) &&
           put_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, at + FIELD + sizeof y,
                      FIELD);
}

/* RFC 8230, 4: kty RSA, alg RS256, n, e. */
static bool
put_rsa(EVP_PKEY *key, uint8_t ret[static COSE_MAX], size_t *ret_length)
{
    static const uint8_t n[] = {0xa4, 0x01, 0x03, 0x03, 0x39, 0x01,
                                0x00, 0x20, 0x59, 0x01, 0x00};
    static const uint8_t e[] = {0x21, 0x43, 0x01, 0x00, 0x01};
    uint8_t exponent[3];
    uint8_t *at = ret + sizeof n;

    memcpy(ret, n, sizeof n);
    memcpy(at + MODULUS, e, sizeof e);
    *ret_length = sizeof n + MODULUS + sizeof e;
    return EVP_PKEY_get_bits(key) == 8 * MODULUS &&
           put_number(key, OSSL_PKEY_PARAM_RSA_N, at, MODULUS) &&
           put_number(key, OSSL_PKEY_PARAM_RSA_E, exponent, sizeof exponent) &&
           memcmp(exponent, e + 2, sizeof exponent) == 0;
}

static bool
put_cose(EVP_PKEY *key, uint8_t ret[static COSE_MAX], size_t *ret_length)
{
    enum material_type type = scheme_key_type(key);

    return (type == MATERIAL_P256 && put_ec(key, ret, ret_length)) ||
           (type == MATERIAL_RSA && put_rsa(key, ret, ret_length));
}

/* Q of the public key's DER and COSE_Key, and of clientDataJSON. */
static bool
hash_all(const struct part *spki, const struct part *cose, const char *client,
         uint8_t ret[static HASH])
{
    /* Flags, counter, AAGUID, length of the credential's id. */
    static const uint8_t middle[1 + 4 + 16 + 2] = {0x41, [22] = HASH};
    uint8_t party[HASH], id[HASH], client_hash[HASH];
    const struct part of_party[PARTS] = {{PARTY, strlen(PARTY)}};
    const struct part of_id[PARTS] = {*spki};
    const struct part of_client[PARTS] = {{client, strlen(client)}};
    const struct part all[PARTS] = {{party, HASH},
                                    {middle, sizeof middle},
                                    {id, HASH},
                                    *cose,
                                    {client_hash, HASH}};

    return hash_parts(of_party, party) && hash_parts(of_id, id) &&
           hash_parts(of_client, client_hash) && hash_parts(all, ret);
}

/* clientDataJSON; false where V is no number, which alone needs no escaping. */
static bool
put_client(const char *vault, const uint8_t b[static HASH],
           char ret[static CLIENT_MAX])
{
    char challenge[JWS_HASH_TEXT_LENGTH + 2];
    int length;

    if (*vault == '\0' || vault[strspn(vault, "-0123456789")] != '\0')
        return false;
    jws_base64url(b, HASH, challenge);
    length = snprintf(ret, CLIENT_MAX,
                      "{\"type\":\"webauthn.create\",\"challenge\":\"%s\","
                      "\"origin\":\"urn:holdfast:vault:%s\","
                      "\"crossOrigin\":false}",
                      challenge, vault);
    return length > 0 && length < CLIENT_MAX;
}

/* SPKI and COSE are the key's DER and COSE_Key. */
static enum ks_err
bind(const struct attestation_binding *binding, const struct part *spki,
     const struct part *cose, uint8_t ret[static HASH], struct err_cause *cause)
{
    uint8_t nonce[HASH], b[HASH];
    size_t length = 0;
    char client[CLIENT_MAX];
    const struct part parts[PARTS] = {{nonce, sizeof nonce},
                                      {binding->vault, strlen(binding->vault)},
                                      *spki,
                                      {binding->certificate, HASH}};

    if (!base64url_read(binding->nonce, nonce, sizeof nonce, &length) ||
        length != sizeof nonce)
        return err_set(cause, KS_ERR_NET_REPLY,
                       "its nonce is not 32 bytes in base64url");
    if (!hash_parts(parts, b))
        return err_set_openssl(cause, KS_ERR_INTERNAL, "binding");
    if (!put_client(binding->vault, b, client))
        return err_set(cause, KS_ERR_STATEMENT, "the vault has no number");
    return hash_all(spki, cose, client, ret)
               ? KS_OK
               : err_set_openssl(cause, KS_ERR_INTERNAL, "qualifying data");
}

enum ks_err
attestation_qualifying(const struct attestation_binding *binding,
                       uint8_t ret[static 32], struct err_cause *cause)
{
    uint8_t cose[COSE_MAX];
    size_t cose_length = 0;
    unsigned char *der = NULL;
    int length;
    enum ks_err rc;

    if (!put_cose(binding->machine, cose, &cose_length))
        return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                       "a machine key that is neither P-256 nor RSA-2048");
    length = i2d_PUBKEY(binding->machine, &der);
    if (length <= 0)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "public key");
    rc = bind(binding, &(struct part){der, (size_t)length},
              &(struct part){cose, cose_length}, ret, cause);
    OPENSSL_free(der);
    return rc;
}
