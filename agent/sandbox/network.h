/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network that a PKCS#11 module may reach, in words: "tcp:PORT" up to eight
 * times, or "tcp:*" for every port, and "udp" besides (a resolver's questions),
 * with blanks between them.  Hosts have no word: neither seccomp nor Landlock
 * sees addresses.
 */
#ifndef AGENT_SANDBOX_NETWORK_H
#define AGENT_SANDBOX_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keystore/base/err.h"

#define SANDBOX_NETWORK_PORTS 8
#define SANDBOX_NETWORK_WORDS 128 /* the longest list, with its NUL */

struct sandbox_network {
    bool any_port; /* of TCP */
    bool udp;
    size_t count;
    uint16_t port[SANDBOX_NETWORK_PORTS];
};

/* KS_ERR_TOKEN_NETWORK: another word, no word of TCP, or too many. */
ERR_MUST_USE enum ks_err sandbox_network_parse(const char *words,
                                               struct sandbox_network *ret,
                                               struct err_cause *cause);

#endif
