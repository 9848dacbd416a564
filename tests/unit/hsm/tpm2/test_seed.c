/* SPDX-License-Identifier: Apache-2.0 */
/* Seeds and what is derived of them, computed a second time here by the letter
 * of TPM 2.0 Part 1: with HMAC and SHA-256 alone, as the parent would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include "hsm/tpm2/public.h"
#include "hsm/tpm2/seed.h"
#include "keystore/base/secret.h"

#define ARENA (64 * 1024)
#define HASH 32
#define FIELD 32
#define LABEL "DUPLICATE"

static EVP_PKEY *rsa, *p256;

static TPM2B_PUBLIC
area_of(enum material_type type, EVP_PKEY *key)
{
    TPM2B_PUBLIC area;

    tpm2_public_template(type, 2048, false, false, &area);
    assert_int_equal(tpm2_public_fill(&area, key, NULL), KS_OK);
    return area;
}

/* HMAC(key, counter || label || 0 || context || bits), counter from 1 on
 * (Part 1, 11.4.10.2). */
static void
kdf_a(const uint8_t *key, const char *label, const TPM2B_NAME *context,
      uint8_t *ret, size_t length)
{
    uint8_t block[HASH];

    for (uint8_t counter = 1; (size_t)(counter - 1) * HASH < length;
         counter++) {
        uint8_t message[256] = {0, 0, 0, counter};
        size_t used = 4 + strlen(label) + 1;
        size_t done = (size_t)(counter - 1) * HASH;

        memcpy(message + 4, label, strlen(label));
        if (context != NULL) {
            memcpy(message + used, context->name, context->size);
            used += context->size;
        }
        message[used + 2] = (uint8_t)(8 * length >> 8);
        message[used + 3] = (uint8_t)(8 * length);
        assert_non_null(
            HMAC(EVP_sha256(), key, HASH, message, used + 4, block, NULL));
        memcpy(ret + done, block, length - done < HASH ? length - done : HASH);
    }
}

/* SHA-256(1 || Z || label || 0 || x of ours || x of theirs) (11.4.10.3). */
static void
kdf_e(const uint8_t *z, const uint8_t *ours, const uint8_t *theirs,
      uint8_t *ret)
{
    uint8_t message[4 + FIELD + sizeof LABEL + 2 * FIELD] = {0, 0, 0, 1};
    uint8_t *p = message + 4;

    memcpy(p, z, FIELD);
    memcpy(p + FIELD, LABEL, sizeof LABEL);
    memcpy(p + FIELD + sizeof LABEL, ours, FIELD);
    memcpy(p + FIELD + sizeof LABEL + FIELD, theirs, FIELD);
    assert_int_equal(
        EVP_Digest(message, sizeof message, ret, NULL, EVP_sha256(), NULL), 1);
}

static EVP_PKEY *
point_key(const uint8_t *x, const uint8_t *y)
{
    uint8_t point[1 + 2 * FIELD] = {0x04};
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
                                         (char[]){"P-256"}, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point,
                                          sizeof point),
        OSSL_PARAM_construct_end()};
    EVP_PKEY *key = NULL;

    memcpy(point + 1, x, FIELD);
    memcpy(point + 1 + FIELD, y, FIELD);
    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params),
                     1);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

/* What the parent KEY, of AREA, computes of the point that it is told. */
static void
seed_of_parent(EVP_PKEY *key, const TPM2B_PUBLIC *area,
               const TPM2B_ENCRYPTED_SECRET *told, uint8_t *ret)
{
    const uint8_t *x = told->secret + 2;
    const uint8_t *y = x + FIELD + 2;
    uint8_t theirs[FIELD] = {0}, z[FIELD];
    const TPM2B_ECC_PARAMETER *own = &area->publicArea.unique.ecc.x;
    EVP_PKEY *peer;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    size_t length = sizeof z;

    /* two numbers of the full width, each behind its length */
    assert_int_equal(told->size, 2 * (2 + FIELD));
    assert_memory_equal(told->secret, "\x00\x20", 2);
    assert_memory_equal(told->secret + 2 + FIELD, "\x00\x20", 2);
    peer = point_key(x, y);
    assert_int_equal(EVP_PKEY_derive_init(ctx), 1);
    assert_int_equal(EVP_PKEY_derive_set_peer(ctx, peer), 1);
    assert_int_equal(EVP_PKEY_derive(ctx, z, &length), 1);
    memcpy(theirs + FIELD - own->size, own->buffer, own->size);
    kdf_e(z, x, theirs, ret);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(peer);
}

static void
parents_of_another_kind_are_refused(void **state)
{
    EVP_PKEY *p384 = EVP_EC_gen("P-384");
    TPM2B_PUBLIC area = area_of(MATERIAL_P384, p384);
    TPM2B_ENCRYPTED_SECRET told = {.size = 0};
    uint8_t seed[TPM2_SEED_LENGTH];

    (void)state;
    assert_int_equal(tpm2_seed_new(&area, LABEL, seed, &told, NULL),
                     KS_ERR_INTERNAL);
    area = area_of(MATERIAL_P256, p256);
    area.publicArea.unique.ecc.y.buffer[0] ^= 1;
    assert_int_equal(tpm2_seed_new(&area, LABEL, seed, &told, NULL),
                     KS_ERR_TOKEN_FAILED);
    area.publicArea.type = TPM2_ALG_KEYEDHASH;
    assert_int_equal(tpm2_seed_new(&area, LABEL, seed, &told, NULL),
                     KS_ERR_KEY_OTHER);
    EVP_PKEY_free(p384);
}

