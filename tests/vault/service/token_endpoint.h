/* SPDX-License-Identifier: Apache-2.0 */
/* M1 and M2: what Entra's place is in the protocol. */
#ifndef VAULT_TOKEN_ENDPOINT_H
#define VAULT_TOKEN_ENDPOINT_H

struct exchange;

/* GET A/T/v2.0/.well-known/openid-configuration */
void token_endpoint_discovery(struct exchange *exchange);

/* GET A/T/discovery/v2.0/keys: what the access tokens are signed by (RFC 7517);
 * OpenID Connect Discovery wants M1 to name it. */
void token_endpoint_keys(struct exchange *exchange);

/* POST A/T/oauth2/v2.0/token */
void token_endpoint_token(struct exchange *exchange);

#endif
