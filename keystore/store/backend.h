/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions that a back end provides.  Only back ends,
 * keystore/store/keystore.c and the part of holdfast-token that lists them
 * include this; everybody else speaks keystore/store/keystore.h, whose
 * functions check their arguments and then call these.  Contracts are there.
 */
#ifndef KEYSTORE_STORE_BACKEND_H
#define KEYSTORE_STORE_BACKEND_H

#include "keystore/store/evidence.h"

/* Back ends put these first into their own structs. */
struct keystore {
    const struct keystore_ops *ops;
    struct keystore_info info;
};

struct keystore_key {
    struct keystore *ks;
    EVP_PKEY *public; /* freed by keystore_key_free() */
};

/* A key that is to be made; all borrowed. */
struct keystore_new_key {
    const uint8_t *id; /* KEYSTORE_ID_LENGTH bytes */
    const char *label;
    enum material_type type;
    const struct material *material; /* NULL: it is born in the store, */
    EVP_PKEY *public;                /* and nobody has its public half yet */
};

/* The functions of a back end that can attest. */
struct keystore_evidence_ops {
    enum ks_err (*offer)(struct keystore *ks, struct evidence_offer *ret,
                         struct err_cause *cause);
    enum ks_err (*give)(struct keystore *ks,
                        const struct evidence_question *question,
                        struct evidence *ret, struct err_cause *cause);
};

struct keystore_ops {
    const struct keystore_kind *kind;
    const struct keystore_evidence_ops *evidence; /* NULL: it cannot */
    enum ks_err (*open)(const struct keystore_config *config,
                        struct keystore **ret, struct err_cause *cause);
    enum ks_err (*import)(struct keystore *ks,
                          const struct keystore_new_key *wanted,
                          struct keystore_key **ret, struct err_cause *cause);
    enum ks_err (*generate)(struct keystore *ks,
                            const struct keystore_new_key *wanted,
                            struct keystore_key **ret, struct err_cause *cause);
    enum ks_err (*find)(struct keystore *ks, const uint8_t *id,
                        EVP_PKEY *public, struct keystore_key **ret,
                        struct err_cause *cause);
    enum ks_err (*describe)(struct keystore_key *key,
                            struct keystore_key_info *ret,
                            struct err_cause *cause);
    enum ks_err (*sign)(struct keystore_key *key, enum keystore_scheme scheme,
                        const uint8_t *digest, struct keystore_signature *ret,
                        struct err_cause *cause);
    enum ks_err (*remove)(struct keystore *ks, const uint8_t *id,
                          struct err_cause *cause);
    /* Frees what the back end added to a key, and the key itself. */
    void (*key_free)(struct keystore_key *key);
    void (*close)(struct keystore *ks);
};

extern const struct keystore_ops keystore_soft_ops;

#endif
