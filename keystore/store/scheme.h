/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signature schemes and the types of keys: one row each, with everything
 * that is the same wherever the key is kept.  A new scheme is a row here and,
 * in each back end that has it, a mechanism; a back end without one refuses it
 * as KS_ERR_TOKEN_UNSUPPORTED.  Needs no store.
 */
#ifndef KEYSTORE_STORE_SCHEME_H
#define KEYSTORE_STORE_SCHEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

/* The largest of any row, in bytes. */
#define KEYSTORE_SIGNATURE_MAX 512 /* RSA-4096 */
#define KEYSTORE_DIGEST_MAX 48     /* SHA-384 */
#define KEYSTORE_FIELD_MAX 48      /* P-384 */

/* The rows' keys in messages about another. */
#define SCHEME_OTHER_CURVE "a curve other than P-256 and P-384"
#define SCHEME_OTHER_KEY "neither RSA nor P-256 nor P-384"

enum material_type {
    MATERIAL_RSA = 1,
    MATERIAL_P256,
    MATERIAL_P384,
    MATERIAL__MAX
};

/* Signature schemes by their JOSE names (RFC 7518, 3.1). */
enum keystore_scheme {
    KEYSTORE_RS256 = 1, /* RSASSA-PKCS1-v1_5, SHA-256 */
    KEYSTORE_PS256,     /* RSASSA-PSS, SHA-256, MGF1 SHA-256, salt of 32 */
    KEYSTORE_ES256,     /* ECDSA on P-256, SHA-256 */
    KEYSTORE_ES384,     /* ECDSA on P-384, SHA-384 */
    KEYSTORE_SCHEME__MAX
};

/* How a signature is made and written. */
enum scheme_form {
    SCHEME_PKCS1 = 1, /* RSASSA-PKCS1-v1_5 (RFC 8017, 8.2) */
    SCHEME_PSS,       /* RSASSA-PSS (RFC 8017, 8.1), salt as long as the hash */
    SCHEME_ECDSA, /* r || s from a store and in JOSE (RFC 7518, 3.4), DER in TLS
                     and X.509 (RFC 3279, 2.2.3) */
};

struct scheme {
    const char *jose;
    enum scheme_form form;
    enum material_type type;     /* of the keys */
    const EVP_MD *(*hash)(void); /* of what is signed */
    uint16_t tls;                /* SignatureScheme (RFC 8446, 4.2.3), or 0 */
    const char *tls_name;        /* the same for OpenSSL's lists, or NULL */
    int x509;                    /* OpenSSL's number of the algorithm */
    int x509_type;               /* of its parameters (RFC 4055, RFC 5758) */
    const uint8_t *x509_parameters; /* the inside of their SEQUENCE, in DER */
    size_t x509_length;
};

struct scheme_key {
    const char *name;  /* OpenSSL's, of the key type */
    int bits;          /* 0: any */
    const char *curve; /* NIST's name; NULL: RSA */
    int nid;           /* OpenSSL's number of the curve */
};

/* The rows; NULL where there is none. */
const struct scheme *scheme_row(enum keystore_scheme scheme);
const struct scheme_key *scheme_key(enum material_type type);

/* Whether keys like PUBLIC can sign by SCHEME. */
bool scheme_suits(enum keystore_scheme scheme, EVP_PKEY *public);

/* The scheme that a key like PUBLIC signs with in TLS 1.3, and everywhere else
 * that has no reason for another, or 0. */
enum keystore_scheme scheme_of_key(EVP_PKEY *public);

/* The scheme with the TLS SignatureScheme CODE, or 0. */
enum keystore_scheme scheme_of_tls(uint64_t code);

/* The type of keys like PUBLIC, or 0. */
enum material_type scheme_key_type(EVP_PKEY *public);

/* The type of keys on the curve with OpenSSL's number NID, or 0. */
enum material_type scheme_curve_type(int nid);

/* Length in bytes of the digest that SCHEME signs; 0: no such scheme. */
size_t scheme_digest_length(enum keystore_scheme scheme);

/* Length in bytes of a coordinate, and of a scalar, on TYPE's curve. */
size_t scheme_field_length(enum material_type type);

#endif
