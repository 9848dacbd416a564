/* SPDX-License-Identifier: Apache-2.0 */
/* SoftHSM with lies; see lying_module.h.  A process may use it for one store
 * at a time.  Here it starts, says what it is, and logs in. */
#include "tests/altered/lying_module.h"

#include <dlfcn.h>
#include <string.h>

#include "tests/altered/lying_objects.h"

struct lies lies;

static CK_FUNCTION_LIST own;
static CK_FUNCTION_LIST *real;
static CK_SLOT_ID opened_slot;
static CK_SESSION_HANDLE read_session;

static CK_RV
initialize(void *args)
{
    if (lies.needs_other_locks && args != NULL)
        return CKR_CANT_LOCK;
    return real->C_Initialize(args);
}

static CK_RV
get_slot_list(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count)
{
    CK_RV rv = real->C_GetSlotList(present, slots, count);

    if (slots != NULL)
        *count += lies.slots;
    if (slots != NULL && lies.late)
        *count = 0;
    if (slots == NULL)
        lies.late = false;
    return rv;
}

static CK_RV
get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    CK_RV rv = real->C_GetTokenInfo(slot, info);

    info->flags = (info->flags | lies.flags_set) & ~lies.flags_cleared;
    if (lies.maker != NULL) {
        memset(info->manufacturerID, ' ', sizeof info->manufacturerID);
        memcpy(info->manufacturerID, lies.maker, strlen(lies.maker));
    }
    if (lies.model != NULL) {
        memset(info->model, ' ', sizeof info->model);
        memcpy(info->model, lies.model, strlen(lies.model));
    }
    return rv;
}

static CK_RV
open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *application,
             CK_NOTIFY notify, CK_SESSION_HANDLE *session)
{
    CK_RV rv;

    if (lies.read_only && (flags & CKF_RW_SESSION) != 0)
        return CKR_TOKEN_WRITE_PROTECTED;
    lies.writable_sessions += (flags & CKF_RW_SESSION) != 0;
    rv = real->C_OpenSession(slot, flags, application, notify, session);
    if (rv == CKR_OK && (flags & CKF_RW_SESSION) == 0)
        read_session = *session;
    opened_slot = slot;
    return rv;
}

/* The login, and what may be destroyed, ends with the last session. */
static CK_RV
close_session(CK_SESSION_HANDLE session)
{
    if (lies.forgets && session == read_session)
        lying_objects_forget(opened_slot);
    return real->C_CloseSession(session);
}

/* A key pad that somebody types the right PIN into. */
static CK_RV
login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin,
      CK_ULONG length)
{
    CK_UTF8CHAR typed[32];

    lies.logins++;
    if (lies.no_login)
        return CKR_OK;
    if (pin != NULL)
        return real->C_Login(session, user, pin, length);
    lies.key_pad_logins++;
    memcpy(typed, lies.typed, strlen(lies.typed));
    return real->C_Login(session, user, typed, strlen(lies.typed));
}

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    CK_C_GetFunctionList get = NULL;
    void *library = dlopen(SOFTHSM_MODULE, RTLD_NOW | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, "C_GetFunctionList") : NULL;

    *list = NULL;
    if (lies.list != CKR_OK || lies.no_list)
        return lies.list;
    if (symbol == NULL)
        return CKR_GENERAL_ERROR;
    memcpy(&get, &symbol, sizeof get);
    if (get(&real) != CKR_OK)
        return CKR_GENERAL_ERROR;
    own = *real;
    own.C_GetFunctionList = C_GetFunctionList;
    own.C_Initialize = initialize;
    own.C_GetSlotList = get_slot_list;
    own.C_GetTokenInfo = get_token_info;
    own.C_OpenSession = open_session;
    own.C_CloseSession = close_session;
    own.C_Login = login;
    lying_objects_take(&own, real);
    if (lies.version != 0)
        own.version.major = lies.version;
    *list = &own;
    return CKR_OK;
}
