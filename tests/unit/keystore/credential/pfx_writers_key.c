/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS#8 as others encode it, put together from a key's numbers. */
#include "tests/unit/keystore/credential/pfx_writers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tests/unit/keystore/credential/der_writer.h"

#define POINT_MAX 200

static struct fixture_bytes
null(void)
{
    return pfx_writer_bytes("\x05\x00", 2);
}

/* PrivateKeyInfo of VERSION with TAIL behind the key */
static struct fixture_bytes
info(uint8_t version, struct fixture_bytes algorithm, struct fixture_bytes key,
     struct fixture_bytes tail)
{
    return pfx_writer_put(
        0x30, 4, pfx_writer_put(0x02, 1, pfx_writer_bytes(&version, 1)),
        algorithm, pfx_writer_put(0x04, 1, key), tail);
}

static struct fixture_bytes
nothing(void)
{
    return pfx_writer_bytes("", 0);
}

static struct fixture_bytes
rsa_algorithm(void)
{
    return pfx_writer_put(0x30, 2, pfx_writer_oid(NID_rsaEncryption), null());
}

/* An INTEGER of NUMBER as ZEROS zero bytes and those that it needs */
static struct fixture_bytes
integer(const BIGNUM *number, size_t zeros)
{
    uint8_t bytes[1024] = {0};
    int length = BN_bn2bin(number, bytes + zeros);

    return pfx_writer_put(0x02, 1,
                          pfx_writer_bytes(bytes, zeros + (size_t)length));
}

/* RSAPrivateKey of VERSION with ZEROS in front of each number, without the last
 * LACKING of them */
static struct fixture_bytes
rsa(EVP_PKEY *key, uint8_t version, size_t zeros, size_t lacking)
{
    struct fixture_bytes all = pfx_writer_put(0x02, 1,
                                              pfx_writer_bytes(&version, 1));

    for (size_t i = 0; i < DER_WRITER_NUMBERS - lacking; i++) {
        BIGNUM *number = NULL;

        FIXTURE_NEED(EVP_PKEY_get_bn_param(key, der_writer_names[i], &number) ==
                     1);
        all = pfx_writer_join(all, integer(number, zeros));
        BN_clear_free(number);
    }
    return pfx_writer_put(0x30, 1, all);
}

struct fixture_bytes
pfx_writers_long(EVP_PKEY *key)
{
    return pfx_writer_reform(fixture_pkcs8(key), PFX_WRITER_LONG);
}

struct fixture_bytes
pfx_writers_indefinite(EVP_PKEY *key)
{
    return pfx_writer_reform(fixture_pkcs8(key), PFX_WRITER_PIECES);
}

struct fixture_bytes
pfx_writers_rsa_without_parameters(EVP_PKEY *key)
{
    return info(0, pfx_writer_put(0x30, 1, pfx_writer_oid(NID_rsaEncryption)),
                rsa(key, 0, 1, 0), nothing());
}

struct fixture_bytes
pfx_writers_rsa_of_x509(EVP_PKEY *key)
{
    return info(0, pfx_writer_put(0x30, 2, pfx_writer_oid(NID_rsa), null()),
                rsa(key, 0, 1, 0), nothing());
}

struct fixture_bytes
pfx_writers_rsa_in_ber(EVP_PKEY *key)
{
    return info(0, rsa_algorithm(),
                pfx_writer_reform(rsa(key, 0, 1, 0), PFX_WRITER_INDEFINITE),
                nothing());
}

struct fixture_bytes
pfx_writers_rsa_negative(EVP_PKEY *key)
{
    return info(0, rsa_algorithm(), rsa(key, 0, 0, 0), nothing());
}

struct fixture_bytes
pfx_writers_rsa_zeros_in_front(EVP_PKEY *key)
{
    return info(0, rsa_algorithm(), rsa(key, 0, 5, 0), nothing());
}

struct fixture_bytes
pfx_writers_rsa_three_primes(EVP_PKEY *key)
{
    return info(0, rsa_algorithm(), rsa(key, 1, 1, 0), nothing());
}

struct fixture_bytes
pfx_writers_rsa_without_coefficient(EVP_PKEY *key)
{
    return info(0, rsa_algorithm(), rsa(key, 0, 1, 1), nothing());
}

/* Bytes behind the key, as of a writer that encrypts whole blocks itself */
struct fixture_bytes
pfx_writers_padded(EVP_PKEY *key)
{
    return info(0, rsa_algorithm(),
                pfx_writer_join(rsa(key, 0, 1, 0),
                                pfx_writer_bytes("\0\0\0\0\0\0\0", 8)),
                nothing());
}

/* OneAsymmetricKey (RFC 5958) with its public key */
struct fixture_bytes
pfx_writers_version_2(EVP_PKEY *key)
{
    static const uint8_t public[] = {0x81, 0x03, 0x00, 0x30, 0x00};

    return info(1, rsa_algorithm(), rsa(key, 0, 1, 0),
                pfx_writer_bytes(public, sizeof public));
}

struct fixture_bytes
pfx_writers_attributes(EVP_PKEY *key)
{
    PKCS8_PRIV_KEY_INFO *made = EVP_PKEY2PKCS8(key);
    struct fixture_bytes ret = {NULL, 0};

    FIXTURE_NEED(made != NULL);
    FIXTURE_NEED(
        PKCS8_pkey_add1_attr_by_NID(made, NID_friendlyName, MBSTRING_UTF8,
                                    (const unsigned char *)"vault", 5) == 1);
    ret.length = (size_t)i2d_PKCS8_PRIV_KEY_INFO(made, &ret.bytes);
    PKCS8_PRIV_KEY_INFO_free(made);
    return ret;
}

