/* SPDX-License-Identifier: Apache-2.0 */
/* The same signature by the usual library, for comparison. */
#include <string.h>

#include <openssl/evp.h>

/* libp11's header names two types that OpenSSL 3 no longer shows. */
typedef struct rsa_meth_st RSA_METHOD;
typedef struct ec_key_method_st EC_KEY_METHOD;
#include <libp11.h>

#include "tests/bench/bench_pkcs11.h"
#include "tests/support/store_fixture.h"

static PKCS11_KEY *
find(PKCS11_TOKEN *token, const uint8_t *id)
{
    PKCS11_KEY *keys = NULL;
    unsigned count = 0;

    bench_require(PKCS11_enumerate_keys(token, &keys, &count) == 0,
                  "libp11: keys");
    for (unsigned i = 0; i < count; i++)
        if (keys[i].id_len == KEYSTORE_ID_LENGTH &&
            memcmp(keys[i].id, id, KEYSTORE_ID_LENGTH) == 0)
            return &keys[i];
    return NULL;
}

static void
sign(EVP_PKEY *key)
{
    static const uint8_t message[] = "a message";
    uint8_t signature[KEYSTORE_SIGNATURE_MAX];
    size_t length = sizeof signature;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    bench_require(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
                      EVP_DigestSign(ctx, signature, &length, message,
                                     sizeof message) == 1,
                  "libp11: signature");
    EVP_MD_CTX_free(ctx);
}

void
bench_libp11(const struct bench_key *key, unsigned *ret_first,
             unsigned *ret_further)
{
    PKCS11_CTX *ctx = PKCS11_CTX_new();
    PKCS11_SLOT *slots = NULL;
    PKCS11_SLOT *slot = NULL;
    PKCS11_KEY *found = NULL;
    EVP_PKEY *private = NULL;
    unsigned count = 0;

    (void)bench_calls();
    bench_require(PKCS11_CTX_load(ctx, bench_module()) == 0 &&
                      PKCS11_enumerate_slots(ctx, &slots, &count) == 0,
                  "libp11: slots");
    slot = PKCS11_find_token(ctx, slots, count);
    bench_require(slot != NULL &&
                      PKCS11_login(slot, 0, store_fixture_pin("pkcs11")) == 0,
                  "libp11: login");
    found = find(slot->token, key->id);
    bench_require(found != NULL, "libp11: key");
    private = PKCS11_get_private_key(found);
    bench_require(private != NULL, "libp11: private key");
    sign(private);
    *ret_first = bench_calls();
    sign(private);
    *ret_further = bench_calls();
    EVP_PKEY_free(private);
    PKCS11_release_all_slots(ctx, slots, count);
    PKCS11_CTX_unload(ctx);
    PKCS11_CTX_free(ctx);
}
