/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL builds the structure; the signature over its to-be-signed part comes
 * from the store, and is checked before anybody else sees the request. */
#include "agent/statement/certificate_request.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/objects.h>
#include <openssl/x509.h>

#include "agent/statement/statement.h"
#include "keystore/store/signature.h"

/* RSASSA-PSS-params (RFC 4055, 3.1): SHA-256, MGF1 with SHA-256, salt of 32 */
static const uint8_t pss[] = {
    0x30, 0x34, 0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
    0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa1, 0x1c, 0x30,
    0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
    0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
    0x04, 0x02, 0x01, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x20};

static bool
set_algorithm(X509_ALGOR *algorithm, int nid, int type,
              const uint8_t *parameters, int length)
{
    ASN1_STRING *value = NULL;

    if (parameters != NULL) {
        value = ASN1_STRING_new();
        if (value == NULL || ASN1_STRING_set(value, parameters, length) != 1 ||
            X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), type, value) != 1) {
            ASN1_STRING_free(value);
            return false;
        }
        return true;
    }
    return X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), type, NULL) == 1;
}

/* RFC 4055 and RFC 5758; a machine key is RSA or EC on a NIST curve. */
static X509_ALGOR *
algorithm_of(enum keystore_scheme scheme)
{
    static const struct {
        int nid;
        int type; /* of the parameters */
        const uint8_t *parameters;
        int length;
    } algorithms[] = {
        [KEYSTORE_RS256] = {NID_sha256WithRSAEncryption, V_ASN1_NULL, NULL, 0},
        [KEYSTORE_PS256] = {NID_rsassaPss, V_ASN1_SEQUENCE, pss, sizeof pss},
        [KEYSTORE_ES256] = {NID_ecdsa_with_SHA256, V_ASN1_UNDEF, NULL, 0},
        [KEYSTORE_ES384] = {NID_ecdsa_with_SHA384, V_ASN1_UNDEF, NULL, 0},
    };
    X509_ALGOR *algorithm = X509_ALGOR_new();

    if (algorithm == NULL ||
        !set_algorithm(algorithm, algorithms[scheme].nid,
                       algorithms[scheme].type, algorithms[scheme].parameters,
                       algorithms[scheme].length)) {
        X509_ALGOR_free(algorithm);
        return NULL;
    }
    return algorithm;
}

/* The signature as RFC 2986 wants it: ECDSA's as DER. */
static ASN1_BIT_STRING *
bit_string(enum keystore_scheme scheme, uint8_t *signature, size_t length)
{
    uint8_t der[KEYSTORE_SIGNATURE_MAX];
    ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();

    if (scheme == KEYSTORE_ES256 || scheme == KEYSTORE_ES384) {
        length = signature_ecdsa_der(signature, length, der);
        signature = der;
    }
    if (bits == NULL || length == 0 ||
        ASN1_BIT_STRING_set(bits, signature, (int)length) != 1) {
        ASN1_BIT_STRING_free(bits);
        return NULL;
    }
    bits->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07);
    bits->flags |= ASN1_STRING_FLAG_BITS_LEFT;
    return bits;
}

static enum ks_err
sign(X509_REQ *request, struct keystore_key *key, enum keystore_scheme scheme,
     struct err_cause *cause)
{
    uint8_t signature[KEYSTORE_SIGNATURE_MAX];
    size_t length = sizeof signature;
    unsigned char *content = NULL;
    X509_ALGOR *algorithm = algorithm_of(scheme);
    ASN1_BIT_STRING *bits = NULL;
    int content_length;
    enum ks_err rc = KS_ERR_INTERNAL;

    if (algorithm == NULL ||
        X509_REQ_set1_signature_algo(request, algorithm) != 1)
        goto out;
    content_length = i2d_re_X509_REQ_tbs(request, &content);
    if (content_length <= 0)
        goto out;
    rc = statement_sign(key, scheme, NULL, content, (size_t)content_length,
                        signature, &length, cause);
    if (rc != KS_OK)
        goto out;
    bits = bit_string(scheme, signature, length);
    if (bits == NULL) {
        rc = KS_ERR_INTERNAL;
        goto out;
    }
    X509_REQ_set0_signature(request, bits);
    bits = NULL; /* transferred */
    rc = KS_OK;
out:
    OPENSSL_free(content);
    X509_ALGOR_free(algorithm);
    ASN1_BIT_STRING_free(bits);
    return rc;
}

enum ks_err
certificate_request_make(struct keystore_key *key, enum keystore_scheme scheme,
                         uint8_t ret[static CERTIFICATE_REQUEST_MAX],
                         size_t *ret_length, struct err_cause *cause)
{
    X509_REQ *request = X509_REQ_new();
    int length;
    enum ks_err rc = KS_ERR_INTERNAL;

    if (request == NULL || X509_REQ_set_version(request, 0) != 1 ||
        X509_REQ_set_pubkey(request, keystore_key_public(key)) != 1) {
        rc = err_set_openssl(cause, rc, "certificate request");
        goto out;
    }
    rc = sign(request, key, scheme, cause);
    if (rc != KS_OK)
        goto out;
    if (X509_REQ_verify(request, keystore_key_public(key)) != 1) {
        rc = err_set_openssl(cause, KS_ERR_TOKEN_FAILED,
                             "the request's signature is wrong");
        goto out;
    }
    length = i2d_X509_REQ(request, NULL);
    if (length <= 0 || length > CERTIFICATE_REQUEST_MAX) {
        rc = err_set(cause, KS_ERR_INTERNAL, "certificate request too long");
        goto out;
    }
    *ret_length = (size_t)i2d_X509_REQ(request, &ret);
    rc = KS_OK;
out:
    X509_REQ_free(request);
    return rc;
}
