/* SPDX-License-Identifier: Apache-2.0 */
/* Is this private key the half of that public one?  Must never make an EVP_PKEY
 * of private numbers: OpenSSL would keep copies.  What is calculated with them
 * lives in the secure heap and is cleared. */
#include "keystore/store/material.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

static enum ks_err
mismatch(struct err_cause *cause, const char *what)
{
    return err_set(cause, KS_ERR_CRED_MISMATCH, "%s", what);
}

static enum ks_err
failed(struct err_cause *cause)
{
    return err_set_openssl(cause, KS_ERR_INTERNAL, "compare keys");
}

/* NUMBER in the secure heap, until CONTEXT ends; NULL without memory */
static BIGNUM *
load(const struct material_number *number, BN_CTX *context)
{
    BIGNUM *ret = BN_CTX_get(context);

    return ret != NULL ? BN_bin2bn(number->bytes, (int)number->length, ret)
                       : NULL;
}

/* D and its remainder EXPONENT for one prime: is each the inverse of E? */
static enum ks_err
match_exponent(const struct material *rsa, const struct material_number *prime,
               const struct material_number *exponent, BN_CTX *context,
               struct err_cause *cause)
{
    BIGNUM *e = load(&rsa->e, context);
    BIGNUM *d = load(&rsa->d, context);
    BIGNUM *order = load(prime, context);
    BIGNUM *expected = load(exponent, context);
    BIGNUM *value = BN_CTX_get(context);

    if (e == NULL || d == NULL || order == NULL || expected == NULL ||
        value == NULL || BN_sub_word(order, 1) != 1 ||
        BN_mod(value, d, order, context) != 1)
        return failed(cause);
    if (BN_cmp(value, expected) != 0)
        return mismatch(cause, "the exponents contradict each other");
    if (BN_mod_mul(value, e, expected, order, context) != 1)
        return failed(cause);
    return BN_is_one(value) ? KS_OK
                            : mismatch(cause, "the exponents are no inverses");
}

static enum ks_err
match_primes(const struct material *rsa, BN_CTX *context,
             struct err_cause *cause)
{
    BIGNUM *n = load(&rsa->n, context);
    BIGNUM *p = load(&rsa->p, context);
    BIGNUM *q = load(&rsa->q, context);
    BIGNUM *qi = load(&rsa->qi, context);
    BIGNUM *value = BN_CTX_get(context);

    if (n == NULL || p == NULL || q == NULL || qi == NULL || value == NULL ||
        BN_mul(value, p, q, context) != 1)
        return failed(cause);
    if (BN_cmp(value, n) != 0)
        return mismatch(cause, "the primes do not make the modulus");
    if (BN_mod_mul(value, qi, q, p, context) != 1)
        return failed(cause);
    return BN_is_one(value) ? KS_OK
                            : mismatch(cause, "the coefficient is no inverse");
}

static bool
has_number(EVP_PKEY *public, const char *name,
           const struct material_number *number, BN_CTX *context)
{
    BIGNUM *theirs = NULL;
    BIGNUM *ours = load(number, context);
    bool equal = ours != NULL &&
                 EVP_PKEY_get_bn_param(public, name, &theirs) == 1 &&
                 BN_cmp(ours, theirs) == 0;

    BN_free(theirs);
    return equal;
}

static enum ks_err
match_rsa(const struct material *rsa, EVP_PKEY *public, BN_CTX *context,
          struct err_cause *cause)
{
    enum ks_err rc;

    if (EVP_PKEY_is_a(public, "RSA") != 1 ||
        !has_number(public, OSSL_PKEY_PARAM_RSA_N, &rsa->n, context) ||
        !has_number(public, OSSL_PKEY_PARAM_RSA_E, &rsa->e, context))
        return mismatch(cause, "another public key");
    /* Inconsistent numbers would make signatures that give the primes away. */
    rc = match_primes(rsa, context, cause);
    if (rc == KS_OK)
        rc = match_exponent(rsa, &rsa->p, &rsa->dp, context, cause);
    if (rc == KS_OK)
        rc = match_exponent(rsa, &rsa->q, &rsa->dq, context, cause);
    return rc;
}

static bool
is_on_curve(EVP_PKEY *public, int nid)
{
    char group[64];

    return EVP_PKEY_is_a(public, "EC") == 1 &&
           EVP_PKEY_get_group_name(public, group, sizeof group, NULL) == 1 &&
           strcmp(group, OBJ_nid2sn(nid)) == 0;
}

static enum ks_err
match_ec(const struct material *ec, EVP_PKEY *public, BN_CTX *context,
         struct err_cause *cause)
{
    int nid = scheme_key(ec->type)->nid;
    EC_GROUP *group = EC_GROUP_new_by_curve_name(nid);
    EC_POINT *point = group != NULL ? EC_POINT_new(group) : NULL;
    BIGNUM *scalar = load(&ec->scalar, context);
    BIGNUM *x = BN_CTX_get(context);
    BIGNUM *y = BN_CTX_get(context);
    BIGNUM *public_x = NULL;
    BIGNUM *public_y = NULL;
    enum ks_err rc = KS_OK;

    if (point == NULL || scalar == NULL || y == NULL)
        rc = failed(cause);
    else if (!is_on_curve(public, nid) || BN_is_zero(scalar) ||
             BN_cmp(scalar, EC_GROUP_get0_order(group)) >= 0)
        rc = mismatch(cause, "another public key");
    else if (EC_POINT_mul(group, point, scalar, NULL, NULL, context) != 1 ||
             EC_POINT_get_affine_coordinates(group, point, x, y, context) !=
                 1 ||
             EVP_PKEY_get_bn_param(public, OSSL_PKEY_PARAM_EC_PUB_X,
                                   &public_x) != 1 ||
             EVP_PKEY_get_bn_param(public, OSSL_PKEY_PARAM_EC_PUB_Y,
                                   &public_y) != 1)
        rc = failed(cause);
    else if (BN_cmp(x, public_x) != 0 || BN_cmp(y, public_y) != 0)
        rc = mismatch(cause, "another public key");

    BN_free(public_x);
    BN_free(public_y);
    EC_POINT_clear_free(point);
    EC_GROUP_free(group);
    return rc;
}

enum ks_err
material_match(const struct material *material, EVP_PKEY *public,
               struct err_cause *cause)
{
    /* Its numbers come from the secure heap and are cleared with it. */
    BN_CTX *context = BN_CTX_secure_new();
    enum ks_err rc;

    if (context == NULL)
        return failed(cause);
    BN_CTX_start(context);
    rc = material->type == MATERIAL_RSA
             ? match_rsa(material, public, context, cause)
             : match_ec(material, public, context, cause);
    BN_CTX_end(context);
    BN_CTX_free(context);
    return rc;
}
