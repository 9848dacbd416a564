/* SPDX-License-Identifier: Apache-2.0 */
/* The client assertion of M2 (RFC 7523), checked against the credential of the
 * TLS connection that carried it. */
#ifndef VAULT_ASSERTION_H
#define VAULT_ASSERTION_H

#include "tests/vault/access_token.h"

/* TEXT by CLIENT (client_id of the form), sent over CREDENTIAL's connection:
 * may there be a token, and for what?  Every rule of M2 but the form's. */
bool assertion_check(struct exchange *exchange,
                     const struct credential *credential, const char *text,
                     const char *client, struct access_token *ret);

/* The token endpoint, which is the assertion's audience. */
#define ASSERTION_ENDPOINT_MAX 160
void assertion_endpoint(const struct service *service,
                        char ret[static ASSERTION_ENDPOINT_MAX]);

#endif
