/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a new key counts, and how one that does not is destroyed again.
 */
#ifndef HSM_PKCS11_ACCEPT_H
#define HSM_PKCS11_ACCEPT_H

#include "hsm/pkcs11/key.h"
#include "keystore/store/backend.h"

/* RSA keys born on a token have this many bits. */
#define PKCS11_BORN_RSA_BITS 2048

/* Take the private OBJECT of a new key for the key WANTED: once it is
 * protected, found again by its id, and has made a test signature, which
 * WANTED's public half must verify, if it has one. */
ERR_MUST_USE enum ks_err pkcs11_accept(struct pkcs11_token *token,
                                       CK_OBJECT_HANDLE object,
                                       const struct keystore_new_key *wanted,
                                       struct pkcs11_key **ret,
                                       struct err_cause *cause);

/* The two objects of one key; CK_INVALID_HANDLE, which is 0: not made. */
struct pkcs11_objects {
    CK_OBJECT_HANDLE private;
    CK_OBJECT_HANDLE public;
    bool wrapped; /* the private one came in wrapped */
};

/* Destroy what was MADE and then failed with ERR; and, unless ID is NULL, all
 * that stands under ID, which no key had before: tokens make half a key and
 * call it an error.  Returns ERR, or KS_ERR_TOKEN_FAILED where something stays
 * behind; the cause says both. */
ERR_MUST_USE enum ks_err pkcs11_discard(struct pkcs11_token *token,
                                        const struct pkcs11_objects *made,
                                        const uint8_t *id, enum ks_err err,
                                        struct err_cause *cause);

#endif
