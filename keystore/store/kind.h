/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of stores, and what follows from a kind for a program that has no
 * store open: `holdfast` links no back end, and must know which questions to
 * ask before one is opened, and what is left when it is closed.
 */
#ifndef KEYSTORE_STORE_KIND_H
#define KEYSTORE_STORE_KIND_H

#include <stdbool.h>

struct keystore_kind {
    const char *scheme; /* of its URIs; "" of no kind */
    /* Tokens of a module, which is found and looked at, without a PIN, before
     * one of them is opened. */
    bool in_module;
    /* There is no login: a key has the PIN that it was made with, and a key
     * without one takes any. */
    bool pin_of_keys;
    /* Objects are files of the module's, which may not have been flushed. */
    bool unflushed;
    /* Keys are files that this store alone loads: copies of them load as long
     * as it has the key they are under, and all are lost with that. */
    bool wraps_files;
    /* Its stores may prove where their keys live (keystore/store/evidence.h).
     */
    bool attests;
    /* A store that does not call itself an emulation is hardware. */
    bool hardware;
    /* Protection is the file's mode alone: a key can be copied, which is why
     * the kind is only for tests. */
    bool unprotected;
};

extern const struct keystore_kind keystore_kind_none;
extern const struct keystore_kind keystore_kind_soft;
extern const struct keystore_kind keystore_kind_pkcs11; /* RFC 7512 */
extern const struct keystore_kind keystore_kind_tpm2;

/* The kind with SCHEME, or of URI, which has a colon after it; never NULL. */
const struct keystore_kind *keystore_kind_of(const char *scheme);
const struct keystore_kind *keystore_kind_of_uri(const char *uri);

#endif
