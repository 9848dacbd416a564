/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wrapped import, the token's half.  Tokens say little that is true of what
 * they can unwrap, so each way is tried; a wrong one fails cleanly, for what is
 * wrapped proves itself.
 */
#include "hsm/pkcs11/unwrap.h"

#include <openssl/evp.h>

#include "hsm/pkcs11/public.h"
#include "hsm/pkcs11/rv.h"
#include "hsm/pkcs11/wrap.h"

/* PKCS#11 v3.0 and NSS; not in p11-kit's header */
#define AES_KEY_WRAP_KWP 0x210bUL
#define NSS_PUBLIC_VALUE 0xd5a0db00UL
struct rsa_aes_key_wrap_params {
    CK_ULONG aes_key_bits;
    CK_RSA_PKCS_OAEP_PARAMS *oaep;
};

#define BARE_POINT 2 /* behind the OCTET STRING's header */

/* The import, and the objects that exist for it alone. */
struct unwrapping {
    struct pkcs11_token *token;
    const struct keystore_new_key *name;
    CK_ATTRIBUTE point; /* of an EC key, for NSS, which cannot do without */
    struct pkcs11_wrap *wrap;
    CK_OBJECT_HANDLE transport; /* private half */
    CK_OBJECT_HANDLE transport_public;
    CK_OBJECT_HANDLE kek;
    CK_RV steps; /* what came of both steps, once they have been tried */
};

static const struct hash {
    CK_MECHANISM_TYPE mechanism;
    CK_RSA_PKCS_MGF_TYPE mask;
    const EVP_MD *(*digest)(void);
} hashes[] = {
    {CKM_SHA256, CKG_MGF1_SHA256, EVP_sha256},
    {CKM_SHA_1, CKG_MGF1_SHA1, EVP_sha1}, /* all that SoftHSM knows */
};

static const CK_BBOOL yes = CK_TRUE;
static const CK_BBOOL no = CK_FALSE;

bool
pkcs11_unwrap_may_help(CK_RV rv)
{
    return pkcs11_strictness_refused(rv) || rv == CKR_FUNCTION_NOT_SUPPORTED ||
           rv == CKR_FUNCTION_REJECTED || rv == CKR_ACTION_PROHIBITED ||
           rv == CKR_ATTRIBUTE_SENSITIVE ||
           rv == CKR_KEY_FUNCTION_NOT_PERMITTED;
}

/* A pair that lives as long as the session and can unwrap, nothing else. */
static CK_RV
generate_transport(struct unwrapping *import)
{
    static const CK_ULONG bits = PKCS11_WRAP_TRANSPORT_BITS;
    static const uint8_t exponent[] = {0x01, 0x00, 0x01};
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0};
    CK_ATTRIBUTE public[] = {
        pkcs11_attribute(CKA_TOKEN, &no, sizeof no),
        pkcs11_attribute(CKA_MODULUS_BITS, &bits, sizeof bits),
        pkcs11_attribute(CKA_PUBLIC_EXPONENT, exponent, sizeof exponent),
    };
    CK_ATTRIBUTE private[] = {
        pkcs11_attribute(CKA_TOKEN, &no, sizeof no),
        pkcs11_attribute(CKA_PRIVATE, &yes, sizeof yes),
        pkcs11_attribute(CKA_SENSITIVE, &yes, sizeof yes),
        pkcs11_attribute(CKA_EXTRACTABLE, &no, sizeof no),
        pkcs11_attribute(CKA_UNWRAP, &yes, sizeof yes),
        pkcs11_attribute(CKA_SIGN, &no, sizeof no),
        pkcs11_attribute(CKA_DECRYPT, &no, sizeof no),
    };

    return import->token->functions->C_GenerateKeyPair(
        import->token->writing, &mechanism, public,
        sizeof public / sizeof *public, private,
        sizeof private / sizeof *private, &import->transport_public,
        &import->transport);
}

/* The pair and its public half, which the caller frees. */
static enum ks_err
make_transport(struct unwrapping *import, EVP_PKEY **ret,
               struct err_cause *cause)
{
    struct pkcs11_public said = {.key = NULL};
    CK_RV rv = generate_transport(import);
    enum ks_err rc;