static void
keys_are_what_kdfa_says(void **state)
{
    static const char *const labels[] = {"STORAGE", "INTEGRITY", "IDENTITY"};
    static const size_t lengths[] = {16, 32, 48, 64, 1, 33};
    const TPM2B_NAME name = {.size = 34, .name = {0x00, 0x0b, 1, 2, 3}};
    uint8_t seed[TPM2_SEED_LENGTH];

    (void)state;
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)(7 * i);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 2 * sizeof lengths / sizeof lengths[0]; j++) {
            const TPM2B_NAME *context = j % 2 == 0 ? &name : NULL;
            uint8_t derived[64], wanted[64];
            size_t length = lengths[j / 2];
            const struct tpm2_seed_use use = {labels[i], context};

            assert_int_equal(
                tpm2_seed_derive(seed, &use, derived, length, NULL), KS_OK);
            kdf_a(seed, labels[i], context, wanted, length);
            assert_memory_equal(derived, wanted, length);
        }
}

/* Often enough that numbers with zero bytes in front are among them. */
static void
parent_of_ec_has_the_same_seed(void **state)
{
    uint8_t before[TPM2_SEED_LENGTH] = {0};

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        TPM2B_PUBLIC area = area_of(MATERIAL_P256, p256);
        TPM2B_ENCRYPTED_SECRET told = {.size = 0};
        uint8_t seed[TPM2_SEED_LENGTH], wanted[TPM2_SEED_LENGTH];

        assert_int_equal(tpm2_seed_new(&area, LABEL, seed, &told, NULL), KS_OK);
        seed_of_parent(p256, &area, &told, wanted);
        assert_memory_equal(seed, wanted, sizeof seed);
        assert_memory_not_equal(seed, before, sizeof seed);
        assert_null(memmem(told.secret, told.size, seed, sizeof seed));
        memcpy(before, seed, sizeof seed);
    }
}

/* A TPM may leave the zero bytes of its own x out. */
static void
parent_with_a_short_coordinate_has_the_same_seed(void **state)
{
    unsigned found = 0;

    (void)state;
    for (unsigned i = 0; found == 0 && i < 100000; i++) {
        EVP_PKEY *key = EVP_EC_gen("P-256");
        TPM2B_PUBLIC area = area_of(MATERIAL_P256, key);
        TPM2B_ECC_PARAMETER *x = &area.publicArea.unique.ecc.x;
        TPM2B_ENCRYPTED_SECRET told = {.size = 0};
        uint8_t seed[TPM2_SEED_LENGTH], wanted[TPM2_SEED_LENGTH];

        if (x->buffer[0] == 0) {
            memmove(x->buffer, x->buffer + 1, --x->size);
            assert_int_equal(tpm2_seed_new(&area, LABEL, seed, &told, NULL),
                             KS_OK);
            seed_of_parent(key, &area, &told, wanted);
            assert_memory_equal(seed, wanted, sizeof seed);
            found++;
        }
        EVP_PKEY_free(key);
    }
    assert_int_equal(found, 1);
}

static bool
decrypt_oaep(const char *label, size_t label_length,
             const TPM2B_ENCRYPTED_SECRET *told, uint8_t *ret)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(rsa, NULL);
    uint8_t decrypted[256];
    size_t length = sizeof decrypted;
    bool done;

    assert_int_equal(EVP_PKEY_decrypt_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING),
                     1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()), 1);
    assert_int_equal(
        EVP_PKEY_CTX_set0_rsa_oaep_label(
            ctx, OPENSSL_memdup(label, label_length), (int)label_length),
        1);
    done = EVP_PKEY_decrypt(ctx, decrypted, &length, told->secret,
                            told->size) == 1 &&
           length == TPM2_SEED_LENGTH;
    if (done)
        memcpy(ret, decrypted, length);
    EVP_PKEY_CTX_free(ctx);
    return done;
}

/* Part 1, B.10.4: the label's NUL belongs to it. */
static void
parent_of_rsa_has_the_same_seed(void **state)
{
    TPM2B_PUBLIC area = area_of(MATERIAL_RSA, rsa);
    uint8_t seed[TPM2_SEED_LENGTH], read[TPM2_SEED_LENGTH];
    TPM2B_ENCRYPTED_SECRET told = {.size = 0};

    (void)state;
    assert_int_equal(tpm2_seed_new(&area, LABEL, seed, &told, NULL), KS_OK);
    assert_int_equal(told.size, 256);
    assert_true(decrypt_oaep(LABEL, sizeof LABEL, &told, read));
    assert_memory_equal(seed, read, sizeof seed);
    assert_false(decrypt_oaep(LABEL, sizeof LABEL - 1, &told, read));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parents_of_another_kind_are_refused),
        cmocka_unit_test(keys_are_what_kdfa_says),
        cmocka_unit_test(parent_of_ec_has_the_same_seed),
        cmocka_unit_test(parent_with_a_short_coordinate_has_the_same_seed),
        cmocka_unit_test(parent_of_rsa_has_the_same_seed),
    };
    int failed;

    if (secret_init(ARENA, NULL) != KS_OK)
        return 1;
    rsa = EVP_RSA_gen(2048);
    p256 = EVP_EC_gen("P-256");
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(p256);
    return failed;
}
