/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what the test wrote, and finds public objects only: the private one is
 * handed in. */
#include "tests/unit/hsm/pkcs11/scripted_token.h"

#include <string.h>

#define PUBLIC_OBJECT 2

struct scripted_token told;

static CK_ULONG left; /* in the search that is open */

static CK_RV
get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                    CK_ATTRIBUTE *template, CK_ULONG count)
{
    const struct told_object *from = object == TOLD_PRIVATE ? &told.private
                                                            : &told.public;

    (void)session;
    if (count != 1)
        return CKR_ARGUMENTS_BAD;
    for (size_t i = 0; i < TOLD_ATTRIBUTES; i++) {
        const CK_ATTRIBUTE *attribute = &from->attributes[i];

        if (attribute->type != template->type || attribute->pValue == NULL)
            continue;
        if (attribute->ulValueLen > template->ulValueLen) {
            template->ulValueLen = CK_UNAVAILABLE_INFORMATION;
            return CKR_BUFFER_TOO_SMALL;
        }
        memcpy(template->pValue, attribute->pValue, attribute->ulValueLen);
        template->ulValueLen = attribute->ulValueLen;
        if (template->type == told.stretched)
            template->ulValueLen = told.stretched_to;
        return CKR_OK;
    }
    template->ulValueLen = CK_UNAVAILABLE_INFORMATION;
    return CKR_ATTRIBUTE_TYPE_INVALID;
}

static CK_RV
find_objects_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template,
                  CK_ULONG count)
{
    (void)session;
    (void)template;
    (void)count;
    left = told.publics;
    return CKR_OK;
}

static CK_RV
find_objects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG max,
             CK_ULONG *count)
{
    (void)session;
    for (*count = 0; *count < max && left > 0; left--)
        objects[(*count)++] = PUBLIC_OBJECT;
    return CKR_OK;
}

static CK_RV
find_objects_final(CK_SESSION_HANDLE session)
{
    (void)session;
    return CKR_OK;
}

void
scripted_token_clear(void)
{
    memset(&told, 0, sizeof told);
    told.stretched = CK_UNAVAILABLE_INFORMATION;
}

void
scripted_token_set(struct told_object *object, size_t at,
                   CK_ATTRIBUTE_TYPE type, const void *value, size_t length)
{
    object->attributes[at] = pkcs11_attribute(type, value, length);
}

struct pkcs11_token *
scripted_token(void)
{
    static CK_FUNCTION_LIST functions = {
        .C_GetAttributeValue = get_attribute_value,
        .C_FindObjectsInit = find_objects_init,
        .C_FindObjects = find_objects,
        .C_FindObjectsFinal = find_objects_final,
    };
    static struct pkcs11_token token = {.functions = &functions, .session = 1};

    return &token;
}
