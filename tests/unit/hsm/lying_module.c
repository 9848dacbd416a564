/* SPDX-License-Identifier: Apache-2.0 */
/* SoftHSM with lies; see lying_module.h.  A process may use it for one store
 * at a time. */
#include "tests/unit/hsm/lying_module.h"

#include <dlfcn.h>
#include <string.h>

#include <openssl/err.h>

#define TEMPLATE_MAX 32

struct lies lies;

static CK_FUNCTION_LIST own;
static CK_FUNCTION_LIST *real;
static bool searching_public;
static CK_SLOT_ID opened_slot;
static CK_SESSION_HANDLE read_session;
static CK_OBJECT_HANDLE
    made; /* the last private object, or CK_INVALID_HANDLE */

static const CK_ATTRIBUTE *
find(const CK_ATTRIBUTE *template, CK_ULONG count, CK_ATTRIBUTE_TYPE type)
{
    for (CK_ULONG i = 0; i < count; i++)
        if (template[i].type == type)
            return &template[i];
    return NULL;
}

static bool
is_class(const CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_CLASS class)
{
    const CK_ATTRIBUTE *attribute = find(template, count, CKA_CLASS);

    return attribute != NULL &&
           memcmp(attribute->pValue, &class, sizeof class) == 0;
}

static bool
is_refused(const CK_ATTRIBUTE *template, CK_ULONG count)
{
    return find(template, count, lies.refused) != NULL ||
           find(template, count, lies.refused_too) != NULL;
}

static bool
lacks(const CK_MECHANISM *mechanism)
{
    return mechanism->mechanism == lies.lacking ||
           mechanism->mechanism == lies.lacking_too;
}

/* TEMPLATE with other values for the two attributes that protect a key. */
static void
weaken(CK_ATTRIBUTE *ret, const CK_ATTRIBUTE *template, CK_ULONG count)
{
    static CK_BBOOL yes = CK_TRUE;
    static CK_BBOOL no = CK_FALSE;

    memcpy(ret, template, count * sizeof *template);
    for (CK_ULONG i = 0; lies.weak && i < count; i++) {
        if (ret[i].type == CKA_EXTRACTABLE)
            ret[i].pValue = &yes;
        if (ret[i].type == CKA_SENSITIVE)
            ret[i].pValue = &no;
    }
}

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
    CK_SESSION_HANDLE writes = CK_INVALID_HANDLE;

    if (lies.forgets && session == read_session && made != CK_INVALID_HANDLE &&
        real->C_OpenSession(opened_slot, CKF_SERIAL_SESSION | CKF_RW_SESSION,
                            NULL, NULL, &writes) == CKR_OK) {
        (void)real->C_DestroyObject(writes, made);
        (void)real->C_CloseSession(writes);
    }
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

static CK_RV
create_object(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count,
              CK_OBJECT_HANDLE *object)
{
    bool private = is_class(template, count, CKO_PRIVATE_KEY);
    CK_RV rv = private ? lies.create_private : lies.create_public;
    CK_ATTRIBUTE changed[TEMPLATE_MAX];

    if (rv != CKR_OK)
        return rv;
    if (private && is_refused(template, count))
        return CKR_ATTRIBUTE_TYPE_INVALID;
    weaken(changed, template, count);
    rv = real->C_CreateObject(session, changed, count, object);
    if (rv == CKR_OK && private && lies.loses)
        return real->C_DestroyObject(session, *object);
    if (rv == CKR_OK && private)
        made = *object;
    lies.objects += rv == CKR_OK;
    return rv;
}

static CK_RV
generate_key_pair(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
                  CK_ATTRIBUTE *public, CK_ULONG public_count,
                  CK_ATTRIBUTE *private, CK_ULONG private_count,
                  CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key)
{
    static CK_ULONG few_bits = 1024;
    CK_ATTRIBUTE changed[TEMPLATE_MAX];
    CK_ATTRIBUTE small[TEMPLATE_MAX];
    CK_RV rv;

    if (lacks(mechanism))
        return CKR_MECHANISM_INVALID;
    if (is_refused(private, private_count))
        return CKR_ATTRIBUTE_TYPE_INVALID;
    weaken(changed, private, private_count);
    memcpy(small, public, public_count * sizeof *public);
    for (CK_ULONG i = 0; lies.small_keys && i < public_count; i++)
        if (small[i].type == CKA_MODULUS_BITS)
            small[i].pValue = &few_bits;
    rv = real->C_GenerateKeyPair(session, mechanism, small, public_count,
                                 changed, private_count, public_key,
                                 private_key);
    lies.objects += rv == CKR_OK ? 2 : 0;
    return rv;
}

