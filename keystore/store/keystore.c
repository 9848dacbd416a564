/* SPDX-License-Identifier: Apache-2.0 */
/* The dispatcher: picks the back end by the URI's scheme and checks what holds
 * for all of them, so that no back end has to.  Knows nothing of any. */
#include "keystore/store/keystore.h"

#include <string.h>

#include <openssl/evp.h>

#include "keystore/store/backend.h"

enum ks_err
keystore_open(const struct keystore_ops *const *backends,
              const struct keystore_config *config, struct keystore **ret,
              struct err_cause *cause)
{
    struct keystore *ks = NULL;
    enum ks_err rc;

    for (; *backends != NULL; backends++) {
        if (keystore_kind_of_uri(config->uri) == (*backends)->kind)
            break;
    }
    if (*backends == NULL)
        return err_set(cause, KS_ERR_TOKEN_URI, "unknown scheme");
    rc = (*backends)->open(config, &ks, cause);
    if (rc != KS_OK)
        return rc;
    if (ks->info.emulated && !config->allow_emulation) {
        rc = err_set(cause, KS_ERR_TOKEN_EMULATED, "%s store \"%s\"",
                     ks->info.kind->scheme, ks->info.label);
        keystore_close(&ks);
        return rc;
    }
    *ret = ks;
    return KS_OK;
}

void
keystore_close(struct keystore **ks)
{
    if (*ks != NULL)
        (*ks)->ops->close(*ks);
    *ks = NULL;
}

const struct keystore_info *
keystore_info(const struct keystore *ks)
{
    return &ks->info;
}

enum ks_err
keystore_import(struct keystore *ks,
                const uint8_t id[static KEYSTORE_ID_LENGTH], const char *label,
                const struct material *material, EVP_PKEY *public,
                struct keystore_key **ret, struct err_cause *cause)
{
    const struct keystore_new_key wanted = {id, label, material->type, material,
                                            public};
    enum ks_err rc = material_match(material, public, cause);

    if (rc != KS_OK)
        return rc;
    return ks->ops->import(ks, &wanted, ret, cause);
}

enum ks_err
keystore_generate(struct keystore *ks,
                  const uint8_t id[static KEYSTORE_ID_LENGTH],
                  const char *label, enum material_type type,
                  struct keystore_key **ret, struct err_cause *cause)
{
    const struct keystore_new_key wanted = {id, label, type, NULL, NULL};

    if (type < MATERIAL_RSA || type >= MATERIAL__MAX)
        return err_set(cause, KS_ERR_INTERNAL, "unknown key type %d", type);
    return ks->ops->generate(ks, &wanted, ret, cause);
}

enum ks_err
keystore_find(struct keystore *ks, const uint8_t id[static KEYSTORE_ID_LENGTH],
              EVP_PKEY *public, struct keystore_key **ret,
              struct err_cause *cause)
{
    struct keystore_key *key = NULL;
    enum ks_err rc = ks->ops->find(ks, id, public, &key, cause);

    if (rc != KS_OK)
        return rc;
    if (public != NULL && EVP_PKEY_eq(key->public, public) != 1) {
        keystore_key_free(&key);
        return err_set(cause, KS_ERR_KEY_OTHER,
                       "its public key is not the expected one");
    }
    *ret = key;
    return KS_OK;
}

void
keystore_key_free(struct keystore_key **key)
{
    if (*key == NULL)
        return;
    EVP_PKEY_free((*key)->public);
    (*key)->ks->ops->key_free(*key);
    *key = NULL;
}

EVP_PKEY *
keystore_key_public(const struct keystore_key *key)
{
    return key->public;
}

enum ks_err
keystore_describe(struct keystore_key *key, struct keystore_key_info *ret,
                  struct err_cause *cause)
{
    return key->ks->ops->describe(key, ret, cause);
}

enum ks_err
keystore_sign(struct keystore_key *key, enum keystore_scheme scheme,
              const uint8_t *digest, struct keystore_signature *ret,
              struct err_cause *cause)
{
    if (!scheme_suits(scheme, key->public))
        return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                       "the key is of another type than the scheme");
    return key->ks->ops->sign(key, scheme, digest, ret, cause);
}

enum ks_err
keystore_remove(struct keystore *ks,
                const uint8_t id[static KEYSTORE_ID_LENGTH],
                struct err_cause *cause)
{
    return ks->ops->remove(ks, id, cause);
}

enum ks_err
keystore_offer_evidence(struct keystore *ks, struct evidence_offer *ret,
                        struct err_cause *cause)
{
    if (ks->ops->evidence == NULL)
        return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                       "%s stores do not attest", ks->info.kind->scheme);
    return ks->ops->evidence->offer(ks, ret, cause);
}

enum ks_err
keystore_give_evidence(struct keystore *ks,
                       const struct evidence_question *question,
                       struct evidence *ret, struct err_cause *cause)
{
    if (ks->ops->evidence == NULL)
        return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                       "%s stores do not attest", ks->info.kind->scheme);
    return ks->ops->evidence->give(ks, question, ret, cause);
}
