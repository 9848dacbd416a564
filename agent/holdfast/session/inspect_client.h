/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast's side of holdfast-inspect: the tokens of a module, as libp11 sees
 * them without logging in. */
#ifndef AGENT_HOLDFAST_SESSION_INSPECT_CLIENT_H
#define AGENT_HOLDFAST_SESSION_INSPECT_CLIENT_H

#include <stddef.h>

#include "agent/ipc/layout.h"

struct inspect_token {
    char module[256]; /* as the caller named it */
    LAYOUT_TOKEN(LAYOUT_KEPT)
};

struct inspect_listing {
    struct inspect_token *tokens; /* the caller frees them with free() */
    size_t count;
};

/* List the tokens of MODULE, a file's absolute path, in a process that loads
 * nothing else.  KS_ERR_TOKEN_MODULE: pkcs11_path_resolve() refuses it, or it
 * is no module; KS_ERR_TOKEN_FAILED: it cannot be initialised;
 * KS_ERR_TOKEN_MISSING: it has no slots; KS_ERR_HELPER: it crashed, or gave no
 * answer in 20 s; KS_ERR_TOKEN_NETWORK: it lacks the network
 * (agent/holdfast/policy/module_network.h). */
ERR_MUST_USE enum ks_err inspect_tokens(const char *module, bool emulation,
                                        struct inspect_listing *ret,
                                        struct err_cause *cause);

#endif
