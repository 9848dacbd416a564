/* SPDX-License-Identifier: Apache-2.0 */
/* The attributes of a new key, read back, whatever the token said when it took
 * them, and tightened. */
#include "hsm/pkcs11/protect.h"

#include "hsm/pkcs11/object.h"

static const CK_ATTRIBUTE_TYPE rsa_secrets[] = {
    CKA_PRIVATE_EXPONENT, CKA_PRIME_1,    CKA_PRIME_2,
    CKA_EXPONENT_1,       CKA_EXPONENT_2, CKA_COEFFICIENT};
static const CK_ATTRIBUTE_TYPE ec_secrets[] = {CKA_VALUE};

/* Bring one flag to the wanted value, by asking once more if need be. */
static enum ks_err
tighten(struct pkcs11_token *token, CK_OBJECT_HANDLE object,
        const struct pkcs11_flag_row *flag, struct err_cause *cause)
{
    CK_BBOOL value = flag->wanted ? CK_TRUE : CK_FALSE;
    CK_ATTRIBUTE change = {flag->type, &value, sizeof value};
    bool is = !flag->wanted;
    enum ks_err rc = pkcs11_object_flag(token, object, flag, &is, cause);

    if (rc != KS_OK || is == flag->wanted)
        return rc;
    /* Its answer does not matter: what counts is what stands there then. */
    (void)token->functions->C_SetAttributeValue(token->writing, object, &change,
                                                1);
    rc = pkcs11_object_flag(token, object, flag, &is, cause);
    if (rc == KS_OK && is != flag->wanted)
        return err_set(cause, KS_ERR_TOKEN_WEAK, "%s stays %s", flag->name,
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
pkcs11_protect(struct pkcs11_token *token, CK_OBJECT_HANDLE object,
               enum material_type type, struct err_cause *cause)
{
    enum ks_err rc = KS_OK;

    for (size_t i = 0; rc == KS_OK && i < PKCS11_FLAG__MAX; i++)
        if (pkcs11_flags[i].kind != PKCS11_TOKENS_WORD)
            rc = tighten(token, object, &pkcs11_flags[i], cause);
    if (rc != KS_OK)
        return rc;
    if (type == MATERIAL_RSA)
        return check_secrets(token, object, rsa_secrets,
                             sizeof rsa_secrets / sizeof rsa_secrets[0], cause);
    return check_secrets(token, object, ec_secrets,
                         sizeof ec_secrets / sizeof ec_secrets[0], cause);
}
