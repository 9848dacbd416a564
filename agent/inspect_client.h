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

/* List the tokens of MODULE ("": of p11-kit's configured modules).  The caller
 * frees *RET with free(). */
ERR_MUST_USE enum ks_err inspect_tokens(const char *module, bool emulation,
                                        struct inspect_token **ret,
                                        size_t *ret_count,
                                        struct err_cause *cause);

#endif
