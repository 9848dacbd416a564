/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens of the PKCS#11 modules that p11-kit has configured.  Each module
 * is looked at in a process of its own; none gets to see what another is given.
 */
#ifndef AGENT_HOLDFAST_SESSION_MODULES_H
#define AGENT_HOLDFAST_SESSION_MODULES_H

#include "agent/holdfast/session/inspect_client.h"

struct modules_listing {
    struct inspect_token *tokens; /* their modules are absolute paths,
                                     as they are configured */
    size_t count;
    size_t modules; /* how many were looked at, or should have been */

    /* The first that could not be, except for those that cannot be initialised
     * here or by us; KS_OK: none.  All others have been named on standard
     * error. */
    enum ks_err failed;
    struct err_cause why;
};

/* List the tokens of all that are configured, or with NAME, a URI's
 * module-name, of those that are called so.  A module that is refused, or
 * fails, is in what RET says of failures and hides nothing of the others.
 * KS_ERR_TOKEN_MODULE: the configuration itself cannot be used;
 * KS_ERR_TOKEN_MISSING: no module is called NAME.  The caller ends RET with
 * modules_free(). */
ERR_MUST_USE enum ks_err modules_list(const char *name, bool emulation,
                                      struct modules_listing *ret,
                                      struct err_cause *cause);
void modules_free(struct modules_listing *listing);

/* Name a module that could not be looked at, on standard error. */
void modules_say(const struct err_cause *why);

#endif
