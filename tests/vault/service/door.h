/* SPDX-License-Identifier: Apache-2.0 */
/* Where requests come in: libmicrohttpd on vaultd's UNIX socket, driven by
 * vaultd's own loop. */
#ifndef VAULT_DOOR_H
#define VAULT_DOOR_H

#include "tests/vault/service/service.h"

struct door;

/* Serve on SOCKET, which is listening and is taken over.  NULL after a
 * fault. */
struct door *door_open(struct service *service, int socket);
void door_close(struct door **door);

/* A descriptor that is readable when there is work, the milliseconds until
 * there is in any case (-1: never), and the work. */
int door_fd(const struct door *door);
int door_timeout(const struct door *door);
void door_run(struct door *door);

#endif
