/* SPDX-License-Identifier: Apache-2.0 */
/* nginx in front of vaultd: TLS 1.3, HTTP/2, the client's certificate. */
#ifndef VAULT_NGINX_H
#define VAULT_NGINX_H

#include <stdbool.h>
#include <sys/types.h>

#include "tests/vault/service/place.h"

/* What nginx tells vaultd of a connection, in headers that no client can set:
 * nginx puts its own in place of a client's, or removes it. */
#define NGINX_CERTIFICATE "Vault-Certificate" /* PEM, %-escaped */
#define NGINX_CONNECTION "Vault-Connection"   /* a number */
#define NGINX_ADDRESS "Vault-Address"         /* of the client */

/* Write the configuration for a service at PORT, which closes a connection that
 * is idle for KEEPALIVE seconds, a number; "0": after each reply. */
bool nginx_configure(const struct place *place, unsigned port,
                     const char *keepalive);

/* Start nginx on LISTENER, a listening socket at that port.  It ends when this
 * process does.  -1 after a fault. */
pid_t nginx_start(const struct place *place, int listener);

#endif
