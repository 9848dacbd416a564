/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP proxy on the way to the vault.  One is used only where the operator
 * says so: an environment that somebody else wrote must not choose the way.
 */
#ifndef AGENT_HOLDFAST_POLICY_PROXY_H
#define AGENT_HOLDFAST_POLICY_PROXY_H

#include "keystore/base/err.h"

#define PROXY_TEXT_MAX 1024

struct proxy {
    char url[PROXY_TEXT_MAX];    /* http://HOST:PORT, or "" for none */
    char except[PROXY_TEXT_MAX]; /* hosts reached without it, as in no_proxy */
};

/* The operator's CHOICE: "none"; "env", for https_proxy, else all_proxy, and
 * no_proxy (each, as usual, also in capitals); or an address, HOST:PORT with or
 * without http:// before it.  KS_ERR_USAGE for another kind of address, one
 * without a port, and one with a password, which would be for all to see. */
ERR_MUST_USE enum ks_err proxy_choose(const char *chosen, struct proxy *ret,
                                      struct err_cause *cause);

#endif
