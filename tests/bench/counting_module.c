/* SPDX-License-Identifier: Apache-2.0 */
/* A list of functions in front of another: changes nothing of what passes. */
#include "tests/bench/counting_module.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

/* The shapes that calls come in: their parameters, and these passed on. */
#define NOTHING (void *a), (a)
#define SESSION (CK_SESSION_HANDLE a), (a)
#define SLOT_INFO(type) (CK_SLOT_ID a, type * b), (a, b)
#define WITH_BYTES (CK_SESSION_HANDLE a, CK_BYTE * b, CK_ULONG c), (a, b, c)
#define TO_BYTES (CK_SESSION_HANDLE a, CK_BYTE * b, CK_ULONG * c), (a, b, c)
#define CHANGE                                                                 \
    (CK_SESSION_HANDLE a, CK_BYTE * b, CK_ULONG c, CK_BYTE * d, CK_ULONG * e), \
        (a, b, c, d, e)
#define TWO_BYTES                                                              \
    (CK_SESSION_HANDLE a, CK_BYTE * b, CK_ULONG c, CK_BYTE * d, CK_ULONG e),   \
        (a, b, c, d, e)
#define MECHANISM                                                              \
    (CK_SESSION_HANDLE a, CK_MECHANISM * b, CK_OBJECT_HANDLE c), (a, b, c)
#define TEMPLATE (CK_SESSION_HANDLE a, CK_ATTRIBUTE * b, CK_ULONG c), (a, b, c)
#define OBJECT (CK_SESSION_HANDLE a, CK_OBJECT_HANDLE b), (a, b)
#define ATTRIBUTES                                                             \
    (CK_SESSION_HANDLE a, CK_OBJECT_HANDLE b, CK_ATTRIBUTE * c, CK_ULONG d),   \
        (a, b, c, d)