    if (rv != CKR_OK)
        return pkcs11_rv_set(cause, rv, "C_GenerateKeyPair (transport)");
    rc = pkcs11_public_read(import->token, import->transport_public,
                            import->name->id, &said, cause);
    *ret = said.key;
    if (rc == KS_ERR_KEY_OTHER ||
        (rc == KS_OK &&
         (*ret == NULL || said.type != MATERIAL_RSA ||
          EVP_PKEY_get_bits(*ret) != PKCS11_WRAP_TRANSPORT_BITS)))
        rc = err_set(cause, KS_ERR_TOKEN_WEAK,
                     "its transport key is of another kind");
    return rc;
}

/* Says nothing about the way: another would do no better, and hide it. */
static bool
is_final(CK_RV rv)
{
    return rv == CKR_OK || rv == CKR_DEVICE_MEMORY || rv == CKR_DEVICE_ERROR ||
           rv == CKR_DEVICE_REMOVED || rv == CKR_TOKEN_NOT_PRESENT ||
           rv == CKR_USER_NOT_LOGGED_IN || rv == CKR_SESSION_CLOSED ||
           rv == CKR_SESSION_HANDLE_INVALID || rv == CKR_SESSION_READ_ONLY;
}

/* A key of the token's, and what it unwraps how. */
struct wrapped {
    CK_OBJECT_HANDLE by;
    CK_MECHANISM *mechanism;
    struct pkcs11_blob blob;
};

static CK_RV
unwrap_with(struct unwrapping *import, const struct wrapped *wrapped,
            struct pkcs11_template *template, CK_OBJECT_HANDLE *ret)
{
    return import->token->functions->C_UnwrapKey(
        import->token->writing, wrapped->mechanism, wrapped->by,
        wrapped->blob.bytes, wrapped->blob.length, template->attributes,
        template->count, ret);
}

/* Tokens make the object of what they unwrap before they have its value:
 * SoftHSM leaves half a key behind where that may not be changed any more, and
 * openCryptoki's has to be tightened. */
static enum pkcs11_strictness
strictest(const struct pkcs11_token *token)
{
    return token->strictest > PKCS11_CHANGEABLE ? token->strictest
                                                : PKCS11_CHANGEABLE;
}

/* The key itself, with as much of the template as the token takes. */
static CK_RV
unwrap(struct unwrapping *import, const struct wrapped *wrapped,
       CK_OBJECT_HANDLE *ret)
{
    CK_RV rv = CKR_ATTRIBUTE_TYPE_INVALID;

    for (enum pkcs11_strictness i = strictest(import->token);
         i < PKCS11_STRICTNESS__MAX && pkcs11_strictness_refused(rv); i++) {
        struct pkcs11_template template;

        pkcs11_template_private(&template, import->name, i);
        rv = unwrap_with(import, wrapped, &template, ret);
        if (rv != CKR_TEMPLATE_INCOMPLETE || import->point.pValue == NULL)
            continue;
        pkcs11_template_add(&template, import->point.type, import->point.pValue,
                            import->point.ulValueLen);
        rv = unwrap_with(import, wrapped, &template, ret);
    }
    return rv;
}

/* The AES key as an object that can unwrap and nothing else. */
static CK_RV
unwrap_kek(struct unwrapping *import, CK_RSA_PKCS_OAEP_PARAMS *oaep)
{
    static const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    static const CK_KEY_TYPE type = CKK_AES;
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_OAEP, oaep, sizeof *oaep};
    const struct wrapped wrapped = {import->transport, &mechanism,
                                    pkcs11_wrap_kek(import->wrap)};
    struct pkcs11_template template = {.count = 0};

    pkcs11_template_add(&template, CKA_CLASS, &class, sizeof class);
    pkcs11_template_add(&template, CKA_KEY_TYPE, &type, sizeof type);
    pkcs11_template_add(&template, CKA_TOKEN, &no, sizeof no);
    pkcs11_template_add(&template, CKA_SENSITIVE, &yes, sizeof yes);
    pkcs11_template_add(&template, CKA_EXTRACTABLE, &no, sizeof no);
    pkcs11_template_add(&template, CKA_UNWRAP, &yes, sizeof yes);
    return unwrap_with(import, &wrapped, &template, &import->kek);
}

/* Vendors disagree about the two numbers; 0x210B comes first, because a token
 * that knows it means KWP by it. */
