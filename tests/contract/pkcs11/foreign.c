/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that other programs have put under an id of ours: nothing of theirs
 * is taken for ours, and a certificate may stay beside the key. */
#include "tests/contract/contract.h"

#include <string.h>

#include <openssl/evp.h>

#include "tests/contract/pkcs11/direct.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static CK_BBOOL yes = CK_TRUE;
static CK_BBOOL no = CK_FALSE;
static CK_KEY_TYPE ec = CKK_EC;
static CK_BYTE p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48,
                         0xce, 0x3d, 0x03, 0x01, 0x07};

/* Cryptoki's templates are not const; what it is given here stays as it is. */
static CK_ATTRIBUTE
bytes(CK_ATTRIBUTE_TYPE type, const uint8_t *value, size_t length)
{
    return (CK_ATTRIBUTE){type, (void *)(uintptr_t)value, length};
}

/* A private key such as a careless program makes it: it may leave the token
 * and do everything. */
static void
put_private(const uint8_t *id, size_t id_length, enum sample_name name)
{
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    const struct material_number *scalar = &sample(name)->material.scalar;
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_KEY_TYPE, &ec, sizeof ec},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &yes, sizeof yes},
        {CKA_SENSITIVE, &no, sizeof no},
        {CKA_EXTRACTABLE, &yes, sizeof yes},
        {CKA_SIGN, &yes, sizeof yes},
        {CKA_DECRYPT, &yes, sizeof yes},
        {CKA_DERIVE, &yes, sizeof yes},
        {CKA_EC_PARAMS, p256, sizeof p256},
        bytes(CKA_ID, id, id_length),
        bytes(CKA_VALUE, scalar->bytes, scalar->length),
    };
    struct pkcs11_direct direct;

    pkcs11_direct_open(&direct);
    pkcs11_direct_create(&direct, template, COUNT(template));
    pkcs11_direct_close(&direct);
}

static void
put_public(const uint8_t *id, enum sample_name name)
{
    CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
    uint8_t point[67] = {0x04, 65};
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_KEY_TYPE, &ec, sizeof ec},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_EC_PARAMS, p256, sizeof p256},
        {CKA_EC_POINT, point, sizeof point},
        bytes(CKA_ID, id, KEYSTORE_ID_LENGTH),
    };
    struct pkcs11_direct direct;
    size_t length = 0;

    assert_int_equal(EVP_PKEY_get_octet_string_param(sample(name)->public,
                                                     "encoded-pub-key",
                                                     point + 2, 65, &length),
                     1);
    assert_int_equal(length, 65);
    pkcs11_direct_open(&direct);
    pkcs11_direct_create(&direct, template, COUNT(template));
    pkcs11_direct_close(&direct);
}

/* Nothing here looks into it. */
static void
put_certificate(const uint8_t *id)
{
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_CERTIFICATE_TYPE type = CKC_X_509;
    CK_BYTE name[] = {0x30, 0x00};
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_CERTIFICATE_TYPE, &type, sizeof type},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &no, sizeof no},
        {CKA_SUBJECT, name, sizeof name},
        {CKA_VALUE, name, sizeof name},
        bytes(CKA_ID, id, KEYSTORE_ID_LENGTH),
    };
    struct pkcs11_direct direct;

    pkcs11_direct_open(&direct);
    pkcs11_direct_create(&direct, template, COUNT(template));
    pkcs11_direct_close(&direct);
}

/* With the store closed. */
static void
assert_objects(const uint8_t *id, size_t privates, size_t publics,
               size_t certificates)
{
    struct pkcs11_direct direct;
    CK_OBJECT_HANDLE object;

    pkcs11_direct_open(&direct);
    assert_int_equal(pkcs11_direct_find(&direct, CKO_PRIVATE_KEY, id, &object),
                     privates);
    assert_int_equal(pkcs11_direct_find(&direct, CKO_PUBLIC_KEY, id, &object),
                     publics);
    assert_int_equal(pkcs11_direct_find(&direct, CKO_CERTIFICATE, id, &object),
                     certificates);
    pkcs11_direct_close(&direct);
}

static void
open_store(void)
{
    assert_int_equal(contract_open_store(NULL), 0);
}

static void
assert_other(const uint8_t *id)
{
    struct keystore_key *key = NULL;

    assert_ks_err(
        KS_ERR_KEY_OTHER,
        keystore_find(contract.store, id, sample(P_256)->public, &key, NULL));
    assert_ks_err(KS_ERR_KEY_OTHER,
                  keystore_import(contract.store, id, "ours",
                                  &sample(P_256)->material,
                                  sample(P_256)->public, &key, NULL));
    assert_ks_err(KS_ERR_KEY_OTHER,
                  keystore_generate(contract.store, id, "ours", MATERIAL_P256,
                                    &key, NULL));
    assert_null(key);
}

