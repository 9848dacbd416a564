/* SPDX-License-Identifier: Apache-2.0 */
/* Cryptoki as a program without any care would use it. */
#include "tests/contract/pkcs11/direct.h"

#include <dlfcn.h>
#include <string.h>

#include "tests/contract/contract.h"

static CK_SLOT_ID
find_token(CK_FUNCTION_LIST *functions)
{
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8;

    assert_int_equal(functions->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;

        assert_int_equal(functions->C_GetTokenInfo(slots[i], &info), CKR_OK);
        if (memcmp(info.label, contract.row->label,
                   strlen(contract.row->label)) == 0)
            return slots[i];
    }
    fail_msg("no token");
    return 0;
}

static void
log_in(const struct pkcs11_direct *direct)
{
    const char *text = store_fixture_pin(contract.row->kind);
    CK_UTF8CHAR pin[32];

    memcpy(pin, text, strlen(text));
    assert_int_equal(direct->functions->C_Login(direct->session, CKU_USER, pin,
                                                strlen(text)),
                     CKR_OK);
}

static void
load(struct pkcs11_direct *ret)
{
    CK_C_GetFunctionList get = NULL;
    void *symbol;

    ret->library = dlopen(contract.row->module, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(ret->library);
    symbol = dlsym(ret->library, "C_GetFunctionList");
    assert_non_null(symbol);
    memcpy(&get, &symbol, sizeof get);
    assert_int_equal(get(&ret->functions), CKR_OK);
}

static void
open_session(struct pkcs11_direct *ret)
{
    assert_int_equal(
        ret->functions->C_OpenSession(find_token(ret->functions),
                                      CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
                                      NULL, &ret->session),
        CKR_OK);
}

void
pkcs11_direct_open(struct pkcs11_direct *ret)
{
    CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK};

    load(ret);
    assert_int_equal(ret->functions->C_Initialize(&args), CKR_OK);
    open_session(ret);
    log_in(ret);
}

void
pkcs11_direct_close(struct pkcs11_direct *direct)
{
    assert_int_equal(direct->functions->C_Finalize(NULL), CKR_OK);
    assert_int_equal(dlclose(direct->library), 0);
}

void
pkcs11_direct_join(struct pkcs11_direct *ret)
{
    load(ret);
    open_session(ret);
}

void
pkcs11_direct_leave(struct pkcs11_direct *direct)
{
    assert_int_equal(direct->functions->C_CloseSession(direct->session),
                     CKR_OK);
    assert_int_equal(dlclose(direct->library), 0);
}

size_t
pkcs11_direct_find(const struct pkcs11_direct *direct, CK_OBJECT_CLASS class,
                   const uint8_t *id, CK_OBJECT_HANDLE *ret)
{
    CK_BYTE wanted_id[KEYSTORE_ID_LENGTH];
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof class},
                             {CKA_ID, wanted_id, sizeof wanted_id}};
    CK_OBJECT_HANDLE objects[2] = {CK_INVALID_HANDLE, CK_INVALID_HANDLE};
    CK_ULONG count = 0;

    memcpy(wanted_id, id, sizeof wanted_id);
    assert_int_equal(
        direct->functions->C_FindObjectsInit(direct->session, wanted, 2),
        CKR_OK);
    assert_int_equal(
        direct->functions->C_FindObjects(direct->session, objects, 2, &count),
        CKR_OK);
    assert_int_equal(direct->functions->C_FindObjectsFinal(direct->session),
                     CKR_OK);
    *ret = objects[0];
    return count;
}

void
pkcs11_direct_create(const struct pkcs11_direct *direct, CK_ATTRIBUTE *template,
                     size_t count)
{
    CK_OBJECT_HANDLE object;

    assert_int_equal(direct->functions->C_CreateObject(
                         direct->session, template, count, &object),
                     CKR_OK);
}
