/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the public key and nothing else: subject and extensions of a machine's
 * certificate are the vault's to choose. */
#include "tests/vault/service/certification_request.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192

/* The body as one DER structure with nothing behind it; NULL where it is
 * none. */
static X509_REQ *
parse(const struct exchange *exchange)
{
    size_t length = 0;
    uint8_t *der = encoding_from_base64(exchange->body, exchange->length,
                                        &length);
    const unsigned char *at = der;
    X509_REQ *request = NULL;

    if (der != NULL)
        request = d2i_X509_REQ(NULL, &at, (long)length);
    if (request != NULL && at != der + length) {
        X509_REQ_free(request);
        request = NULL;
    }
    free(der);
    ERR_clear_error();
    return request;
}

static bool
is_acceptable(EVP_PKEY *key)
{
    char group[32] = "";
    char encoding[32] = "";

    if (EVP_PKEY_is_a(key, "RSA") == 1)
        return EVP_PKEY_get_bits(key) >= RSA_BITS_MIN &&
               EVP_PKEY_get_bits(key) <= RSA_BITS_MAX;
    (void)EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING,
                                         encoding, sizeof encoding, NULL);
    return EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1 &&
           strcmp(encoding, OSSL_PKEY_EC_ENCODING_GROUP) == 0 &&
           (strcmp(group, "prime256v1") == 0 ||
            strcmp(group, "secp384r1") == 0);
}

static bool
hash_key(X509_REQ *request, char ret[static ENCODING_HASH_HEX])
{
    unsigned char *der = NULL;
    int length = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(request), &der);
    bool done = length > 0 && encoding_hash(der, (size_t)length, ret);

    OPENSSL_free(der);
    return done;
}

EVP_PKEY *
certification_request_key(struct exchange *exchange,
                          char ret_hash[static ENCODING_HASH_HEX])
{
    X509_REQ *request;
    EVP_PKEY *key = NULL;

    if (!exchange_is(exchange, "application/pkcs10")) {
        exchange_refuse_type(exchange, "application/pkcs10");
        return NULL;
    }
    request = parse(exchange);
    if (request != NULL)
        key = X509_REQ_get_pubkey(request);
    if (key == NULL || X509_REQ_verify(request, key) != 1)
        exchange_refuse(exchange, REFUSAL_REQUEST,
                        "the body is no base64 PKCS#10 signed by its own key");
    else if (!is_acceptable(key))
        exchange_refuse(exchange, REFUSAL_REQUEST,
                        "a machine key is on P-256 or P-384, or RSA with 2048 "
                        "bits or more");
    else if (!hash_key(request, ret_hash))
        exchange_fault(exchange);
    ERR_clear_error();
    if (exchange->status != 0) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    X509_REQ_free(request);
    return key;
}
