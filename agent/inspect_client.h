/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast's side of holdfast-inspect: the tokens of a module, as libp11 sees
 * them without logging in. */
#ifndef AGENT_INSPECT_CLIENT_H
#define AGENT_INSPECT_CLIENT_H

#include <stddef.h>

#include "agent/channel.h"

struct inspect_token {
    char module[256];
    char slot[65];
    char label[33];
    char maker[33];
    char model[17];
    char serial[17];
    unsigned flags; /* enum channel_token_flag */
    unsigned certificates;
};

struct inspect_listing {
    struct inspect_token *tokens; /* the caller frees them with free() */
    size_t count;
    bool no_proxy; /* p11-kit's modules were asked for, and the module that
                      shows all of them is not installed */
};

/* What to say of that, and what helps. */
#define INSPECT_NO_PROXY                                                       \
    "p11-kit's proxy module is not installed (Debian's package "               \
    "p11-kit-modules), and no module is named"

/* List the tokens of MODULE ("": of p11-kit's configured modules). */
ERR_MUST_USE enum ks_err inspect_tokens(const char *module, bool emulation,
                                        struct inspect_listing *ret,
                                        struct err_cause *cause);

#endif
