/* SPDX-License-Identifier: Apache-2.0 */
/* Plain access to objects.  Decides nothing about keys, and never asks for
 * the value of a private number. */
#include "hsm/pkcs11/object.h"

#include <string.h>

#include "hsm/pkcs11/rv.h"

enum ks_err
pkcs11_object_find(struct pkcs11_token *token, CK_OBJECT_CLASS class,
                   const uint8_t *id, struct pkcs11_found *ret,
                   struct err_cause *cause)
{
    const CK_ULONG max = sizeof ret->object / sizeof ret->object[0];
    CK_ATTRIBUTE wanted[] = {
        pkcs11_attribute(CKA_CLASS, &class, sizeof class),
        pkcs11_attribute(CKA_ID, id, KEYSTORE_ID_LENGTH),
    };
    CK_ULONG count = 0;
    CK_RV rv = token->functions->C_FindObjectsInit(
        token->session, wanted, sizeof wanted / sizeof wanted[0]);

    if (rv != CKR_OK) {
        pkcs11_token_renew(token);
        return pkcs11_rv_set(cause, rv, "C_FindObjectsInit");
    }
    /* Cryptoki gives as many as there is room for, so that one call does. */
    rv = token->functions->C_FindObjects(token->session, ret->object, max,
                                         &count);
    if (rv == CKR_OK && count > max)
        rv = CKR_GENERAL_ERROR;
    if (token->functions->C_FindObjectsFinal(token->session) != CKR_OK)
        pkcs11_token_renew(token);
    if (rv != CKR_OK)
        return pkcs11_rv_set(cause, rv, "C_FindObjects");
    ret->count = count;
    return KS_OK;
}

enum ks_err
pkcs11_object_read(struct pkcs11_token *token, CK_OBJECT_HANDLE object,
                   CK_ATTRIBUTE *attribute, struct err_cause *cause)
{
    CK_ULONG size = attribute->ulValueLen;
    CK_RV rv = token->functions->C_GetAttributeValue(token->session, object,
                                                     attribute, 1);

    if (rv != CKR_OK)
        return pkcs11_rv_set(cause, rv, "C_GetAttributeValue");
    if (attribute->ulValueLen == 0 || attribute->ulValueLen > size)
        return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                       "attribute 0x%lx has no value", attribute->type);
    return KS_OK;
}

enum ks_err
pkcs11_object_flag(struct pkcs11_token *token, CK_OBJECT_HANDLE object,
                   const struct pkcs11_flag_row *flag, bool *ret,
                   struct err_cause *cause)
{
    CK_BBOOL value = CK_FALSE;
    CK_ATTRIBUTE attribute = {flag->type, &value, sizeof value};
    CK_RV rv = token->functions->C_GetAttributeValue(token->session, object,
                                                     &attribute, 1);

    if (rv == CKR_ATTRIBUTE_TYPE_INVALID ||
        (rv == CKR_OK && attribute.ulValueLen != sizeof value)) {
        *ret = flag->unless;
        return KS_OK;
    }
    if (rv != CKR_OK)
        return pkcs11_rv_set(cause, rv, "C_GetAttributeValue");
    *ret = value != CK_FALSE;
    return KS_OK;
}

bool
pkcs11_object_read_all(struct pkcs11_token *token, CK_OBJECT_HANDLE object,
                       CK_ATTRIBUTE *attributes, size_t count)
{
    return token->functions->C_GetAttributeValue(
               token->session, object, attributes, (CK_ULONG)count) == CKR_OK;
}

enum ks_err
pkcs11_object_reveals(struct pkcs11_token *token, CK_OBJECT_HANDLE object,
                      CK_ATTRIBUTE_TYPE type, bool *ret,
                      struct err_cause *cause)
{
    CK_ATTRIBUTE attribute = {type, NULL, 0};
    CK_RV rv = token->functions->C_GetAttributeValue(token->session, object,
                                                     &attribute, 1);

    if (rv != CKR_OK && rv != CKR_ATTRIBUTE_SENSITIVE &&
        rv != CKR_ATTRIBUTE_TYPE_INVALID)
        return pkcs11_rv_set(cause, rv, "C_GetAttributeValue");
    *ret = rv == CKR_OK && attribute.ulValueLen != 0 &&
           attribute.ulValueLen != CK_UNAVAILABLE_INFORMATION;
    return KS_OK;
}

/* Objects do not come back: a token that finds others than it was asked for
 * must not cost anybody a key. */
static enum ks_err
destroy(struct pkcs11_token *token, CK_OBJECT_HANDLE object, const uint8_t *id,
        struct err_cause *cause)
{
    uint8_t is[KEYSTORE_ID_LENGTH];
    CK_ATTRIBUTE attribute = {CKA_ID, is, sizeof is};
    enum ks_err rc = pkcs11_object_read(token, object, &attribute, cause);
    CK_RV rv;

    if (rc != KS_OK)
        return rc;
    if (attribute.ulValueLen != sizeof is || memcmp(is, id, sizeof is) != 0)
        return err_set(cause, KS_ERR_TOKEN_FAILED,
                       "it finds objects of another id");
    rv = token->functions->C_DestroyObject(token->writing, object);
    return rv == CKR_OK ? KS_OK : pkcs11_rv_set(cause, rv, "C_DestroyObject");
}

enum ks_err
pkcs11_object_destroy(struct pkcs11_token *token, CK_OBJECT_CLASS class,
                      const uint8_t *id, size_t *ret_count,
                      struct err_cause *cause)
{
    struct pkcs11_found found;
    CK_OBJECT_HANDLE last = CK_INVALID_HANDLE;
    size_t total = 0;
    enum ks_err rc;

    /* Tokens call an object destroyed that is still there, so that they are
     * asked until they find none. */
    for (;;) {
        rc = pkcs11_object_find(token, class, id, &found, cause);
        if (rc == KS_OK && found.count > 0 && found.object[0] == last)
            rc = err_set(cause, KS_ERR_TOKEN_FAILED,
                         "what it destroyed is still there");
        if (rc != KS_OK || found.count == 0)
            break;
        rc = destroy(token, found.object[0], id, cause);
        if (rc != KS_OK)
            break;
        last = found.object[0];
        total++;
    }
    if (rc == KS_OK)
        *ret_count = total;
    return rc;
}
