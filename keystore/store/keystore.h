/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one interface to whatever holds private keys: a PKCS#11 token, a TPM, or
 * the software emulation.  A private key goes in, or is born there; nothing
 * but signatures comes out.
 */
#ifndef KEYSTORE_STORE_KEYSTORE_H
#define KEYSTORE_STORE_KEYSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "keystore/base/err.h"
#include "keystore/store/kind.h"
#include "keystore/store/material.h"
#include "keystore/store/scheme.h"
#include "keystore/base/secret.h"

struct keystore;     /* an open store: token, TPM, directory */
struct keystore_key; /* a private key in it */
struct keystore_ops; /* a back end, see keystore/store/backend.h */

/* Keys are found by an id (CKA_ID) that the caller chose and recorded before
 * the key was made, so that a crash leaves no object nobody can find. */
#define KEYSTORE_ID_LENGTH 16

/* With its NUL: a token's number, or a hash that stands for it */
#define KEYSTORE_SERIAL_SIZE 65

/* How a key came in. */
enum keystore_way {
    KEYSTORE_WAY_UNKNOWN = 0, /* none did, or it was there already */
    KEYSTORE_WAY_CLEAR,
    KEYSTORE_WAY_WRAPPED, /* under a key of the store: it takes no other */
    KEYSTORE_WAY__MAX
};

/* A store, as it describes itself.  Text is printable ASCII, "" where
 * unknown. */
struct keystore_info {
    const struct keystore_kind *kind;
    bool emulated; /* software that only plays a token */
    char label[33];
    char maker[33];
    char model[17];
    char serial[KEYSTORE_SERIAL_SIZE];
    char module[256]; /* path of the PKCS#11 module */
    /* A TPM whose owner did not let it make its storage root key again, so that
     * what stands there was believed. */
    bool srk_unverified;
    char root[11];         /* parent of a TPM's key files: "0x81000001", or
                              "0x40000001" where it is made at each opening */
    char firmware[24];     /* a TPM's, four numbers */
    enum keystore_way way; /* by which it took the last key it imported */
};

/* Where a key comes from: assurance's first axis. */
enum keystore_origin {
    KEYSTORE_IMPORTED = 1, /* existed outside before */
    KEYSTORE_BORN,         /* generated in the store, by its own word */
};

/* A key's properties, read back from the store. */
struct keystore_key_info {
    enum material_type type;
    unsigned bits;
    enum keystore_origin origin;
    bool extractable; /* could leave the store, wrapped or in clear */
    bool sensitive;   /* never readable in clear */
    bool sign_only;   /* no decrypting, unwrapping or deriving */
};

struct keystore_config {
    const char *uri;          /* names exactly one store */
    const struct secret *pin; /* or NULL; used during open only */
    int keys_fd;              /* the state's keys/ directory, or -1 */
    bool allow_emulation;
    const char *serial; /* the token must have this one; NULL: any */
    const char *module; /* file of the PKCS#11 module; NULL: the URI's */
};

/* Open the store that CONFIG names with the back end of BACKENDS (ends with
 * NULL) whose scheme the URI has, and log in if it wants that.  One attempt
 * with the PIN, none when the token says it is locked or on its last try.
 * The caller closes *RET.  Errors: KS_ERR_TOKEN_*, KS_ERR_PIN_*. */
ERR_MUST_USE enum ks_err
keystore_open(const struct keystore_ops *const *backends,
              const struct keystore_config *config, struct keystore **ret,
              struct err_cause *cause);
void keystore_close(struct keystore **ks);

const struct keystore_info *keystore_info(const struct keystore *ks);

/* Put MATERIAL, the private half of PUBLIC, into the store under ID, so that
 * it can sign and do nothing else, and check by reading back that it cannot
 * leave.  All or nothing.  The same key under ID already: it is checked and
 * used (KS_OK).  Another one: KS_ERR_KEY_OTHER.  LABEL is for people. */
ERR_MUST_USE enum ks_err
keystore_import(struct keystore *ks,
                const uint8_t id[static KEYSTORE_ID_LENGTH], const char *label,
                const struct material *material, EVP_PKEY *public,
                struct keystore_key **ret, struct err_cause *cause);

/* Make a key in the store under ID, sign-only and not extractable.  RSA is
 * of 2048 bits.
 * KS_ERR_TOKEN_UNSUPPORTED: not this type. */
ERR_MUST_USE enum ks_err
keystore_generate(struct keystore *ks,
                  const uint8_t id[static KEYSTORE_ID_LENGTH],
                  const char *label, enum material_type type,
                  struct keystore_key **ret, struct err_cause *cause);

/* Find the key under ID.  With PUBLIC the key must be its private half, else
 * KS_ERR_KEY_OTHER; without, the store must know the public key itself.
 * More than one key under ID is KS_ERR_KEY_OTHER, none KS_ERR_KEY_MISSING. */
ERR_MUST_USE enum ks_err
keystore_find(struct keystore *ks, const uint8_t id[static KEYSTORE_ID_LENGTH],
              EVP_PKEY *public, struct keystore_key **ret,
              struct err_cause *cause);

/* Frees the handle; the key stays in the store. */
void keystore_key_free(struct keystore_key **key);

/* The public half, owned by the key. */
EVP_PKEY *keystore_key_public(const struct keystore_key *key);

ERR_MUST_USE enum ks_err keystore_describe(struct keystore_key *key,
                                           struct keystore_key_info *ret,
                                           struct err_cause *cause);

/* ECDSA's is r || s of the field's width (RFC 7518, 3.4). */
struct keystore_signature {
    uint8_t bytes[KEYSTORE_SIGNATURE_MAX];
    size_t length;
};

/* Sign DIGEST, of the scheme's length, in the store.  RET is undefined where
 * that fails. */
ERR_MUST_USE enum ks_err keystore_sign(struct keystore_key *key,
                                       enum keystore_scheme scheme,
                                       const uint8_t *digest,
                                       struct keystore_signature *ret,
                                       struct err_cause *cause);

/* Destroy the key under ID in the store, its public half too.  None there:
 * KS_ERR_KEY_MISSING. */
ERR_MUST_USE enum ks_err
keystore_remove(struct keystore *ks,
                const uint8_t id[static KEYSTORE_ID_LENGTH],
                struct err_cause *cause);

#endif
