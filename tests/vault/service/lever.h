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

/* Days that the certificate of a new credential file is good for; read when it
 * is made.  The file itself ends after two days whatever it is. */
#define LEVER_DAYS "days"

/* Days that the certificate of a new machine is good for. */
#define LEVER_MACHINE_DAYS "machine-days"

#endif
