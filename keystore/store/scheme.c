/* SPDX-License-Identifier: Apache-2.0 */
/* The table of signature schemes.  Knows no store and no message. */
#include "keystore/store/scheme.h"

#include <openssl/evp.h>
#include <openssl/objects.h>

/* RSASSA-PSS-params (RFC 4055, 3.1): SHA-256, MGF1 with SHA-256, salt of 32 */
static const uint8_t pss_sha256[] = {
    0x30, 0x34, 0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
    0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa1, 0x1c, 0x30,
    0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
    0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
    0x04, 0x02, 0x01, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x20};

static const struct scheme schemes[] = {
    [KEYSTORE_RS256] = {.jose = "RS256",
                        .form = SCHEME_PKCS1,
                        .type = MATERIAL_RSA,
                        .hash = EVP_sha256,
                        /* no TLS: 1.3 has it for certificates alone */
                        .x509 = NID_sha256WithRSAEncryption,
                        .x509_type = V_ASN1_NULL},
    [KEYSTORE_PS256] = {.jose = "PS256",
                        .form = SCHEME_PSS,
                        .type = MATERIAL_RSA,
                        .hash = EVP_sha256,
                        .tls = 0x0804,
                        .tls_name = "rsa_pss_rsae_sha256",
                        .x509 = NID_rsassaPss,
                        .x509_type = V_ASN1_SEQUENCE,
                        .x509_parameters = pss_sha256,
                        .x509_length = sizeof pss_sha256},
    [KEYSTORE_ES256] = {.jose = "ES256",
                        .form = SCHEME_ECDSA,
                        .type = MATERIAL_P256,
                        .hash = EVP_sha256,
                        .tls = 0x0403,
                        .tls_name = "ecdsa_secp256r1_sha256",
                        .x509 = NID_ecdsa_with_SHA256,
                        .x509_type = V_ASN1_UNDEF},
    [KEYSTORE_ES384] = {.jose = "ES384",
                        .form = SCHEME_ECDSA,
                        .type = MATERIAL_P384,
                        .hash = EVP_sha384,
                        .tls = 0x0503,
                        .tls_name = "ecdsa_secp384r1_sha384",
                        .x509 = NID_ecdsa_with_SHA384,
                        .x509_type = V_ASN1_UNDEF},
};

_Static_assert(sizeof schemes / sizeof schemes[0] == KEYSTORE_SCHEME__MAX,
               "every scheme has its row");

static const struct scheme_key keys[] = {
    [MATERIAL_RSA] = {"RSA", 0, NULL, NID_undef},
    [MATERIAL_P256] = {"EC", 256, "P-256", NID_X9_62_prime256v1},
    [MATERIAL_P384] = {"EC", 384, "P-384", NID_secp384r1},
};

_Static_assert(sizeof keys / sizeof keys[0] == MATERIAL__MAX,
               "every type of keys has its row");

const struct scheme *
scheme_row(enum keystore_scheme scheme)
{
    return scheme > 0 && scheme < KEYSTORE_SCHEME__MAX ? &schemes[scheme]
                                                       : NULL;
}

const struct scheme_key *
scheme_key(enum material_type type)
{
    return type > 0 && type < MATERIAL__MAX ? &keys[type] : NULL;
}

static bool
is_type(enum material_type type, EVP_PKEY *public)
{
    return EVP_PKEY_is_a(public, keys[type].name) == 1 &&
           (keys[type].bits == 0 ||
            keys[type].bits == EVP_PKEY_get_bits(public));
}

bool
scheme_suits(enum keystore_scheme scheme, EVP_PKEY *public)
{
    const struct scheme *row = scheme_row(scheme);

    return row != NULL && is_type(row->type, public);
}

enum keystore_scheme
scheme_of_key(EVP_PKEY *public)
{
    for (unsigned i = 1; i < KEYSTORE_SCHEME__MAX; i++)
        if (schemes[i].tls != 0 && is_type(schemes[i].type, public))
            return (enum keystore_scheme)i;
    return 0;
}

enum keystore_scheme
scheme_of_tls(uint64_t code)
{
    for (unsigned i = 1; i < KEYSTORE_SCHEME__MAX; i++)
        if (schemes[i].tls != 0 && schemes[i].tls == code)
            return (enum keystore_scheme)i;
    return 0;
}

enum material_type
scheme_key_type(EVP_PKEY *public)
{
    for (unsigned i = 1; i < MATERIAL__MAX; i++)
        if (is_type((enum material_type)i, public))
            return (enum material_type)i;
    return 0;
}

enum material_type
scheme_curve_type(int nid)
{
    for (unsigned i = 1; i < MATERIAL__MAX; i++)
        if (keys[i].curve != NULL && keys[i].nid == nid)
            return (enum material_type)i;
    return 0;
}

size_t
scheme_digest_length(enum keystore_scheme scheme)
{
    const struct scheme *row = scheme_row(scheme);

    return row != NULL ? (size_t)EVP_MD_get_size(row->hash()) : 0;
}

size_t
scheme_field_length(enum material_type type)
{
    return ((size_t)keys[type].bits + 7) / 8;
}
