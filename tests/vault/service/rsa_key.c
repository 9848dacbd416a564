/* SPDX-License-Identifier: Apache-2.0 */
/* Primes by OpenSSL, the rest by RFC 8017, 3.2.  The numbers are in a BN_CTX,
 * which clears them. */
#include "tests/vault/service/rsa_key.h"

#include <stdbool.h>
#include <stddef.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#define EXPONENT 65537

struct numbers {
    BIGNUM *n, *e, *d, *p, *q, *dp, *dq, *qi;
};

/* A prime with its two highest bits set, so that a product of two has all of
 * its bits, and without EXPONENT in what is one less. */
static bool
make_prime(BIGNUM *prime, unsigned bits, BN_CTX *ctx)
{
    do {
        if (BN_generate_prime_ex2(prime, (int)bits, 0, NULL, NULL, NULL, ctx) !=
            1)
            return false;
    } while (BN_mod_word(prime, EXPONENT) == 1);
    BN_set_flags(prime, BN_FLG_CONSTTIME);
    return true;
}

/* D, and what the Chinese remainder wants; P and Q are there. */
static bool
derive(struct numbers *k, BN_CTX *ctx)
{
    BIGNUM *p1 = BN_CTX_get(ctx);
    BIGNUM *q1 = BN_CTX_get(ctx);
    BIGNUM *common = BN_CTX_get(ctx);
    BIGNUM *period = BN_CTX_get(ctx);

    return period != NULL && BN_mul(k->n, k->p, k->q, ctx) == 1 &&
           BN_sub(p1, k->p, BN_value_one()) == 1 &&
           BN_sub(q1, k->q, BN_value_one()) == 1 &&
           BN_gcd(common, p1, q1, ctx) == 1 &&
           BN_mul(period, p1, q1, ctx) == 1 &&
           BN_div(period, NULL, period, common, ctx) == 1 &&
           BN_mod_inverse(k->d, k->e, period, ctx) != NULL &&
           BN_mod(k->dp, k->d, p1, ctx) == 1 &&
           BN_mod(k->dq, k->d, q1, ctx) == 1 &&
           BN_mod_inverse(k->qi, k->q, k->p, ctx) != NULL;
}

static bool
make_numbers(struct numbers *k, unsigned bits, BN_CTX *ctx)
{
    BIGNUM **all[] = {&k->n, &k->e,  &k->d,  &k->p,
                      &k->q, &k->dp, &k->dq, &k->qi};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if ((*all[i] = BN_CTX_get(ctx)) == NULL)
            return false;
    return BN_set_word(k->e, EXPONENT) == 1 &&
           make_prime(k->p, bits / 2, ctx) && make_prime(k->q, bits / 2, ctx) &&
           derive(k, ctx);
}

static EVP_PKEY *
from_numbers(const struct numbers *k)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM *parameters = NULL;
    EVP_PKEY *key = NULL;

    if (build != NULL && context != NULL &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, k->n) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, k->e) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_D, k->d) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_FACTOR1, k->p) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_FACTOR2, k->q) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_EXPONENT1, k->dp) ==
            1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_EXPONENT2, k->dq) ==
            1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
                               k->qi) == 1)
        parameters = OSSL_PARAM_BLD_to_param(build);
    if (parameters == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters) != 1)
        key = NULL;
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(context);
    return key;
}

EVP_PKEY *
rsa_key_make(unsigned bits)
{
    BN_CTX *ctx = BN_CTX_secure_new();
    struct numbers numbers;
    EVP_PKEY *key = NULL;

    if (ctx == NULL)
        return NULL;
    BN_CTX_start(ctx);
    if (make_numbers(&numbers, bits, ctx))
        key = from_numbers(&numbers);
    BN_CTX_end(ctx);
    BN_CTX_free(ctx);
    return key;
}