static EC_GROUP *
group_of(EVP_PKEY *key)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(
        EVP_PKEY_get_bits(key) == 256 ? NID_X9_62_prime256v1 : NID_secp384r1);

    FIXTURE_NEED(group != NULL);
    return group;
}

/* The curve by its numbers, or by its name */
static struct fixture_bytes
curve(EVP_PKEY *key, int flag)
{
    EC_GROUP *group = group_of(key);
    struct fixture_bytes ret = {NULL, 0};

    EC_GROUP_set_asn1_flag(group, flag);
    ret.length = (size_t)i2d_ECPKParameters(group, &ret.bytes);
    FIXTURE_NEED(ret.bytes != NULL);
    EC_GROUP_free(group);
    return ret;
}

static struct fixture_bytes
ec_algorithm(struct fixture_bytes parameters)
{
    return pfx_writer_put(0x30, 2, pfx_writer_oid(NID_X9_62_id_ecPublicKey),
                          parameters);
}

/* The scalar, LENGTH bytes, in an OCTET STRING */
static struct fixture_bytes
scalar(EVP_PKEY *key, int length)
{
    BIGNUM *number = NULL;
    uint8_t bytes[POINT_MAX];

    FIXTURE_NEED(
        EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1);
    FIXTURE_NEED(BN_bn2binpad(number, bytes, length) == length);
    BN_clear_free(number);
    return pfx_writer_put(0x04, 1, pfx_writer_bytes(bytes, (size_t)length));
}

static int
width(EVP_PKEY *key)
{
    return EVP_PKEY_get_bits(key) / 8;
}

/* ECPrivateKey of a scalar and what may follow it */
static struct fixture_bytes
ec(struct fixture_bytes number, struct fixture_bytes options)
{
    return pfx_writer_put(0x30, 3, pfx_writer_bytes("\x02\x01\x01", 3), number,
                          options);
}

struct fixture_bytes
pfx_writers_ec_explicit(EVP_PKEY *key)
{
    return info(0, ec_algorithm(curve(key, OPENSSL_EC_EXPLICIT_CURVE)),
                ec(scalar(key, width(key)), nothing()), nothing());
}

struct fixture_bytes
pfx_writers_ec_explicit_inside(EVP_PKEY *key)
{
    return info(
        0, ec_algorithm(curve(key, OPENSSL_EC_NAMED_CURVE)),
        ec(scalar(key, width(key)),
           pfx_writer_put(0xa0, 1, curve(key, OPENSSL_EC_EXPLICIT_CURVE))),
        nothing());
}

struct fixture_bytes
pfx_writers_ec_named_twice(EVP_PKEY *key)
{
    return info(0, ec_algorithm(curve(key, OPENSSL_EC_NAMED_CURVE)),
                ec(scalar(key, width(key)),
                   pfx_writer_put(0xa0, 1, curve(key, OPENSSL_EC_NAMED_CURVE))),
                nothing());
}

struct fixture_bytes
pfx_writers_ec_bare(EVP_PKEY *key)
{
    return info(0, ec_algorithm(curve(key, OPENSSL_EC_NAMED_CURVE)),
                ec(scalar(key, width(key)), nothing()), nothing());
}

struct fixture_bytes
pfx_writers_ec_compressed(EVP_PKEY *key)
{
    uint8_t point[POINT_MAX] = {0}; /* with the unused bits of a BIT STRING */
    size_t length = 0;
    size_t half = (size_t)width(key);

    FIXTURE_NEED(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY,
                                                 point + 1, POINT_MAX - 1,
                                                 &length) == 1);
    point[1] = 0x02 | (point[length] & 1);
    return info(
        0, ec_algorithm(curve(key, OPENSSL_EC_NAMED_CURVE)),
        ec(scalar(key, width(key)),
           pfx_writer_put(
               0xa1, 1,
               pfx_writer_put(0x03, 1, pfx_writer_bytes(point, half + 2)))),
        nothing());
}

/* A public key that is none */
struct fixture_bytes
pfx_writers_ec_no_point(EVP_PKEY *key)
{
    static const uint8_t none[] = {0x03, 0x03, 0x00, 0x04, 0x01};

    return info(
        0, ec_algorithm(curve(key, OPENSSL_EC_NAMED_CURVE)),
        ec(scalar(key, width(key)),
           pfx_writer_put(0xa1, 1, pfx_writer_bytes(none, sizeof none))),
        nothing());
}

struct fixture_bytes
pfx_writers_ec_zeros_in_front(EVP_PKEY *key)
{
    return info(0, ec_algorithm(curve(key, OPENSSL_EC_NAMED_CURVE)),
                ec(scalar(key, width(key) + 1), nothing()), nothing());
}

/* As many bytes as the number has: less than the curve's width */
struct fixture_bytes
pfx_writers_ec_short(EVP_PKEY *key)
{
    return info(0, ec_algorithm(curve(key, OPENSSL_EC_NAMED_CURVE)),
                ec(scalar(key, width(key) - 1), nothing()), nothing());
}

struct fixture_bytes
pfx_writers_ec_pieces(EVP_PKEY *key)
{
    return info(0, ec_algorithm(curve(key, OPENSSL_EC_NAMED_CURVE)),
                pfx_writer_reform(ec(scalar(key, width(key)), nothing()),
                                  PFX_WRITER_PIECES),
                nothing());
}

struct fixture_bytes
pfx_writers_ec_without_curve(EVP_PKEY *key)
{
    return info(0, ec_algorithm(null()), ec(scalar(key, width(key)), nothing()),
                nothing());
}