static void
private_key_of_another_is_left_alone(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];

    (void)state;
    contract_id(id);
    put_private(id, sizeof id, P_256_OTHER);
    open_store();
    assert_other(id);
    keystore_close(&contract.store);
    assert_objects(id, 1, 0, 0);
}

static void
two_private_keys_are_none_of_ours(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    contract_id(id);
    put_private(id, sizeof id, P_256);
    put_private(id, sizeof id, P_256);
    open_store();
    assert_other(id);
    assert_ks_err(KS_ERR_KEY_OTHER,
                  keystore_find(contract.store, id, NULL, &key, NULL));
    keystore_close(&contract.store);
    assert_objects(id, 2, 0, 0);

    /* Removing the id leaves none of the two. */
    open_store();
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
    keystore_close(&contract.store);
    assert_objects(id, 0, 0, 0);
}

static void
longer_id_is_another_id(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH + 1];
    struct keystore_key *key = NULL;

    (void)state;
    contract_id(id);
    id[KEYSTORE_ID_LENGTH] = 0;
    put_private(id, sizeof id, P_256_OTHER);
    open_store();
    assert_ks_err(KS_ERR_KEY_MISSING,
                  keystore_find(contract.store, id, NULL, &key, NULL));
    assert_ks_err(KS_ERR_KEY_MISSING,
                  keystore_remove(contract.store, id, NULL));
    key = contract_import(P_256, id);
    contract_assert_signs(key, sample(P_256)->public);
    keystore_key_free(&key);
}

/* A public key alone, as a crash leaves it or somebody else, is no obstacle,
 * and does not become the public half of ours. */
static void
public_key_of_another_is_replaced(void **state)
{
    uint8_t ids[2][KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        contract_id(ids[i]);
        put_public(ids[i], P_256_OTHER);
    }
    open_store();
    assert_ks_err(KS_ERR_KEY_MISSING,
                  keystore_find(contract.store, ids[0], NULL, &key, NULL));
    key = contract_import(P_256, ids[0]);
    contract_assert_signs(key, sample(P_256)->public);
    keystore_key_free(&key);
    assert_ks_ok(keystore_generate(contract.store, ids[1], "ours",
                                   MATERIAL_P256, &key, NULL));
    contract_assert_signs(key, keystore_key_public(key));
    keystore_key_free(&key);
    keystore_close(&contract.store);
    for (size_t i = 0; i < 2; i++)
        assert_objects(ids[i], 1, 1, 0);
}

static void
certificate_under_the_id_stays(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;

    (void)state;
    contract_id(id);
    put_certificate(id);
    open_store();
    assert_ks_err(KS_ERR_KEY_MISSING,
                  keystore_find(contract.store, id, NULL, &key, NULL));
    key = contract_import(P_256, id);
    contract_assert_signs(key, sample(P_256)->public);
    keystore_key_free(&key);
    keystore_close(&contract.store);
    assert_objects(id, 1, 1, 1);
    open_store();
    assert_ks_ok(keystore_remove(contract.store, id, NULL));
    assert_ks_err(KS_ERR_KEY_MISSING,
                  keystore_remove(contract.store, id, NULL));
    keystore_close(&contract.store);
    assert_objects(id, 0, 0, 1);
}

/* The very key of ours, but free to leave: used only once it no longer is. */
static void
same_key_made_carelessly_is_protected_first(void **state)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    struct keystore_key *key = NULL;
    struct keystore_key_info info;

    (void)state;
    contract_id(id);
    put_private(id, sizeof id, P_256);
    open_store();
    assert_ks_ok(
        keystore_find(contract.store, id, sample(P_256)->public, &key, NULL));
    assert_ks_ok(keystore_describe(key, &info, NULL));
    assert_true(info.extractable && !info.sensitive && !info.sign_only);
    keystore_key_free(&key);

    key = contract_import(P_256, id);
    assert_ks_ok(keystore_describe(key, &info, NULL));
    assert_true(!info.extractable && info.sensitive && info.sign_only);
    assert_int_equal(info.origin, KEYSTORE_IMPORTED);
    contract_assert_signs(key, sample(P_256)->public);
    keystore_key_free(&key);
    keystore_close(&contract.store);
    assert_objects(id, 1, 1, 0);
}

#define closed(test)                                                           \
    cmocka_unit_test_setup_teardown(test, NULL, contract_close_store)

int
contract_pkcs11_foreign(void)
{
    const struct CMUnitTest tests[] = {
        closed(private_key_of_another_is_left_alone),
        closed(two_private_keys_are_none_of_ours),
        closed(longer_id_is_another_id),
        closed(public_key_of_another_is_replaced),
        closed(certificate_under_the_id_stays),
        closed(same_key_made_carelessly_is_protected_first),
    };

    return cmocka_run_group_tests(tests, contract_make_store,
                                  contract_remove_store);
}
