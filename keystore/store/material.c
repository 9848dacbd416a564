/* SPDX-License-Identifier: Apache-2.0 */
/* Private key material read in place, and the least that a key must be.  Must
 * neither copy a number nor hand it to OpenSSL. */
#include "keystore/store/material.h"

#include <stdbool.h>

#include <openssl/objects.h>

#include "keystore/base/der.h"
#include "keystore/base/limits.h"

#define EXPONENT_MIN_BITS 17 /* 65537; FIPS 186-5, 5.1 */
#define EXPONENT_MAX_BYTES 32

/* The contents of the object identifiers (RFC 3279, 2.3.1; RFC 5480, 2.1.1);
 * OpenSSL knows those of the curves. */
static const uint8_t oid_rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7,
                                  0x0d, 0x01, 0x01, 0x01};
static const uint8_t oid_ec[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};

static enum ks_err
malformed(struct err_cause *cause, const char *what)
{
    return err_set(cause, KS_ERR_CRED_FORMAT, "private key: %s", what);
}

static enum ks_err
weak(struct err_cause *cause, const char *what)
{
    return err_set(cause, KS_ERR_CRED_WEAK, "private key: %s", what);
}

static unsigned
bit_length(const struct material_number *number)
{
    unsigned bits = (unsigned)number->length * 8;

    if (number->length == 0)
        return 0;
    for (uint8_t top = number->bytes[0]; top < 0x80; top = (uint8_t)(top << 1))
        bits--;
    return bits;
}

static bool
is_odd(const struct material_number *number)
{
    return number->length > 0 && (number->bytes[number->length - 1] & 1) == 1;
}

static bool
take_number(struct der *from, struct material_number *ret)
{
    struct der number;

    if (!der_take_unsigned(from, &number))
        return false;
    *ret = (struct material_number){number.bytes, number.left};
    return true;
}

static enum ks_err
check_rsa(const struct material *rsa, struct err_cause *cause)
{
    size_t half = (rsa->n.length + 1) / 2;

    if (rsa->bits < LIMITS_RSA_BITS_MIN || rsa->bits > LIMITS_RSA_BITS_MAX)
        return err_set(cause, KS_ERR_CRED_WEAK, "private key: RSA of %u bits",
                       rsa->bits);
    if (!is_odd(&rsa->e) || bit_length(&rsa->e) < EXPONENT_MIN_BITS ||
        rsa->e.length > EXPONENT_MAX_BYTES)
        return weak(cause, "the public exponent");
    if (!is_odd(&rsa->n) || !is_odd(&rsa->p) || !is_odd(&rsa->q) ||
        !is_odd(&rsa->d) || rsa->d.length > rsa->n.length)
        return malformed(cause, "numbers that RSA cannot have");
    /* The numbers that fit in half of the modulus each, as stores want them. */
    if (rsa->p.length > half || rsa->q.length > half || rsa->dp.length > half ||
        rsa->dq.length > half || rsa->qi.length > half)
        return weak(cause, "primes of unequal size");
    return KS_OK;
}

/* RSAPrivateKey (RFC 8017, A.1.2) of two primes */
static enum ks_err
parse_rsa(struct der *parameters, struct der key, struct material *ret,
          struct err_cause *cause)
{
    struct der none;
    struct der rsa;
    struct material_number version;

    if (!der_take(parameters, DER_NULL, &none) || none.left != 0 ||
        parameters->left != 0)
        return malformed(cause, "parameters of RSA");
    if (!der_take(&key, DER_SEQUENCE, &rsa) || key.left != 0 ||
        !take_number(&rsa, &version))
        return malformed(cause, "not an RSAPrivateKey");
    if (version.length != 0)
        return weak(cause, "RSA with more than two primes");
    if (!take_number(&rsa, &ret->n) || !take_number(&rsa, &ret->e) ||
        !take_number(&rsa, &ret->d) || !take_number(&rsa, &ret->p) ||
        !take_number(&rsa, &ret->q) || !take_number(&rsa, &ret->dp) ||
        !take_number(&rsa, &ret->dq) || !take_number(&rsa, &ret->qi) ||
        rsa.left != 0)
        return malformed(cause, "not an RSAPrivateKey");
    ret->type = MATERIAL_RSA;
    ret->bits = bit_length(&ret->n);
    return check_rsa(ret, cause);
}

