/* SPDX-License-Identifier: Apache-2.0 */
/* A key from outside made an object.  Its numbers go to the module from where
 * they lie; nothing here may copy them. */
#include "hsm/pkcs11/key.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "hsm/pkcs11/public.h"
#include "hsm/pkcs11/rv.h"
#include "hsm/pkcs11/unwrap.h"

static void
add_number(struct pkcs11_template *template, CK_ATTRIBUTE_TYPE type,
           const struct material_number *number)
{
    pkcs11_template_add(template, type, number->bytes, number->length);
}

static void
add_secrets(struct pkcs11_template *template, const struct material *material)
{
    if (material->type != MATERIAL_RSA) {
        pkcs11_template_add_curve(template, material->type);
        add_number(template, CKA_VALUE, &material->scalar);
        return;
    }
    add_number(template, CKA_MODULUS, &material->n);
    add_number(template, CKA_PUBLIC_EXPONENT, &material->e);
    add_number(template, CKA_PRIVATE_EXPONENT, &material->d);
    add_number(template, CKA_PRIME_1, &material->p);
    add_number(template, CKA_PRIME_2, &material->q);
    add_number(template, CKA_EXPONENT_1, &material->dp);
    add_number(template, CKA_EXPONENT_2, &material->dq);
    add_number(template, CKA_COEFFICIENT, &material->qi);
}

/* In the clear, as the standard has it. */
static CK_RV
create_clear(struct pkcs11_token *token, CK_SESSION_HANDLE session,
             const struct pkcs11_name *name, const struct material *material,
             CK_OBJECT_HANDLE *ret)
{
    struct pkcs11_template template;
    CK_RV rv = CKR_ATTRIBUTE_TYPE_INVALID;

    for (unsigned i = token->strictest;
         i < PKCS11_STRICTNESS__MAX && pkcs11_template_refused(rv); i++) {
        pkcs11_template_private(&template, name, (enum pkcs11_strictness)i);
        add_secrets(&template, material);
        rv = token->functions->C_CreateObject(session, template.attributes,
                                              template.count, ret);
    }
    OPENSSL_cleanse(&template, sizeof template);
    return rv;
}

/* A token that refuses the clear key may take it wrapped. */
static enum ks_err
create_private(struct pkcs11_token *token, CK_SESSION_HANDLE session,
               const struct pkcs11_name *name, const struct material *material,
               EVP_PKEY *public, struct pkcs11_objects *ret,
               struct err_cause *cause)
{
    struct err_cause why = {.text = ""};
    CK_RV rv = create_clear(token, session, name, material, &ret->private);
    enum ks_err rc;

    if (rv == CKR_OK)
        return KS_OK;
    rc = pkcs11_rv_set(&why, rv, "C_CreateObject");
    if (!pkcs11_unwrap_may_help(rv))
        return err_pass(cause, rc, "%s", why.text);
    rc = pkcs11_unwrap(token, session, name, material, public, &ret->private,
                       cause);
    ret->wrapped = rc == KS_OK;
    if (ret->wrapped && token->strictest < PKCS11_CHANGEABLE)
        token->strictest = PKCS11_CHANGEABLE; /* as it was unwrapped */
    if (rc != KS_OK && cause != NULL) {
        struct err_cause wrapped = *cause;

        err_cut_remedy(&why);
        rc = err_pass(cause, rc, "%.100s, and wrapped: %.100s", why.text,
                      wrapped.text);
    }
    return rc;
}

static enum ks_err
create_public(struct pkcs11_token *token, CK_SESSION_HANDLE session,
              const struct pkcs11_name *name, const struct material *material,
              EVP_PKEY *public, CK_OBJECT_HANDLE *ret, struct err_cause *cause)
{
    struct pkcs11_template template;
    uint8_t point[PKCS11_POINT_MAX];
    size_t length = 0;
    CK_RV rv;

    pkcs11_template_public(&template, name);
    if (material->type == MATERIAL_RSA) {
        add_number(&template, CKA_MODULUS, &material->n);
        add_number(&template, CKA_PUBLIC_EXPONENT, &material->e);
    } else {
        enum ks_err rc = pkcs11_public_point(public, point, &length, cause);

        if (rc != KS_OK)
            return rc;
        pkcs11_template_add_curve(&template, material->type);
        pkcs11_template_add(&template, CKA_EC_POINT, point, length);
    }
    rv = token->functions->C_CreateObject(session, template.attributes,
                                          template.count, ret);
    return rv == CKR_OK ? KS_OK
                        : pkcs11_rv_set(cause, rv, "C_CreateObject (public)");
}

