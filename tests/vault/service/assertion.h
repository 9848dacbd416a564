/* SPDX-License-Identifier: Apache-2.0 */
/* The client assertion of M2 (RFC 7523), checked against the credential of the
 * TLS connection that carried it, or, without mutual TLS, against the one that
 * it names. */
#ifndef VAULT_ASSERTION_H
#define VAULT_ASSERTION_H

#include "tests/vault/service/access_token.h"

/* Without mutual TLS: the credential that the plain assertion TEXT names by
 * x5t#S256, as every client of Entra does.  One that claims to be for a vault
 * came over mutual TLS when it was made, and is refused here: somebody
 * overheard it.  credential_clear() afterwards in any case. */
bool assertion_credential(struct exchange *exchange, const char *text,
                          struct credential *ret);

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
