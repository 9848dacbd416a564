/* SPDX-License-Identifier: Apache-2.0 */
/* What others say of Holdfast's keys: libp11, a second implementation, and the
 * token itself when asked directly.  Uses nothing of hsm/. */
#include "tests/contract/contract.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

/* libp11's header names two types that OpenSSL 3 no longer shows. */
typedef struct rsa_meth_st RSA_METHOD;
typedef struct ec_key_method_st EC_KEY_METHOD;
#include <libp11.h>

#include "tests/contract/pkcs11/direct.h"

static const struct {
    enum sample_name name;
    bool born;
} subjects[] = {{RSA_2048, false}, {RSA_3072, false}, {RSA_4096, false},
                {P_256, false},    {P_384, false},    {RSA_2048, true},
                {P_256, true},     {P_384, true}};

/* Make the subject of this test under ID and close the store, so that no
 * other's finalising can hit it. The caller frees *RET. */
static void
make_subject(void **state, const uint8_t *id, EVP_PKEY **ret)
{
    size_t subject = (size_t)(uintptr_t)*state;
    struct keystore_key *key = NULL;

    if (subjects[subject].born)
        assert_ks_ok(keystore_generate(contract.store, id, "contract",
                                       sample(subjects[subject].name)->type,
                                       &key, NULL));
    else
        key = contract_import(subjects[subject].name, id);
    *ret = keystore_key_public(key);
    assert_int_equal(EVP_PKEY_up_ref(*ret), 1);
    keystore_key_free(&key);
    keystore_close(&contract.store);
}

/* libp11 */

static PKCS11_KEY *
find_by_id(PKCS11_SLOT *slot, const uint8_t *id)
{
    PKCS11_KEY *keys = NULL;
    unsigned count = 0;

    assert_int_equal(PKCS11_enumerate_keys(slot->token, &keys, &count), 0);
    for (unsigned i = 0; i < count; i++)
        if (keys[i].id_len == KEYSTORE_ID_LENGTH &&
            memcmp(keys[i].id, id, KEYSTORE_ID_LENGTH) == 0)
            return &keys[i];
    return NULL;
}

/* Signed by libp11's own path into the token, verified with our public key. */
static void
assert_signs_by_libp11(PKCS11_KEY *key, EVP_PKEY *public)
{
    static const uint8_t message[] = "signed by way of libp11";
    uint8_t signature[KEYSTORE_SIGNATURE_MAX];
    size_t length = sizeof signature;
    EVP_PKEY *private = PKCS11_get_private_key(key);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    assert_non_null(private);
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, private),
                     1);
    assert_int_equal(
        EVP_DigestSign(ctx, signature, &length, message, sizeof message), 1);
    assert_int_equal(EVP_MD_CTX_reset(ctx), 1);
    assert_int_equal(
        EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, public), 1);
    assert_int_equal(
        EVP_DigestVerify(ctx, signature, length, message, sizeof message), 1);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(private);
}

static PKCS11_SLOT *
find_slot(PKCS11_SLOT *slots, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (slots[i].token != NULL && slots[i].token->label != NULL &&
            strcmp(slots[i].token->label, contract.row->label) == 0)
            return &slots[i];
    return NULL;
}

static void
libp11_sees_the_key_and_signs(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    EVP_PKEY *public = NULL;
    PKCS11_CTX *ctx = PKCS11_CTX_new();
    PKCS11_SLOT *slots = NULL;
    PKCS11_SLOT *slot = NULL;
    PKCS11_KEY *key = NULL;
    unsigned count = 0;

    contract_id(id);
    make_subject(state, id, &public);
    assert_int_equal(PKCS11_CTX_load(ctx, SOFTHSM_MODULE), 0);
    assert_int_equal(PKCS11_enumerate_slots(ctx, &slots, &count), 0);
    slot = find_slot(slots, count);
    assert_non_null(slot);
    assert_int_equal(PKCS11_open_session(slot, 0), 0);
    assert_int_equal(PKCS11_login(slot, 0, store_fixture_pin("pkcs11")), 0);
    key = find_by_id(slot, id);
    assert_non_null(key);
    assert_int_equal(key->isPrivate, 1);
    assert_string_equal(key->label, "contract");
    assert_signs_by_libp11(key, public);
    PKCS11_release_all_slots(ctx, slots, count);
    PKCS11_CTX_unload(ctx);
    PKCS11_CTX_free(ctx);
    EVP_PKEY_free(public);
}

/* The token, asked directly */

