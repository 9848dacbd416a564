/* SPDX-License-Identifier: Apache-2.0 */
/* A token that takes no private key in the clear, and what an import leaves
 * there: the key as it should be, and nothing of what carried it in. */
#include "tests/contract/contract.h"

#include "tests/contract/pkcs11/direct.h"

#define OBJECTS_MAX 64

static CK_BBOOL yes = CK_TRUE;
static CK_BBOOL no = CK_FALSE;

/* The very template that SoftHSM takes. */
static void
clear_key_is_refused(void **state)
{
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_KEY_TYPE type = CKK_EC;
    CK_BYTE curve[] = {0x06, 0x08, 0x2a, 0x86, 0x48,
                       0xce, 0x3d, 0x03, 0x01, 0x07};
    const struct material_number *scalar = &sample(P_256)->material.scalar;
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_KEY_TYPE, &type, sizeof type},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &yes, sizeof yes},
        {CKA_SENSITIVE, &yes, sizeof yes},
        {CKA_EXTRACTABLE, &no, sizeof no},
        {CKA_SIGN, &yes, sizeof yes},
        {CKA_EC_PARAMS, curve, sizeof curve},
        {CKA_VALUE, (void *)(uintptr_t)scalar->bytes, scalar->length},
    };
    struct pkcs11_direct direct;
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;

    (void)state;
    pkcs11_direct_open(&direct);
    assert_int_equal(direct.functions->C_CreateObject(
                         direct.session, template,
                         sizeof template / sizeof template[0], &object),
                     CKR_ATTRIBUTE_VALUE_INVALID);
    pkcs11_direct_close(&direct);
}

/* Known once it has happened, and not before. */
static void
wrapped_import_is_told(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    contract_id(id);
    assert_int_equal(keystore_info(contract.store)->way, KEYSTORE_WAY_UNKNOWN);
    key = contract_import(P_256, id);
    assert_int_equal(keystore_info(contract.store)->way, KEYSTORE_WAY_WRAPPED);
    keystore_key_free(&key);
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
}

/* All objects, of the token and of sessions of this process, that WANTED
 * says; NSS has some of its own that are no keys. */
static size_t
count_objects(const struct pkcs11_direct *direct, CK_OBJECT_CLASS class)
{
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof class}};
    CK_OBJECT_HANDLE objects[OBJECTS_MAX];
    CK_ULONG count = 0;

    assert_int_equal(
        direct->functions->C_FindObjectsInit(direct->session, wanted, 1),
        CKR_OK);
    assert_int_equal(direct->functions->C_FindObjects(direct->session, objects,
                                                      OBJECTS_MAX, &count),
                     CKR_OK);
    assert_int_equal(direct->functions->C_FindObjectsFinal(direct->session),
                     CKR_OK);
    return count;
}

/* While the store is still open, so that session objects would show. */
static void
import_leaves_the_key_and_nothing_else(void **state)
{
    static const enum sample_name names[] = {RSA_2048, RSA_4096, P_256, P_384};
    uint8_t ids[4][KEYSTORE_ID_LENGTH];
    struct pkcs11_direct direct = {.library = NULL};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct keystore_key *key = NULL;

        contract_id(ids[i]);
        key = contract_import(names[i], ids[i]);
        keystore_key_free(&key);
    }
    pkcs11_direct_join(&direct);
    assert_int_equal(count_objects(&direct, CKO_PRIVATE_KEY), 4);
    assert_int_equal(count_objects(&direct, CKO_PUBLIC_KEY), 4);
    assert_int_equal(count_objects(&direct, CKO_SECRET_KEY), 0);
    pkcs11_direct_leave(&direct);
    for (size_t i = 0; i < 4; i++)
        assert_ks_ok(keystore_remove(contract.store, ids[i], NULL));
}

/* Asked directly, whatever the back end says of it. */
static void
imported_key_is_protected(void **state)
{
    static const struct {
        CK_ATTRIBUTE_TYPE type;
        bool value;
    } flags[] = {{CKA_TOKEN, true},         {CKA_PRIVATE, true},
                 {CKA_SENSITIVE, true},     {CKA_EXTRACTABLE, false},
                 {CKA_SIGN, true},          {CKA_DECRYPT, false},
                 {CKA_UNWRAP, false},       {CKA_DERIVE, false},
                 {CKA_SIGN_RECOVER, false}, {CKA_LOCAL, false}};
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct pkcs11_direct direct;
    struct keystore_key *key = NULL;
    CK_OBJECT_HANDLE object;

    (void)state;
    contract_id(id);
    key = contract_import(RSA_2048, id);
    keystore_key_free(&key);
    keystore_close(&contract.store);
    pkcs11_direct_open(&direct);
    assert_int_equal(pkcs11_direct_find(&direct, CKO_PRIVATE_KEY, id, &object),
                     1);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        CK_BBOOL value = 2;
        CK_ATTRIBUTE attribute = {flags[i].type, &value, sizeof value};

        assert_int_equal(direct.functions->C_GetAttributeValue(
                             direct.session, object, &attribute, 1),
                         CKR_OK);
        assert_int_equal(value, flags[i].value);
    }
    pkcs11_direct_close(&direct);
}

int
contract_nss_proof(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clear_key_is_refused),
        cmocka_unit_test_setup_teardown(
            wrapped_import_is_told, contract_open_store, contract_close_store),
        cmocka_unit_test_setup_teardown(import_leaves_the_key_and_nothing_else,
                                        contract_open_store,
                                        contract_close_store),
        cmocka_unit_test_setup_teardown(imported_key_is_protected,
                                        contract_open_store,
                                        contract_close_store),
    };

    return cmocka_run_group_tests(tests, contract_make_store,
                                  contract_remove_store);
}
