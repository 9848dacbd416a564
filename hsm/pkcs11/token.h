/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A token, once it is found: its sessions, and the one login.  It is the store;
 * only hsm/pkcs11/ looks inside.
 */
#ifndef HSM_PKCS11_TOKEN_H
#define HSM_PKCS11_TOKEN_H

#include <p11-kit/pkcs11.h>

#include "hsm/pkcs11/module.h"
#include "hsm/pkcs11/strictness.h"
#include "keystore/store/backend.h"

struct pkcs11_token {
    struct keystore store; /* first: the dispatcher's part */
    struct pkcs11_module *module;
    CK_FUNCTION_LIST *functions;
    CK_SLOT_ID slot;
    CK_FLAGS flags;
    bool logged_in;        /* once; the token may have forgotten it */
    unsigned long entries; /* ways into the back end that were taken, plus 1 */
    enum pkcs11_strictness strictest; /* to begin with */
    /* Read-only, and open as long as the store: the login hangs on it. */
    CK_SESSION_HANDLE session;
    /* May write, during an import, a generation or a removal; else
     * CK_INVALID_HANDLE. */
    CK_SESSION_HANDLE writing;
};

/* Open the session, and log in, once: with PIN where there is one, whatever the
 * token says, else where it wants a login on its own key pad.
 * KS_ERR_PIN_LOCKED, _NEEDED: not even tried. */
ERR_MUST_USE enum ks_err pkcs11_token_login(struct pkcs11_token *token,
                                            const struct secret *pin,
                                            struct err_cause *cause);

/* KS_ERR_PIN_NEEDED where the login is gone, and private objects with it. */
ERR_MUST_USE enum ks_err pkcs11_token_logged_in(struct pkcs11_token *token,
                                                struct err_cause *cause);

/* Open a session that may write, for one import, generation or removal. */
ERR_MUST_USE enum ks_err pkcs11_token_begin(struct pkcs11_token *token,
                                            struct err_cause *cause);
void pkcs11_token_end(struct pkcs11_token *token);

/* Replace the session after an operation whose state is unknown.  Where no new
 * one can be had the old one stays and fails again. */
void pkcs11_token_renew(struct pkcs11_token *token);

/* Close everything and set *TOKEN to NULL. */
void pkcs11_token_close(struct pkcs11_token **token);

#endif
