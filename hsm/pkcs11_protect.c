/* SPDX-License-Identifier: Apache-2.0 */
/* The attributes of a new key, read back, whatever the token said when it took
 * them, and tightened. */
#include "hsm/pkcs11_key.h"

struct wanted {
    CK_ATTRIBUTE_TYPE type;
    const char *name;
    bool value;
    bool unless; /* what an object without this attribute counts as */
};

static const struct wanted flags[] = {
    {CKA_TOKEN, "CKA_TOKEN", true, false},
    {CKA_PRIVATE, "CKA_PRIVATE", true, false},
    {CKA_SENSITIVE, "CKA_SENSITIVE", true, false},
    {CKA_EXTRACTABLE, "CKA_EXTRACTABLE", false, true},
    {CKA_SIGN, "CKA_SIGN", true, false},
    {CKA_SIGN_RECOVER, "CKA_SIGN_RECOVER", false, false},
    {CKA_DECRYPT, "CKA_DECRYPT", false, false},
    {CKA_UNWRAP, "CKA_UNWRAP", false, false},
    {CKA_DERIVE, "CKA_DERIVE", false, false},
};

static const CK_ATTRIBUTE_TYPE rsa_secrets[] = {
    CKA_PRIVATE_EXPONENT, CKA_PRIME_1,    CKA_PRIME_2,
    CKA_EXPONENT_1,       CKA_EXPONENT_2, CKA_COEFFICIENT};
static const CK_ATTRIBUTE_TYPE ec_secrets[] = {CKA_VALUE};

/* Bring one flag to the wanted value, by asking once more if need be. */
static enum ks_err
tighten(struct pkcs11_token *token, CK_SESSION_HANDLE session,
        CK_OBJECT_HANDLE object, const struct wanted *wanted,
        struct err_cause *cause)
{
    CK_BBOOL value = wanted->value ? CK_TRUE : CK_FALSE;
    CK_ATTRIBUTE change = {wanted->type, &value, sizeof value};
    bool is = !wanted->value;
    enum ks_err rc = pkcs11_object_flag(token, object, wanted->type,
                                        wanted->unless, &is, cause);

    if (rc != KS_OK || is == wanted->value)
        return rc;
    /* Its answer does not matter: what counts is what stands there then. */
    (void)token->functions->C_SetAttributeValue(session, object, &change, 1);
    rc = pkcs11_object_flag(token, object, wanted->type, wanted->unless, &is,
                            cause);
    if (rc == KS_OK && is != wanted->value)
        return err_set(cause, KS_ERR_TOKEN_WEAK, "%s stays %s", wanted->name,
                       is ? "true" : "false");
    return rc;
}

static enum ks_err
check_secrets(struct pkcs11_token *token, CK_OBJECT_HANDLE object,
              const CK_ATTRIBUTE_TYPE *secrets, size_t count,
              struct err_cause *cause)
{
    for (size_t i = 0; i < count; i++) {
        bool reveals = true;
        enum ks_err rc = pkcs11_object_reveals(token, object, secrets[i],
                                               &reveals, cause);

        if (rc != KS_OK)
            return rc;
        if (reveals)
            return err_set(cause, KS_ERR_TOKEN_WEAK,
                           "it would give away attribute 0x%lx", secrets[i]);
    }
    return KS_OK;
}

enum ks_err
pkcs11_protect(struct pkcs11_token *token, CK_SESSION_HANDLE session,
               CK_OBJECT_HANDLE object, enum material_type type,
               struct err_cause *cause)
{
    enum ks_err rc = KS_OK;

    for (size_t i = 0; rc == KS_OK && i < sizeof flags / sizeof flags[0]; i++)
        rc = tighten(token, session, object, &flags[i], cause);
    if (rc != KS_OK)
        return rc;
    if (type == MATERIAL_RSA)
        return check_secrets(token, object, rsa_secrets,
                             sizeof rsa_secrets / sizeof rsa_secrets[0], cause);
    return check_secrets(token, object, ec_secrets,
                         sizeof ec_secrets / sizeof ec_secrets[0], cause);
}
