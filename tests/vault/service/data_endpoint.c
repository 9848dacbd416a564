/* SPDX-License-Identifier: Apache-2.0 */
/* Paths name neither vault nor machine: a client can ask for its own data and
 * has no words to ask for another's. */
#include "tests/vault/service/data_endpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/vault/service/byte_range.h"
#include "tests/vault/service/data_rules.h"
#include "tests/vault/service/data_upload.h"
#include "tests/vault/service/object_file.h"
#include "tests/vault/service/store.h"

#define LIST_TYPE "application/vnd.x.restic.rest.v2"

/* There is nothing to create: the first object makes the folders. */
void
data_endpoint_create(struct exchange *exchange)
{
    struct machine machine;
    struct object object;

    if (data_rules_caller(exchange, &machine, &object))
        exchange_empty(exchange, 200);
    machine_clear(&machine);
}

static void
add_object(void *context, const struct object *object)
{
    FILE *list = context;

    (void)fprintf(list, "%s{\"name\":\"%s\",\"size\":%" PRId64 "}",
                  ftell(list) > 1 ? "," : "", object->name, object->size);
}

static void
answer_list(struct exchange *exchange, const struct object *which)
{
    char *text = NULL;
    size_t size = 0;
    FILE *list = open_memstream(&text, &size);

    if (list != NULL) {
        (void)fputc('[', list);
        (void)object_each(exchange->service->store, which->repository,
                          which->type, add_object, list);
        (void)fputc(']', list);
        (void)fclose(list);
    }
    exchange_text(exchange, 200, LIST_TYPE, text);
}

void
data_endpoint_list(struct exchange *exchange)
{
    struct machine machine;
    struct object object;

    if (data_rules_caller(exchange, &machine, &object))
        answer_list(exchange, &object);
    machine_clear(&machine);
}

/* Of HEAD a range means nothing (RFC 9110, 14.2), and objects have no
 * validator, so that none that If-Range names is theirs (13.1.5). */
static const char *
get_range(const struct exchange *exchange)
{
    if (strcmp(exchange->method, "GET") != 0 ||
        exchange_get(exchange, "If-Range") != NULL)
        return NULL;
    return exchange_get(exchange, "Range");
}

static void
refuse_range(struct exchange *exchange, int64_t size)
{
    exchange_add(exchange, "Content-Range", "bytes */%" PRId64, size);
    exchange_refuse(exchange, REFUSAL_RANGE,
                    "the object has %" PRId64 " bytes, and none of them in "
                    "this range",
                    size);
}

static void
answer_object(struct exchange *exchange, const struct machine *machine,
              const struct object *object)
{
    int64_t from, length;
    enum byte_range range = byte_range_read(get_range(exchange), object->size,
                                            &from, &length);
    int fd;

    if (range == BYTE_RANGE_NONE) {
        refuse_range(exchange, object->size);
        return;
    }
    fd = object_file_open(&exchange->service->place, machine->vault, object);
    if (fd < 0) {
        exchange_fault(exchange);
        return;
    }
    exchange_file(exchange, range == BYTE_RANGE_PART ? 206 : 200, fd, from,
                  length);
    exchange_add(exchange, "Content-Type", "application/octet-stream");
    exchange_add(exchange, "Accept-Ranges", "bytes");
    if (range == BYTE_RANGE_PART)
        exchange_add(exchange, "Content-Range",
                     "bytes %" PRId64 "-%" PRId64 "/%" PRId64, from,
                     from + length - 1, object->size);
}

static bool
find_object(struct exchange *exchange, struct object *object)
{
    return object_find(exchange->service->store, object) ||
           exchange_refuse(exchange, REFUSAL_ABSENT,
                           "this machine has no such object");
}

void
data_endpoint_get(struct exchange *exchange)
{
    struct machine machine;
    struct object object;

    if (data_rules_caller(exchange, &machine, &object) &&
        find_object(exchange, &object))
        answer_object(exchange, &machine, &object);
    machine_clear(&machine);
}

/* In the transaction; the row goes first, because a file without one is
 * nothing. */
static bool delete (struct exchange *exchange, struct machine *machine,
                    struct object *object)
{
    struct store *store = exchange->service->store;

    if (!data_rules_caller(exchange, machine, object))
        return false;
    if (!object_find(store, object))
        return data_rules_deleted(exchange, machine, object);
    return data_rules_delete(exchange, machine, object) &&
           (object_delete(store, object) || exchange_fault(exchange));
}

void
data_endpoint_delete(struct exchange *exchange)
{
    struct store *store = exchange->service->store;
    struct machine machine = {0};
    struct object object;

    if (!store_begin_durable(store)) {
        exchange_fault(exchange);
        return;
    }
    if (!delete (exchange, &machine, &object))
        store_rollback(store);
    else if (store_commit(store) &&
             object_file_remove(&exchange->service->place, machine.vault,
                                &object))
        exchange_empty(exchange, 200);
    else
        exchange_fault(exchange);
    store_end_durable(store);
    machine_clear(&machine);
}

void
data_endpoint_upload(struct exchange *exchange)
{
    data_upload_finish(exchange->upload, exchange);
}

void
data_endpoint_probe(struct exchange *exchange)
{
    struct machine machine;
    struct object object;

    if (data_rules_caller(exchange, &machine, &object))
        exchange_refuse(exchange, REFUSAL_ABSENT,
                        "there is nothing at this path");
    machine_clear(&machine);
}