/* Of the key that is imported; what carries it passes. */
static CK_RV
unwrap_key(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
           CK_OBJECT_HANDLE by, CK_BYTE *wrapped, CK_ULONG length,
           CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *key)
{
    bool private = is_class(template, count, CKO_PRIVATE_KEY);
    CK_ATTRIBUTE changed[TEMPLATE_MAX];
    CK_RV rv = lacks(mechanism) ? CKR_MECHANISM_INVALID
               : private        ? lies.unwrap
                                : CKR_OK;

    lies.unwrapped[lies.unwraps++ % LIES_UNWRAPS] = mechanism->mechanism;
    if (rv != CKR_OK)
        return rv;
    if (private && is_refused(template, count))
        return CKR_ATTRIBUTE_TYPE_INVALID;
    weaken(changed, template, count);
    rv = real->C_UnwrapKey(session, mechanism, by, wrapped, length, changed,
                           count, key);
    if (rv == CKR_OK && private && lies.loses)
        return real->C_DestroyObject(session, *key);
    lies.objects += rv == CKR_OK;
    return rv;
}

static CK_RV
destroy_object(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
    CK_RV rv = lies.destroy;

    if (rv != CKR_OK || lies.keeps)
        return rv;
    rv = real->C_DestroyObject(session, object);
    lies.objects -= rv == CKR_OK;
    return rv;
}

static CK_RV
set_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                    CK_ATTRIBUTE *template, CK_ULONG count)
{
    if (lies.stubborn)
        return CKR_OK; /* the worst answer: nothing is done */
    return real->C_SetAttributeValue(session, object, template, count);
}

static CK_RV
lie_about(CK_ATTRIBUTE *attribute, CK_RV rv)
{
    CK_BYTE *value = attribute->pValue;

    if (attribute->type == lies.revealed) {
        attribute->ulValueLen = 32;
        return CKR_OK;
    }
    if (attribute->ulValueLen == CK_UNAVAILABLE_INFORMATION || value == NULL)
        return rv;
    if (attribute->type == lies.flag)
        value[0] = CK_TRUE;
    if (attribute->type == CKA_EC_POINT && lies.bare_point) {
        attribute->ulValueLen -= 2;
        memmove(value, value + 2, attribute->ulValueLen);
    }
    return rv;
}

static CK_RV
get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                    CK_ATTRIBUTE *template, CK_ULONG count)
{
    CK_RV rv;

    if (lies.one_by_one && count > 1)
        return CKR_ARGUMENTS_BAD;
    rv = real->C_GetAttributeValue(session, object, template, count);
    for (CK_ULONG i = 0; i < count; i++)
        rv = lie_about(&template[i], rv);
    return rv;
}

static CK_RV
find_objects_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template,
                  CK_ULONG count)
{
    searching_public = is_class(template, count, CKO_PUBLIC_KEY);
    return real->C_FindObjectsInit(session, template,
                                   lies.finds_any ? 1 : count);
}

static CK_RV
find_objects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG max,
             CK_ULONG *count)
{
    CK_RV rv = real->C_FindObjects(session, objects, max, count);

    if (rv == CKR_OK && searching_public && lies.hides_public)
        *count = 0;
    if (rv == CKR_OK && lies.floods)
        *count = max + 1000;
    if (rv == CKR_OK && lies.doubles && *count == 1 && max > 1) {
        objects[1] = objects[0];
        *count = 2;
    }
    return rv;
}

static CK_RV
sign_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
          CK_OBJECT_HANDLE key)
{
    if (lacks(mechanism))
        return CKR_MECHANISM_INVALID;
    return real->C_SignInit(session, mechanism, key);
}

static CK_RV
sign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length,
     CK_BYTE *signature, CK_ULONG *signature_length)
{
    CK_RV rv = lies.sign;

    if (lies.pollutes)
        ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
    lies.sign = CKR_OK;
    if (rv != CKR_OK)
        return rv;
    rv = real->C_Sign(session, data, length, signature, signature_length);
    if (rv == CKR_OK && lies.signs_wrong)
        signature[*signature_length - 1] ^= 1;
    return rv;
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
    own.C_CreateObject = create_object;
    own.C_GenerateKeyPair = generate_key_pair;
    own.C_UnwrapKey = lies.no_unwrap ? NULL : unwrap_key;
    own.C_DestroyObject = destroy_object;
    own.C_SetAttributeValue = set_attribute_value;
    own.C_GetAttributeValue = get_attribute_value;
    own.C_FindObjectsInit = find_objects_init;
    own.C_FindObjects = find_objects;
    own.C_SignInit = sign_init;
    own.C_Sign = lies.holes ? NULL : sign;
    if (lies.version != 0)
        own.version.major = lies.version;
    *list = &own;
    return CKR_OK;
}