static void
assert_flags(const struct pkcs11_direct *direct, CK_OBJECT_HANDLE object,
             bool born)
{
    const struct {
        CK_ATTRIBUTE_TYPE type;
        bool value;
    } flags[] = {
        {CKA_TOKEN, true},
        {CKA_PRIVATE, true},
        {CKA_SENSITIVE, true},
        {CKA_EXTRACTABLE, false},
        {CKA_SIGN, true},
        {CKA_SIGN_RECOVER, false},
        {CKA_DECRYPT, false},
        {CKA_UNWRAP, false},
        {CKA_DERIVE, false},
        {CKA_LOCAL, born},
        {CKA_ALWAYS_AUTHENTICATE, false},
        {CKA_MODIFIABLE, false},
        {CKA_COPYABLE, false},
    };

    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        CK_BBOOL value = 2;
        CK_ATTRIBUTE attribute = {flags[i].type, &value, sizeof value};

        assert_int_equal(direct->functions->C_GetAttributeValue(
                             direct->session, object, &attribute, 1),
                         CKR_OK);
        assert_int_equal(value, flags[i].value);
    }
}

/* Every private number of the type is refused, and not a byte of it given. */
static void
assert_secret(const struct pkcs11_direct *direct, CK_OBJECT_HANDLE object,
              enum material_type type)
{
    static const CK_ATTRIBUTE_TYPE rsa[] = {
        CKA_PRIVATE_EXPONENT, CKA_PRIME_1,    CKA_PRIME_2,
        CKA_EXPONENT_1,       CKA_EXPONENT_2, CKA_COEFFICIENT};
    static const CK_ATTRIBUTE_TYPE ec[] = {CKA_VALUE};
    const CK_ATTRIBUTE_TYPE *secrets = type == MATERIAL_RSA ? rsa : ec;
    size_t count = type == MATERIAL_RSA ? sizeof rsa / sizeof rsa[0] : 1;

    for (size_t i = 0; i < count; i++) {
        uint8_t value[600] = {0};
        CK_ATTRIBUTE attribute = {secrets[i], value, sizeof value};

        assert_int_equal(direct->functions->C_GetAttributeValue(
                             direct->session, object, &attribute, 1),
                         CKR_ATTRIBUTE_SENSITIVE);
        for (size_t j = 0; j < sizeof value; j++)
            assert_int_equal(value[j], 0);
    }
}

/* Nor can its owner take the protection away again. */
static void
assert_stays_protected(const struct pkcs11_direct *direct,
                       CK_OBJECT_HANDLE object)
{
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_ATTRIBUTE loosened[] = {{CKA_EXTRACTABLE, &yes, sizeof yes},
                               {CKA_SENSITIVE, &no, sizeof no}};
    char other[] = "other";
    CK_ATTRIBUTE label = {CKA_LABEL, other, 5};
    CK_OBJECT_HANDLE copy;

    assert_int_equal(direct->functions->C_SetAttributeValue(direct->session,
                                                            object, &label, 1),
                     CKR_ACTION_PROHIBITED);
    assert_int_equal(direct->functions->C_CopyObject(direct->session, object,
                                                     &label, 1, &copy),
                     CKR_ACTION_PROHIBITED);
    for (size_t i = 0; i < 2; i++) {
        assert_int_not_equal(direct->functions->C_SetAttributeValue(
                                 direct->session, object, &loosened[i], 1),
                             CKR_OK);
        assert_int_not_equal(
            direct->functions->C_CopyObject(direct->session, object,
                                            &loosened[i], 1, &copy),
            CKR_OK);
    }
}

static void
token_keeps_the_key_for_itself(void **state)
{
    size_t subject = (size_t)(uintptr_t)*state;
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct pkcs11_direct direct;
    CK_OBJECT_HANDLE object;
    EVP_PKEY *public = NULL;

    contract_id(id);
    make_subject(state, id, &public);
    EVP_PKEY_free(public);
    pkcs11_direct_open(&direct);
    assert_int_equal(pkcs11_direct_find(&direct, CKO_PRIVATE_KEY, id, &object),
                     1);
    assert_flags(&direct, object, subjects[subject].born);
    assert_secret(&direct, object, sample(subjects[subject].name)->type);
    assert_stays_protected(&direct, object);
    pkcs11_direct_close(&direct);
}

#define SUBJECTS (sizeof subjects / sizeof subjects[0])

int
contract_pkcs11_proof(void)
{
    static char names[2 * SUBJECTS][64];
    struct CMUnitTest tests[2 * SUBJECTS];

    for (size_t i = 0; i < 2 * SUBJECTS; i++) {
        size_t subject = i / 2;
        bool direct = i % 2 == 1;

        (void)snprintf(names[i], sizeof names[i], "%s (%s%s)",
                       direct ? "token_keeps_the_key_for_itself"
                              : "libp11_sees_the_key_and_signs",
                       sample(subjects[subject].name)->name,
                       subjects[subject].born ? ", born" : "");
        tests[i] = (struct CMUnitTest){names[i],
                                       direct ? token_keeps_the_key_for_itself
                                              : libp11_sees_the_key_and_signs,
                                       contract_open_store,
                                       contract_close_store,
                                       (void *)(uintptr_t)subject};
    }
    return _cmocka_run_group_tests("contract_pkcs11_proof", tests, 2 * SUBJECTS,
                                   contract_make_store, contract_remove_store);
}
