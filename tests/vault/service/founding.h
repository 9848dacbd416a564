/* SPDX-License-Identifier: Apache-2.0 */
/* What a service has from its first start: authorities, keys, the portal's
 * user, the tenant; and the vaults that are named at any start. */
#ifndef VAULT_FOUNDING_H
#define VAULT_FOUNDING_H

#include "tests/vault/service/place.h"

struct store;

#define FOUNDING_USER "admin"

/* Make what is not there yet in PLACE and STORE. */
bool founding_make(const struct place *place, struct store *store);

/* The database of the service in DIRECTORY, which has been started before. NULL
 * after a fault. */
struct store *founding_open(const char *directory);

#endif
