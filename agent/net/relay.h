/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another program's bytes between its pipes and one connection to the vault.
 * Runs in holdfast-net; what the bytes say is none of its business.
 */
#ifndef AGENT_NET_RELAY_H
#define AGENT_NET_RELAY_H

#include "agent/net/http.h"

/* Carry bytes from IN to HTTP's connection and from there to OUT until IN ends
 * or nobody reads OUT (KS_OK), or the connection ends (KS_ERR_NET).  Meanwhile
 * both descriptors do not wait; KS_ERR_INTERNAL where they cannot be told so.
 */
ERR_MUST_USE enum ks_err net_relay(struct http *http, int in, int out,
                                   struct err_cause *cause);

#endif
