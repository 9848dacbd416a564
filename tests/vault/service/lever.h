/* SPDX-License-Identifier: Apache-2.0 */
/* Named values of the service (store_set()) that only tests set, by vaultlever;
 * without them the service is as it is for everybody. */
#ifndef VAULT_LEVER_H
#define VAULT_LEVER_H

/* Seconds that the vault's clock is ahead of the real time; read at every look,
 * so that a new offset holds at once. */
#define LEVER_CLOCK "clock"

/* Seconds until nginx closes an idle connection; read at the start. */
#define LEVER_KEEPALIVE "keepalive"

#endif
