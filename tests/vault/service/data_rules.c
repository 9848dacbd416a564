/* SPDX-License-Identifier: Apache-2.0 */
/* Asked twice for an upload: before its body, and in the transaction that makes
 * it an object. */
#include "tests/vault/service/data_rules.h"

#include <string.h>

#include "tests/vault/service/clock.h"
#include "tests/vault/service/machine_endpoint.h"

#define DAY (24 * INT64_C(3600))

bool
data_rules_caller(struct exchange *exchange, struct machine *ret,
                  struct object *ret_object)
{
    *ret_object = (struct object){.type = exchange->object_type};
    (void)strcpy(ret_object->name, exchange->object_name);
    if (!machine_endpoint_caller(exchange, ret))
        return false;
    ret_object->repository = ret->repository;
    return true;
}

static bool
is_granted(const struct exchange *exchange, const struct machine *machine)
{
    return exchange->now < machine->prune_until;
}

static bool
need_grant(struct exchange *exchange, const struct machine *machine,
           const char *what)
{
    return is_granted(exchange, machine) ||
           exchange_refuse(exchange, REFUSAL_GRANT,
                           "%s must be allowed first; do so on the machine's "
                           "page in the portal",
                           what);
}

bool
data_rules_add(struct exchange *exchange, const struct machine *machine,
               const struct object *object)
{
    struct store *store = exchange->service->store;
    struct object found = *object;

    if (object_find(store, &found))
        return exchange_refuse(exchange, REFUSAL_EXISTS,
                               "the object is there already, and none is ever "
                               "changed");
    return object->type != OBJECT_KEYS ||
           object_count(store, object->repository, OBJECT_KEYS) == 0 ||
           need_grant(exchange, machine, "a second key");
}

bool
data_rules_delete(struct exchange *exchange, const struct machine *machine,
                  const struct object *object)
{
    struct store *store = exchange->service->store;
    int64_t until = object->received + DATA_RULES_DAYS * DAY;
    char text[CLOCK_TEXT];

    if (object->type == OBJECT_LOCKS)
        return true;
    if (object->type == OBJECT_CONFIG ||
        (object->type == OBJECT_KEYS &&
         object_count(store, object->repository, OBJECT_KEYS) < 2))
        return exchange_refuse(
            exchange, REFUSAL_RETAINED,
            "without it nothing could be restored; who wants to "
            "be rid of all data deletes it in the portal");
    if (!need_grant(exchange, machine, "pruning"))
        return false;
    return exchange->now >= until ||
           exchange_refuse(
               exchange, REFUSAL_RETAINED,
               "it came less than %d days ago and is kept until %s; "
               "delete it after that",
               DATA_RULES_DAYS, clock_text(until, text));
}

bool
data_rules_deleted(struct exchange *exchange, const struct machine *machine,
                   const struct object *object)
{
    return object->type == OBJECT_LOCKS ||
           (object->type != OBJECT_CONFIG && is_granted(exchange, machine)) ||
           exchange_refuse(exchange, REFUSAL_ABSENT,
                           "this machine has no such object");
}

bool
data_rules_quota(struct exchange *exchange, const struct machine *machine,
                 int64_t size)
{
    struct store *store = exchange->service->store;
    struct vault vault;

    if (!vault_find(store, machine->vault, &vault))
        return exchange_fault(exchange);
    return repository_vault_size(store, vault.id) <= vault.quota - size ||
           exchange_refuse(exchange, REFUSAL_QUOTA,
                           "the vault's space is used up; delete the data of "
                           "machines that are gone in the portal, or have the "
                           "vault's operator give more");
}