/* The objects of a key under an id that no private key has. */
static enum ks_err
create(struct pkcs11_token *token, CK_SESSION_HANDLE session,
       const struct pkcs11_name *name, const struct material *material,
       EVP_PKEY *public, struct pkcs11_key **ret, struct err_cause *cause)
{
    struct pkcs11_objects made = {.wrapped = false};
    size_t orphans = 0;
    enum ks_err rc = pkcs11_object_destroy(token, session, CKO_PUBLIC_KEY,
                                           name->id, &orphans, cause);

    if (rc == KS_OK)
        rc = create_private(token, session, name, material, public, &made,
                            cause);
    if (rc == KS_OK)
        rc = create_public(token, session, name, material, public, &made.public,
                           cause);
    if (rc == KS_OK)
        rc = pkcs11_accept(token, session, made.private, name, public, ret,
                           cause);
    if (rc != KS_OK)
        return pkcs11_discard(token, session, &made, name->id, rc, cause);
    token->store.info.way = made.wrapped ? KEYSTORE_WAY_WRAPPED
                                         : KEYSTORE_WAY_CLEAR;
    return KS_OK;
}

/* What is too loose cannot be set right in a key that nobody may change. */
static enum ks_err
create_somehow(struct pkcs11_token *token, CK_SESSION_HANDLE session,
               const struct pkcs11_name *name, const struct material *material,
               EVP_PKEY *public, struct pkcs11_key **ret,
               struct err_cause *cause)
{
    enum ks_err rc = create(token, session, name, material, public, ret, cause);

    if (rc != KS_ERR_TOKEN_WEAK || token->strictest >= PKCS11_CHANGEABLE)
        return rc;
    token->strictest = PKCS11_CHANGEABLE;
    return create(token, session, name, material, public, ret, cause);
}

/* What a crash or another program left under the id is the same key: make it
 * as good as a new one.  It was not ours to make and is not ours to destroy. */
static enum ks_err
reuse(struct pkcs11_token *token, CK_SESSION_HANDLE session,
      const struct pkcs11_name *name, const struct material *material,
      EVP_PKEY *public, CK_OBJECT_HANDLE object, struct pkcs11_key **ret,
      struct err_cause *cause)
{
    struct pkcs11_objects made = {.wrapped = false};
    CK_OBJECT_HANDLE found;
    size_t count = 0;
    enum ks_err rc = pkcs11_object_find(token, CKO_PUBLIC_KEY, name->id, &found,
                                        1, &count, cause);

    if (rc == KS_OK && count == 0)
        rc = create_public(token, session, name, material, public, &made.public,
                           cause);
    if (rc == KS_OK)
        rc = pkcs11_accept(token, session, object, name, public, ret, cause);
    return rc == KS_OK ? KS_OK
                       : pkcs11_discard(token, session, &made, NULL, rc, cause);
}

static enum ks_err
nothing_changed(struct err_cause *cause)
{
    struct err_cause why = {.text = ""};

    if (cause != NULL)
        why = *cause;
    return err_pass(cause, KS_ERR_KEY_OTHER, "%.160s%snothing was changed",
                    why.text, why.text[0] != '\0' ? ", " : "");
}

enum ks_err
pkcs11_import(struct pkcs11_token *token, const struct pkcs11_name *name,
              const struct material *material, EVP_PKEY *public,
              struct pkcs11_key **ret, struct err_cause *cause)
{
    CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
    struct pkcs11_key *old = NULL;
    enum ks_err rc = pkcs11_key_find(token, name->id, public, &old, cause);

    if (rc == KS_ERR_KEY_OTHER)
        return nothing_changed(cause);
    if (rc != KS_OK && rc != KS_ERR_KEY_MISSING)
        return rc;
    if (old != NULL && EVP_PKEY_eq(old->key.public, public) != 1)
        rc = nothing_changed(cause);
    else
        rc = pkcs11_token_begin(token, &session, cause);
    if (rc == KS_OK && old != NULL)
        rc = reuse(token, session, name, material, public, old->object, ret,
                   cause);
    else if (rc == KS_OK)
        rc = create_somehow(token, session, name, material, public, ret, cause);
    pkcs11_token_end(token, session);
    pkcs11_key_free(&old);
    return rc;
}
