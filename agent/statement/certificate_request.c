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

static bool
set_algorithm(X509_ALGOR *algorithm, const struct scheme *scheme)
{
    ASN1_OBJECT *object = OBJ_nid2obj(scheme->x509);
    ASN1_STRING *value = NULL;

    if (scheme->x509_parameters == NULL)
        return X509_ALGOR_set0(algorithm, object, scheme->x509_type, NULL) == 1;
    value = ASN1_STRING_new();
    if (value == NULL ||
        ASN1_STRING_set(value, scheme->x509_parameters,
                        (int)scheme->x509_length) != 1 ||
        X509_ALGOR_set0(algorithm, object, scheme->x509_type, value) != 1) {
        ASN1_STRING_free(value);
        return false;
    }
    return true;
}

static X509_ALGOR *
algorithm_of(enum keystore_scheme scheme)
{
    const struct scheme *row = scheme_row(scheme);
    X509_ALGOR *algorithm = X509_ALGOR_new();

    if (row == NULL || algorithm == NULL || !set_algorithm(algorithm, row)) {
        X509_ALGOR_free(algorithm);
        return NULL;
    }
    return algorithm;
}

/* The signature as RFC 2986 wants it: ECDSA's as DER. */
static ASN1_BIT_STRING *
bit_string(enum keystore_scheme scheme,
           const struct keystore_signature *signature)
{
    struct keystore_signature standard;
    ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();

    if (bits == NULL || !signature_standard(scheme, signature, &standard) ||
        ASN1_BIT_STRING_set(bits, standard.bytes, (int)standard.length) != 1) {
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
    struct keystore_signature signature;
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
    rc = statement_sign(
        key, scheme,
        &(struct statement_bytes){.content = content,
                                  .length = (size_t)content_length},
        &signature, cause);
    if (rc != KS_OK)
        goto out;
    bits = bit_string(scheme, &signature);
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