/* The type of keys on the curve that OID names, or 0 */
static enum material_type
type_of_oid(const struct der *oid)
{
    for (unsigned i = 1; i < MATERIAL__MAX; i++) {
        const struct scheme_key *row = scheme_key((enum material_type)i);
        const ASN1_OBJECT *curve = OBJ_nid2obj(row->nid);

        if (row->curve != NULL &&
            der_equals(oid, OBJ_get0_data(curve), OBJ_length(curve)))
            return (enum material_type)i;
    }
    return 0;
}

/* Parts that may follow the scalar: the curve once more and the public key. */
static bool
take_ec_options(struct der *ec, enum material_type type)
{
    struct der option;
    struct der inner;

    if (der_take(ec, DER_CONTEXT + 0, &option) &&
        (!der_take(&option, DER_OID, &inner) || option.left != 0 ||
         type_of_oid(&inner) != type))
        return false;
    if (der_take(ec, DER_CONTEXT + 1, &option) &&
        (!der_take(&option, DER_BIT_STRING, &inner) || option.left != 0))
        return false;
    return ec->left == 0;
}

/* ECPrivateKey (RFC 5915) on a named curve */
static enum ks_err
parse_ec(struct der *parameters, struct der key, struct material *ret,
         struct err_cause *cause)
{
    struct der oid;
    struct der ec;
    struct der scalar;
    struct material_number version;
    enum material_type type;

    if (!der_take(parameters, DER_OID, &oid) || parameters->left != 0)
        return weak(cause, "a curve that is not named");
    type = type_of_oid(&oid);
    if (type == 0)
        return weak(cause, SCHEME_OTHER_CURVE);
    if (!der_take(&key, DER_SEQUENCE, &ec) || key.left != 0 ||
        !take_number(&ec, &version) || version.length != 1 ||
        version.bytes[0] != 1 || !der_take(&ec, DER_OCTET_STRING, &scalar) ||
        scalar.left != scheme_field_length(type) || !take_ec_options(&ec, type))
        return malformed(cause, "not an ECPrivateKey");
    ret->type = type;
    ret->bits = (unsigned)scheme_key(type)->bits;
    ret->scalar = (struct material_number){scalar.bytes, scalar.left};
    return KS_OK;
}

/* PrivateKeyInfo (RFC 5208, 5), the attributes passed over */
static bool
open_pkcs8(struct der all, struct der *ret_oid, struct der *ret_parameters,
           struct der *ret_key, struct material_number *ret_content)
{
    struct der info;
    struct der algorithm;
    struct der attributes;
    struct material_number version;
    const uint8_t *begin;

    if (!der_take(&all, DER_SEQUENCE, &info) || all.left != 0)
        return false;
    begin = info.bytes;
    if (!take_number(&info, &version) || version.length != 0 ||
        !der_take(&info, DER_SEQUENCE, &algorithm) ||
        !der_take(&algorithm, DER_OID, ret_oid) ||
        !der_take(&info, DER_OCTET_STRING, ret_key))
        return false;
    *ret_content = (struct material_number){begin,
                                            (size_t)(info.bytes - begin)};
    (void)der_take(&info, DER_CONTEXT + 0, &attributes);
    *ret_parameters = algorithm;
    return info.left == 0;
}

enum ks_err
material_parse(const uint8_t *der, size_t length, struct material *ret,
               struct err_cause *cause)
{
    struct material material = {0};
    struct der oid;
    struct der parameters;
    struct der key;
    enum ks_err rc;

    if (!open_pkcs8((struct der){der, length}, &oid, &parameters, &key,
                    &material.content))
        return malformed(cause, "not a PKCS#8 PrivateKeyInfo");
    if (der_equals(&oid, oid_rsa, sizeof oid_rsa))
        rc = parse_rsa(&parameters, key, &material, cause);
    else if (der_equals(&oid, oid_ec, sizeof oid_ec))
        rc = parse_ec(&parameters, key, &material, cause);
    else
        rc = weak(cause, "neither RSA nor EC");
    if (rc == KS_OK)
        *ret = material;
    return rc;
}
