/* SPDX-License-Identifier: Apache-2.0 */
/* The module's own function list, asked for its mechanisms and nothing else.
 * Never opens a session. */
#include "agent/inspect/mechanism.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include <p11-kit/pkcs11.h>

#define MECHANISMS_MAX 1024
#define AES_KEY_WRAP_KWP 0x210bUL /* not in p11-kit's header */

static CK_FUNCTION_LIST *
function_list(void *library)
{
    CK_C_GetFunctionList get = NULL;
    CK_FUNCTION_LIST *list = NULL;
    void *symbol = dlsym(library, "C_GetFunctionList");

    if (symbol == NULL)
        return NULL;
    memcpy(&get, &symbol, sizeof get); /* POSIX's way from data to function */
    return get(&list) == CKR_OK ? list : NULL;
}

static bool
signs_in_hardware(const CK_FUNCTION_LIST *functions, CK_SLOT_ID slot)
{
    static const CK_MECHANISM_TYPE signing[] = {CKM_RSA_PKCS_PSS, CKM_RSA_PKCS,
                                                CKM_ECDSA};

    for (size_t i = 0; i < sizeof signing / sizeof signing[0]; i++) {
        CK_MECHANISM_INFO info = {0};

        if (functions->C_GetMechanismInfo(slot, signing[i], &info) == CKR_OK &&
            (info.flags & CKF_HW) != 0 && (info.flags & CKF_SIGN) != 0)
            return true;
    }
    return false;
}

bool
inspect_says_hardware(void *library, unsigned long slot)
{
    const CK_FUNCTION_LIST *functions = function_list(library);
    CK_SLOT_INFO info = {0};

    return functions != NULL && functions->C_GetSlotInfo != NULL &&
           functions->C_GetMechanismInfo != NULL &&
           functions->C_GetSlotInfo(slot, &info) == CKR_OK &&
           (info.flags & CKF_HW_SLOT) != 0 &&
           signs_in_hardware(functions, slot);
}

bool
inspect_unwraps(void *library, unsigned long slot)
{
    static CK_MECHANISM_TYPE mechanisms[MECHANISMS_MAX];
    CK_FUNCTION_LIST *functions = function_list(library);
    CK_ULONG count = MECHANISMS_MAX;
    bool combined = false;
    bool oaep = false;
    bool kwp = false;

    if (functions == NULL || functions->C_GetMechanismList == NULL ||
        functions->C_GetMechanismList(slot, mechanisms, &count) != CKR_OK ||
        count > MECHANISMS_MAX)
        return false;
    for (CK_ULONG i = 0; i < count; i++) {
        combined = combined || mechanisms[i] == CKM_RSA_AES_KEY_WRAP;
        oaep = oaep || mechanisms[i] == CKM_RSA_PKCS_OAEP;
        kwp = kwp || mechanisms[i] == AES_KEY_WRAP_KWP ||
              mechanisms[i] == CKM_AES_KEY_WRAP_PAD;
    }
    return combined || (oaep && kwp);
}
