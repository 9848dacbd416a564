/* SPDX-License-Identifier: Apache-2.0 */
/* Lies about keys: which are taken, what is made of them, and what of them is
 * given back. */
#include "tests/altered/lying_objects.h"

#include <string.h>

#include <openssl/err.h>

#include "tests/altered/lying_module.h"

#define TEMPLATE_MAX 32

static CK_FUNCTION_LIST *real;
static bool searching_public;
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
    if (lies.generate != CKR_OK)
        return lies.generate;
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

/* Unless one way is named the lie is about the key that is imported; what
 * carries it passes. */
static CK_RV
unwrap_answer(const CK_MECHANISM *mechanism, bool private)
{
    bool told = lies.unwrap_by == LIES_NONE
                    ? private
                    : mechanism->mechanism == lies.unwrap_by;

    if (lacks(mechanism))
        return CKR_MECHANISM_INVALID;
    return told ? lies.unwrap : CKR_OK;
}

static CK_RV
generate_kek(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count,
             CK_OBJECT_HANDLE *key)
{
    static CK_ULONG length = 32;
    CK_MECHANISM mechanism = {CKM_AES_KEY_GEN, NULL, 0};
    CK_ATTRIBUTE longer[TEMPLATE_MAX];

    memcpy(longer, template, count * sizeof *template);
    longer[count] = (CK_ATTRIBUTE){CKA_VALUE_LEN, &length, sizeof length};
    return real->C_GenerateKey(session, &mechanism, longer, count + 1, key);
}

static CK_RV
unwrap_key(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
           CK_OBJECT_HANDLE by, CK_BYTE *wrapped, CK_ULONG length,
           CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *key)
{
    bool private = is_class(template, count, CKO_PRIVATE_KEY);
    CK_ATTRIBUTE changed[TEMPLATE_MAX];
    CK_RV rv = unwrap_answer(mechanism, private);

    lies.unwrapped[lies.unwraps++ % LIES_UNWRAPS] = mechanism->mechanism;
    if (rv != CKR_OK)
        return rv;
    if (private && is_refused(template, count))
        return CKR_ATTRIBUTE_TYPE_INVALID;
    weaken(changed, template, count);
    rv = lies.unwraps_no_key && !private
             ? generate_kek(session, template, count, key)
             : real->C_UnwrapKey(session, mechanism, by, wrapped, length,
                                 changed, count, key);
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

static void
empty(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
      CK_ATTRIBUTE *attribute)
{
    CK_OBJECT_CLASS is = CKO_PUBLIC_KEY;
    CK_ATTRIBUTE class = {CKA_CLASS, &is, sizeof is};

    if (attribute->type == lies.empty &&
        real->C_GetAttributeValue(session, object, &class, 1) == CKR_OK &&
        is == CKO_PRIVATE_KEY)
        attribute->ulValueLen = 0;
}

static CK_RV
get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                    CK_ATTRIBUTE *template, CK_ULONG count)
{
    CK_RV rv;

    if (lies.one_by_one && count > 1)
        return CKR_ARGUMENTS_BAD;
    rv = real->C_GetAttributeValue(session, object, template, count);
    for (CK_ULONG i = 0; i < count; i++) {
        rv = lie_about(&template[i], rv);
        empty(session, object, &template[i]);
    }
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

void
lying_objects_forget(CK_SLOT_ID slot)
{
    CK_SESSION_HANDLE writes = CK_INVALID_HANDLE;

    if (made == CK_INVALID_HANDLE ||
        real->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
                            NULL, &writes) != CKR_OK)
        return;
    (void)real->C_DestroyObject(writes, made);
    (void)real->C_CloseSession(writes);
}

void
lying_objects_take(CK_FUNCTION_LIST *own, CK_FUNCTION_LIST *softhsm)
{
    real = softhsm;
    own->C_CreateObject = create_object;
    own->C_GenerateKeyPair = generate_key_pair;
    own->C_UnwrapKey = lies.no_unwrap ? NULL : unwrap_key;
    own->C_DestroyObject = destroy_object;
    own->C_SetAttributeValue = set_attribute_value;
    own->C_GetAttributeValue = get_attribute_value;
    own->C_FindObjectsInit = find_objects_init;
    own->C_FindObjects = find_objects;
    own->C_SignInit = sign_init;
    own->C_Sign = lies.holes ? NULL : sign;
}
