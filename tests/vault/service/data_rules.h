/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine may do to its backup data.  Its key may be stolen, and then it
 * must not be good for the destruction of what was backed up before: objects
 * are added and never changed, and whether one is old enough to be deleted is
 * told by the time the vault received it, which no client has a say in. */
#ifndef VAULT_DATA_RULES_H
#define VAULT_DATA_RULES_H

#include <stdbool.h>

#include "tests/vault/service/exchange.h"
#include "tests/vault/service/machine.h"
#include "tests/vault/service/repository.h"

/* How long an object is kept in any case, and how long a grant lasts. */
#define DATA_RULES_DAYS 30
#define DATA_RULES_GRANT_HOURS 24

/* The machine that asks, by its certificate, and the object of its repository
 * that the path names.  machine_clear() afterwards in any case. */
bool data_rules_caller(struct exchange *exchange, struct machine *ret,
                       struct object *ret_object);

/* Each is true, or has refused. */
bool data_rules_add(struct exchange *exchange, const struct machine *machine,
                    const struct object *object);
bool data_rules_delete(struct exchange *exchange, const struct machine *machine,
                       const struct object *object);

/* Whether an OBJECT that is not there may count as deleted: by whoever may
 * delete such ones.  It is so that a DELETE can be repeated whose answer was
 * lost. */
bool data_rules_deleted(struct exchange *exchange,
                        const struct machine *machine,
                        const struct object *object);

/* Whether SIZE bytes more fit into the vault of MACHINE. */
bool data_rules_quota(struct exchange *exchange, const struct machine *machine,
                      int64_t size);

#endif