#define CALLS(X)                                                               \
    X(C_Initialize, NOTHING)                                                   \
    X(C_Finalize, NOTHING)                                                     \
    X(C_GetInfo, (CK_INFO * a), (a))                                           \
    X(C_GetSlotList, (CK_BBOOL a, CK_SLOT_ID * b, CK_ULONG * c), (a, b, c))    \
    X(C_GetSlotInfo, SLOT_INFO(CK_SLOT_INFO))                                  \
    X(C_GetTokenInfo, SLOT_INFO(CK_TOKEN_INFO))                                \
    X(C_WaitForSlotEvent, (CK_FLAGS a, CK_SLOT_ID * b, void *c), (a, b, c))    \
    X(C_GetMechanismList, (CK_SLOT_ID a, CK_MECHANISM_TYPE * b, CK_ULONG * c), \
      (a, b, c))                                                               \
    X(C_GetMechanismInfo,                                                      \
      (CK_SLOT_ID a, CK_MECHANISM_TYPE b, CK_MECHANISM_INFO * c), (a, b, c))   \
    X(C_InitToken, (CK_SLOT_ID a, CK_BYTE * b, CK_ULONG c, CK_BYTE * d),       \
      (a, b, c, d))                                                            \
    X(C_InitPIN, WITH_BYTES)                                                   \
    X(C_SetPIN, TWO_BYTES)                                                     \
    X(C_OpenSession,                                                           \
      (CK_SLOT_ID a, CK_FLAGS b, void *c, CK_NOTIFY d, CK_SESSION_HANDLE *e),  \
      (a, b, c, d, e))                                                         \
    X(C_CloseSession, SESSION)                                                 \
    X(C_CloseAllSessions, (CK_SLOT_ID a), (a))                                 \
    X(C_GetSessionInfo, (CK_SESSION_HANDLE a, CK_SESSION_INFO * b), (a, b))    \
    X(C_GetOperationState, TO_BYTES)                                           \
    X(C_SetOperationState,                                                     \
      (CK_SESSION_HANDLE a, CK_BYTE * b, CK_ULONG c, CK_OBJECT_HANDLE d,       \
       CK_OBJECT_HANDLE e),                                                    \
      (a, b, c, d, e))                                                         \
    X(C_Login, (CK_SESSION_HANDLE a, CK_USER_TYPE b, CK_BYTE * c, CK_ULONG d), \
      (a, b, c, d))                                                            \
    X(C_Logout, SESSION)                                                       \
    X(C_CreateObject,                                                          \
      (CK_SESSION_HANDLE a, CK_ATTRIBUTE * b, CK_ULONG c,                      \
       CK_OBJECT_HANDLE * d),                                                  \
      (a, b, c, d))                                                            \
    X(C_CopyObject,                                                            \
      (CK_SESSION_HANDLE a, CK_OBJECT_HANDLE b, CK_ATTRIBUTE * c, CK_ULONG d,  \
       CK_OBJECT_HANDLE * e),                                                  \
      (a, b, c, d, e))                                                         \
    X(C_DestroyObject, OBJECT)                                                 \
    X(C_GetObjectSize,                                                         \
      (CK_SESSION_HANDLE a, CK_OBJECT_HANDLE b, CK_ULONG * c), (a, b, c))      \
    X(C_GetAttributeValue, ATTRIBUTES)                                         \
    X(C_SetAttributeValue, ATTRIBUTES)                                         \
    X(C_FindObjectsInit, TEMPLATE)                                             \
    X(C_FindObjects,                                                           \
      (CK_SESSION_HANDLE a, CK_OBJECT_HANDLE * b, CK_ULONG c, CK_ULONG * d),   \
      (a, b, c, d))                                                            \
    X(C_FindObjectsFinal, SESSION)                                             \
    X(C_EncryptInit, MECHANISM)                                                \
    X(C_Encrypt, CHANGE)                                                       \
    X(C_EncryptUpdate, CHANGE)                                                 \
    X(C_EncryptFinal, TO_BYTES)                                                \
    X(C_DecryptInit, MECHANISM)                                                \
    X(C_Decrypt, CHANGE)                                                       \
    X(C_DecryptUpdate, CHANGE)                                                 \
    X(C_DecryptFinal, TO_BYTES)                                                \
    X(C_DigestInit, (CK_SESSION_HANDLE a, CK_MECHANISM * b), (a, b))           \
    X(C_Digest, CHANGE)                                                        \
    X(C_DigestUpdate, WITH_BYTES)                                              \
    X(C_DigestKey, OBJECT)                                                     \
    X(C_DigestFinal, TO_BYTES)                                                 \
    X(C_SignInit, MECHANISM)                                                   \
    X(C_Sign, CHANGE)                                                          \
    X(C_SignUpdate, WITH_BYTES)                                                \
    X(C_SignFinal, TO_BYTES)                                                   \
    X(C_SignRecoverInit, MECHANISM)                                            \
    X(C_SignRecover, CHANGE)                                                   \
    X(C_VerifyInit, MECHANISM)                                                 \
    X(C_Verify, TWO_BYTES)                                                     \
    X(C_VerifyUpdate, WITH_BYTES)                                              \
    X(C_VerifyFinal, WITH_BYTES)                                               \
    X(C_VerifyRecoverInit, MECHANISM)                                          \
    X(C_VerifyRecover, CHANGE)                                                 \
    X(C_DigestEncryptUpdate, CHANGE)                                           \
    X(C_DecryptDigestUpdate, CHANGE)                                           \
    X(C_SignEncryptUpdate, CHANGE)                                             \
    X(C_DecryptVerifyUpdate, CHANGE)                                           \
    X(C_GenerateKey,                                                           \
      (CK_SESSION_HANDLE a, CK_MECHANISM * b, CK_ATTRIBUTE * c, CK_ULONG d,    \
       CK_OBJECT_HANDLE * e),                                                  \
      (a, b, c, d, e))                                                         \
    X(C_GenerateKeyPair,                                                       \
      (CK_SESSION_HANDLE a, CK_MECHANISM * b, CK_ATTRIBUTE * c, CK_ULONG d,    \
       CK_ATTRIBUTE * e, CK_ULONG f, CK_OBJECT_HANDLE * g,                     \
       CK_OBJECT_HANDLE * h),                                                  \
      (a, b, c, d, e, f, g, h))                                                \
    X(C_WrapKey,                                                               \
      (CK_SESSION_HANDLE a, CK_MECHANISM * b, CK_OBJECT_HANDLE c,              \
       CK_OBJECT_HANDLE d, CK_BYTE * e, CK_ULONG * f),                         \
      (a, b, c, d, e, f))                                                      \
    X(C_UnwrapKey,                                                             \
      (CK_SESSION_HANDLE a, CK_MECHANISM * b, CK_OBJECT_HANDLE c, CK_BYTE * d, \
       CK_ULONG e, CK_ATTRIBUTE * f, CK_ULONG g, CK_OBJECT_HANDLE * h),        \
      (a, b, c, d, e, f, g, h))                                                \
    X(C_DeriveKey,                                                             \
      (CK_SESSION_HANDLE a, CK_MECHANISM * b, CK_OBJECT_HANDLE c,              \
       CK_ATTRIBUTE * d, CK_ULONG e, CK_OBJECT_HANDLE * f),                    \
      (a, b, c, d, e, f))                                                      \
    X(C_SeedRandom, WITH_BYTES)                                                \
    X(C_GenerateRandom, WITH_BYTES)                                            \
    X(C_GetFunctionStatus, SESSION)                                            \
    X(C_CancelFunction, SESSION)

static CK_FUNCTION_LIST own;
static CK_FUNCTION_LIST *real;

#define INDEX(name, ...) INDEX_##name,
enum { CALLS(INDEX) INDEX__MAX };

#define ROW(name, ...) {#name, 0},
struct counting_call counting_calls[] = {CALLS(ROW){NULL, 0}};

struct counting_start counting_start;

static void
count(size_t call)
{
    counting_calls[call].count++;
    counting_start.total++;
    if (call == INDEX_C_Sign && counting_start.first_sign == 0)
        counting_start.first_sign = counting_start.total;
}

/* A shape is two arguments only after it was expanded. */
#define COUNTED(name, ...) COUNTED_SHAPE(name, __VA_ARGS__)
#define COUNTED_SHAPE(name, parameters, arguments)                             \
    static CK_RV counted_##name parameters                                     \
    {                                                                          \
        count(INDEX_##name);                                                   \
        return real->name arguments;                                           \
    }
CALLS(COUNTED)

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    CK_C_GetFunctionList get = NULL;
    void *library = dlopen(SOFTHSM_MODULE, RTLD_NOW | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, "C_GetFunctionList") : NULL;

    if (symbol == NULL)
        return CKR_GENERAL_ERROR;
    memcpy(&get, &symbol, sizeof get);
    if (get(&real) != CKR_OK)
        return CKR_GENERAL_ERROR;
    own.version = real->version;
    own.C_GetFunctionList = C_GetFunctionList;
#define PUT(name, ...) own.name = counted_##name;
    CALLS(PUT)
    *list = &own;
    return CKR_OK;
}
