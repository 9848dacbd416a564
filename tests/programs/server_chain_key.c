/* SPDX-License-Identifier: Apache-2.0 */
/* Keys by what they are called, each made once. */
#include "tests/programs/server_chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "tests/vault/service/rsa_key.h"

#define NEED(holds)                                                            \
    do {                                                                       \
        if (!(holds)) {                                                        \
            (void)fprintf(stderr, "chain: %s\n", #holds);                      \
            abort();                                                           \
        }                                                                      \
    } while (0)

#define KEYS 24 /* at least one more than there are kinds */

static struct {
    const char *kind;
    EVP_PKEY *key;
} keys[KEYS];

/* Of 2048 bits, as is usual; without limits on its signatures */
static EVP_PKEY *
make_pss(void)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    EVP_PKEY *ret = NULL;

    NEED(context != NULL && EVP_PKEY_keygen_init(context) == 1 &&
         EVP_PKEY_generate(context, &ret) == 1);
    EVP_PKEY_CTX_free(context);
    return ret;
}

/* "RSA-2048" and "RSA-2048/other" are two keys of a kind. */
EVP_PKEY *
server_chain_key(const char *kind)
{
    char type[32];
    size_t i = 0;

    while (keys[i].kind != NULL && strcmp(keys[i].kind, kind) != 0)
        i++;
    NEED(i < KEYS - 1);
    if (keys[i].kind != NULL)
        return keys[i].key;
    (void)snprintf(type, sizeof type, "%.*s", (int)strcspn(kind, "/"), kind);
    if (strncmp(type, "RSA-PSS", 7) == 0)
        keys[i].key = make_pss();
    else if (strncmp(type, "RSA-", 4) == 0)
        keys[i].key = rsa_key_make((unsigned)atoi(type + 4));
    else if (strncmp(type, "P-", 2) == 0)
        keys[i].key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", type);
    else
        keys[i].key = EVP_PKEY_Q_keygen(NULL, NULL, type);
    NEED(keys[i].key != NULL);
    keys[i].kind = kind;
    return keys[i].key;
}

/* Push NUMBER of KEY, for the caller to free when all is built. */
static BIGNUM *
push(OSSL_PARAM_BLD *builder, EVP_PKEY *key, const char *number)
{
    BIGNUM *value = NULL;

    NEED(EVP_PKEY_get_bn_param(key, number, &value) == 1);
    NEED(OSSL_PARAM_BLD_push_BN(builder, number, value) == 1);
    return value;
}

EVP_PKEY *
server_chain_impostor(EVP_PKEY *public, EVP_PKEY *private)
{
    bool rsa = EVP_PKEY_is_a(public, "RSA") == 1;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, rsa ? "RSA" : "EC",
                                                       NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *numbers[3] = {NULL};
    unsigned char point[128];
    size_t length = 0;
    OSSL_PARAM *params;
    EVP_PKEY *ret = NULL;

    if (rsa) {
        numbers[0] = push(builder, public, OSSL_PKEY_PARAM_RSA_N);
        numbers[1] = push(builder, public, OSSL_PKEY_PARAM_RSA_E);
        numbers[2] = push(builder, private, OSSL_PKEY_PARAM_RSA_D);
    } else {
        NEED(EVP_PKEY_get_octet_string_param(public, OSSL_PKEY_PARAM_PUB_KEY,
                                             point, sizeof point,
                                             &length) == 1);
        NEED(OSSL_PARAM_BLD_push_utf8_string(
                 builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1);
        NEED(OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY,
                                              point, length) == 1);
        numbers[0] = push(builder, private, OSSL_PKEY_PARAM_PRIV_KEY);
    }
    params = OSSL_PARAM_BLD_to_param(builder);
    NEED(params != NULL && EVP_PKEY_fromdata_init(context) == 1);
    NEED(EVP_PKEY_fromdata(context, &ret, EVP_PKEY_KEYPAIR, params) == 1);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(context);
    for (size_t i = 0; i < 3; i++)
        BN_clear_free(numbers[i]);
    return ret;
}

void
server_chain_key_end(void)
{
    for (size_t i = 0; keys[i].kind != NULL; i++) {
        EVP_PKEY_free(keys[i].key);
        keys[i].kind = NULL;
    }
}
