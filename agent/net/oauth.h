/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An access token from an OAuth 2.0 authority: M1 and M2 of docs/protocol.md,
 * in Entra's shape, so that any standard server will do.  Runs in holdfast-net.
 */
#ifndef AGENT_NET_OAUTH_H
#define AGENT_NET_OAUTH_H

#include "agent/net/http.h"

/* M1 (OIDC discovery): TARGET's authority, which may end in a slash, must name
 * its token endpoint for its tenant.  An endpoint of another place is the
 * operator's choice, and not the authority's to name: nothing is asked then. */
ERR_MUST_USE enum ks_err
vault_token_discover(struct http *http, const struct layout_net_connect *target,
                     struct err_cause *cause);

/* M2 (RFC 6749, 4.4; RFC 7523, 2.2) with a client ASSERTION.  *RET is the
 * access token: the caller gives it back with vault_token_free(). */
ERR_MUST_USE enum ks_err
vault_token_get(struct http *http, const struct layout_net_connect *target,
                const char *assertion, char **ret, struct err_cause *cause);

/* Wipes it and sets *TOKEN to NULL. */
void vault_token_free(char **token);

#endif
