/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key's description of itself, asked in as few calls as can be: the first
 * signature of a process waits for them.  A token that does not answer all at
 * once is asked one by one.
 */
#include "hsm/pkcs11/attributes.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "hsm/pkcs11/object.h"

/* Everything of a key, to be filled in one call. */
struct answer {
    CK_BBOOL flags[PKCS11_FLAG__MAX];
    CK_KEY_TYPE type;
    uint8_t modulus[KEYSTORE_SIGNATURE_MAX];
    uint8_t exponent[KEYSTORE_SIGNATURE_MAX];
    uint8_t curve[64];
    CK_ATTRIBUTE attributes[PKCS11_FLAG__MAX + 3];
};

static void
ask(struct answer *answer, size_t at, CK_ATTRIBUTE_TYPE type, void *value,
    size_t size)
{
    answer->attributes[at] = (CK_ATTRIBUTE){type, value, (CK_ULONG)size};
}

static void
ask_flags(struct answer *answer)
{
    for (size_t i = 0; i < PKCS11_FLAG__MAX; i++)
        ask(answer, i, pkcs11_flags[i].type, &answer->flags[i],
            sizeof answer->flags[i]);
}

/* Born here means also: was never outside since. */
static void
judge(const CK_BBOOL *is, struct keystore_key_info *ret)
{
    bool born = is[PKCS11_LOCAL] && is[PKCS11_NEVER_EXTRACTABLE] &&
                is[PKCS11_ALWAYS_SENSITIVE];

    ret->sign_only = is[PKCS11_SIGN] != CK_FALSE;
    for (size_t i = 0; i < PKCS11_FLAG__MAX; i++)
        if (pkcs11_flags[i].kind == PKCS11_USE && is[i] != CK_FALSE)
            ret->sign_only = false;
    ret->origin = born ? KEYSTORE_BORN : KEYSTORE_IMPORTED;
    ret->extractable = is[PKCS11_EXTRACTABLE];
    ret->sensitive = is[PKCS11_SENSITIVE];
}

static bool
are_flags(const struct answer *answer)
{
    for (size_t i = 0; i < PKCS11_FLAG__MAX; i++)
        if (answer->attributes[i].ulValueLen != sizeof(CK_BBOOL))
            return false;
    return true;
}

static enum ks_err
read_flags(struct pkcs11_token *token, CK_OBJECT_HANDLE object,
           struct answer *answer, struct err_cause *cause)
{
    enum ks_err rc = KS_OK;

    ask_flags(answer);
    if (pkcs11_object_read_all(token, object, answer->attributes,
                               PKCS11_FLAG__MAX) &&
        are_flags(answer))
        return KS_OK;
    for (size_t i = 0; rc == KS_OK && i < PKCS11_FLAG__MAX; i++) {
        bool is = pkcs11_flags[i].unless;

        rc = pkcs11_object_flag(token, object, &pkcs11_flags[i], &is, cause);
        answer->flags[i] = is ? CK_TRUE : CK_FALSE;
    }
    return rc;
}

enum ks_err
pkcs11_attributes_describe(struct pkcs11_key *key,
                           struct keystore_key_info *ret,
                           struct err_cause *cause)
{
    struct pkcs11_token *token = (struct pkcs11_token *)key->key.ks;
    struct answer answer = {.type = 0};
    enum ks_err rc = KS_OK;

    /* Flags read during this entry, as the key was found, still hold. */
    if (key->read_at != token->entries) {
        rc = read_flags(token, key->object, &answer, cause);
        if (rc != KS_OK)
            return rc;
        judge(answer.flags, &key->info);
    }
    *ret = key->info;
    ret->type = key->type;
    ret->bits = (unsigned)EVP_PKEY_get_bits(key->key.public);
    return KS_OK;
}

static bool
is_number(EVP_PKEY *public, const char *name, const CK_ATTRIBUTE *value)
{
    BIGNUM *wanted = NULL;
    BIGNUM *is = BN_bin2bn(value->pValue, (int)value->ulValueLen, NULL);
    bool same = is != NULL &&
                EVP_PKEY_get_bn_param(public, name, &wanted) == 1 &&
                BN_cmp(is, wanted) == 0;

    BN_free(is);
    BN_free(wanted);
    return same;
}

/* Tokens know the public half of RSA keys; of EC keys only the curve. */
static bool
is_half_of(const struct answer *answer, EVP_PKEY *public,
           enum material_type type)
{
    const CK_ATTRIBUTE *rest = &answer->attributes[PKCS11_FLAG__MAX + 1];

    if (type == MATERIAL_RSA)
        return answer->type == CKK_RSA &&
               is_number(public, OSSL_PKEY_PARAM_RSA_N, &rest[0]) &&
               is_number(public, OSSL_PKEY_PARAM_RSA_E, &rest[1]);
    return answer->type == CKK_EC &&
           pkcs11_template_curve(rest[0].pValue, rest[0].ulValueLen) == type;
}

/* False: the token does not answer like this. */
static bool
read_all(struct pkcs11_key *key, enum material_type type, struct answer *answer)
{
    struct pkcs11_token *token = (struct pkcs11_token *)key->key.ks;
    size_t count = PKCS11_FLAG__MAX;

    ask_flags(answer);
    ask(answer, count++, CKA_KEY_TYPE, &answer->type, sizeof answer->type);
    if (type == MATERIAL_RSA) {
        ask(answer, count++, CKA_MODULUS, answer->modulus,
            sizeof answer->modulus);
        ask(answer, count++, CKA_PUBLIC_EXPONENT, answer->exponent,
            sizeof answer->exponent);
    } else {
        ask(answer, count++, CKA_EC_PARAMS, answer->curve,
            sizeof answer->curve);
    }
    if (!pkcs11_object_read_all(token, key->object, answer->attributes,
                                count) ||
        !are_flags(answer) ||
        answer->attributes[PKCS11_FLAG__MAX].ulValueLen != sizeof answer->type)
        return false;
    for (size_t i = PKCS11_FLAG__MAX + 1; i < count; i++)
        if (answer->attributes[i].ulValueLen == 0 ||
            answer->attributes[i].ulValueLen > KEYSTORE_SIGNATURE_MAX)
            return false;
    return true;
}

enum ks_err
pkcs11_attributes_compare(struct pkcs11_key *key, EVP_PKEY *public,
                          struct err_cause *cause)
{
    struct pkcs11_token *token = (struct pkcs11_token *)key->key.ks;
    enum material_type type = scheme_key_type(public);
    struct answer answer = {.type = 0};

    if (type == 0 || !read_all(key, type, &answer))
        return KS_OK;
    if (answer.flags[PKCS11_ALWAYS_AUTHENTICATE] != CK_FALSE)
        return pkcs11_key_wants_pin(cause);
    if (!is_half_of(&answer, public, type))
        return err_set(cause, KS_ERR_KEY_OTHER,
                       "its public key is not the expected one");
    judge(answer.flags, &key->info);
    key->read_at = token->entries;
    key->type = type;
    return pkcs11_key_take(key, public, type == MATERIAL_RSA, cause);
}