static CK_RV
unwrap_in_two_steps(struct unwrapping *import, CK_RSA_PKCS_OAEP_PARAMS *oaep,
                    CK_OBJECT_HANDLE *ret)
{
    static const CK_MECHANISM_TYPE ways[] = {AES_KEY_WRAP_KWP,
                                             CKM_AES_KEY_WRAP_PAD};
    CK_RV rv = unwrap_kek(import, oaep);

    if (rv != CKR_OK)
        return rv;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        CK_MECHANISM mechanism = {ways[i], NULL, 0};
        const struct wrapped wrapped = {import->kek, &mechanism,
                                        pkcs11_wrap_key(import->wrap)};

        rv = unwrap(import, &wrapped, ret);
        if (is_final(rv))
            break;
    }
    return rv;
}

static CK_RV
unwrap_by(struct unwrapping *import, const struct hash *hash,
          CK_OBJECT_HANDLE *ret)
{
    CK_RSA_PKCS_OAEP_PARAMS oaep = {.hashAlg = hash->mechanism,
                                    .mgf = hash->mask,
                                    .source = CKZ_DATA_SPECIFIED};
    struct rsa_aes_key_wrap_params params = {PKCS11_WRAP_KEK_BITS, &oaep};
    CK_MECHANISM mechanism = {CKM_RSA_AES_KEY_WRAP, &params, sizeof params};
    const struct wrapped wrapped = {import->transport, &mechanism,
                                    pkcs11_wrap_both(import->wrap)};
    CK_RV rv = unwrap(import, &wrapped, ret);

    if (is_final(rv))
        return rv;
    /* With the AES key in the token both steps have failed, whatever the hash,
     * and came further than any other way. */
    if (import->kek == CK_INVALID_HANDLE)
        import->steps = unwrap_in_two_steps(import, &oaep, ret);
    return import->steps;
}

static enum ks_err
try_hashes(struct unwrapping *import, EVP_PKEY *transport,
           CK_OBJECT_HANDLE *ret, struct err_cause *cause)
{
    CK_RV rv = CKR_MECHANISM_INVALID;

    for (size_t i = 0; !is_final(rv) && i < sizeof hashes / sizeof hashes[0];
         i++) {
        enum ks_err rc = pkcs11_wrap_seal(import->wrap, transport,
                                          hashes[i].digest(), cause);

        if (rc != KS_OK)
            return rc;
        rv = unwrap_by(import, &hashes[i], ret);
    }
    return rv == CKR_OK ? KS_OK : pkcs11_rv_set(cause, rv, "C_UnwrapKey");
}

/* Session objects end with their session, but that of an import stays open for
 * the objects that follow. */
static void
destroy_helpers(const struct unwrapping *import)
{
    const CK_OBJECT_HANDLE objects[] = {import->kek, import->transport,
                                        import->transport_public};

    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++)
        if (objects[i] != CK_INVALID_HANDLE)
            (void)import->token->functions->C_DestroyObject(
                import->token->writing, objects[i]);
}

enum ks_err
pkcs11_unwrap(struct pkcs11_token *token, const struct keystore_new_key *wanted,
              CK_OBJECT_HANDLE *ret, struct err_cause *cause)
{
    struct unwrapping import = {.token = token,
                                .name = wanted,
                                .transport = CK_INVALID_HANDLE,
                                .transport_public = CK_INVALID_HANDLE,
                                .kek = CK_INVALID_HANDLE};
    uint8_t point[PKCS11_POINT_MAX];
    size_t length = 0;
    EVP_PKEY *transport = NULL;
    enum ks_err rc = KS_OK;

    if (token->functions->C_UnwrapKey == NULL)
        return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED, "no C_UnwrapKey");
    if (wanted->material->type != MATERIAL_RSA) {
        rc = pkcs11_public_point(wanted->public, point, &length, cause);
        import.point = pkcs11_attribute(NSS_PUBLIC_VALUE, point + BARE_POINT,
                                        length - BARE_POINT);
    }
    if (rc == KS_OK)
        rc = make_transport(&import, &transport, cause);
    if (rc == KS_OK)
        rc = pkcs11_wrap_new(wanted->material, &import.wrap, cause);
    if (rc == KS_OK)
        rc = try_hashes(&import, transport, ret, cause);
    destroy_helpers(&import);
    pkcs11_wrap_free(&import.wrap);
    EVP_PKEY_free(transport);
    return rc;
}
