/* SPDX-License-Identifier: Apache-2.0 */
/* A key born on the token: its private half exists nowhere else. */
#include "hsm/pkcs11/generate.h"

#include "hsm/pkcs11/accept.h"
#include "hsm/pkcs11/find.h"
#include "hsm/pkcs11/object.h"
#include "hsm/pkcs11/rv.h"

static const CK_ULONG rsa_bits = PKCS11_BORN_RSA_BITS;
static const uint8_t rsa_exponent[] = {0x01, 0x00, 0x01};

static CK_RV
generate(struct pkcs11_token *token, const struct keystore_new_key *name,
         enum pkcs11_strictness strictness, struct pkcs11_objects *ret)
{
    CK_MECHANISM mechanism = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    struct pkcs11_template public;
    struct pkcs11_template private;

    pkcs11_template_private(&private, name, strictness);
    pkcs11_template_public(&public, name);
    if (name->type == MATERIAL_RSA) {
        mechanism.mechanism = CKM_RSA_PKCS_KEY_PAIR_GEN;
        pkcs11_template_add(&public, CKA_MODULUS_BITS, &rsa_bits,
                            sizeof rsa_bits);
        pkcs11_template_add(&public, CKA_PUBLIC_EXPONENT, rsa_exponent,
                            sizeof rsa_exponent);
    } else {
        pkcs11_template_add_curve(&public, name->type);
    }
    return token->functions->C_GenerateKeyPair(
        token->writing, &mechanism, public.attributes, public.count,
        private.attributes, private.count, &ret->public, &ret->private);
}

static enum ks_err
create(struct pkcs11_token *token, const struct keystore_new_key *wanted,
       struct pkcs11_key **ret, struct err_cause *cause)
{
    struct pkcs11_objects made = {.wrapped = false};
    CK_RV rv = CKR_ATTRIBUTE_TYPE_INVALID;
    size_t orphans = 0;
    enum ks_err rc = pkcs11_object_destroy(token, CKO_PUBLIC_KEY, wanted->id,
                                           &orphans, cause);

    if (rc != KS_OK)
        return rc;
    for (enum pkcs11_strictness i = token->strictest;
         i < PKCS11_STRICTNESS__MAX && pkcs11_strictness_refused(rv); i++) {
        rv = generate(token, wanted, i, &made);
    }
    if (rv != CKR_OK)
        rc = pkcs11_rv_set(cause, rv, "C_GenerateKeyPair");
    else
        rc = pkcs11_accept(token, made.private, wanted, ret, cause);
    return rc == KS_OK ? KS_OK
                       : pkcs11_discard(token, &made, wanted->id, rc, cause);
}

enum ks_err
pkcs11_generate(struct pkcs11_token *token,
                const struct keystore_new_key *wanted, struct pkcs11_key **ret,
                struct err_cause *cause)
{
    CK_OBJECT_HANDLE old;
    enum ks_err rc = pkcs11_find_private(token, wanted->id, &old, cause);

    if (rc == KS_OK)
        return err_set(cause, KS_ERR_KEY_OTHER, "nothing was generated");
    if (rc != KS_ERR_KEY_MISSING)
        return rc;
    rc = pkcs11_token_begin(token, cause);
    if (rc == KS_OK)
        rc = create(token, wanted, ret, cause);
    /* As of an import: create_somehow(). */
    if (rc == KS_ERR_TOKEN_WEAK && token->strictest < PKCS11_CHANGEABLE) {
        token->strictest = PKCS11_CHANGEABLE;
        rc = create(token, wanted, ret, cause);
    }
    pkcs11_token_end(token);
    return rc;
}
