/* SPDX-License-Identifier: Apache-2.0 */
/* Paths name neither vault nor machine: a client can ask for its own data and
 * has no words to ask for another's. */
#include "tests/vault/data_endpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/vault/data_rules.h"
#include "tests/vault/data_upload.h"
#include "tests/vault/object_file.h"
#include "tests/vault/store.h"

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

/* "bytes=FROM-" or "bytes=FROM-TO" (RFC 9110, 14.1.2); all of it where there is
 * no range. */
static bool
parse_range(const char *text, int64_t size, int64_t *from, int64_t *to)
{
    char *end;

    if (strncmp(text, "bytes=", 6) != 0 || text[6] < '0' || text[6] > '9')
        return false;
    *from = strtoll(text + 6, &end, 10);
    if (*end != '-')
        return false;
    if (end[1] != '\0') {
        *to = strtoll(end + 1, &end, 10);
        if (*end != '\0')
            return false;
    }
    if (*to >= size)
        *to = size - 1;
    return *from <= *to;
}

static bool
read_range(struct exchange *exchange, int64_t size, int64_t *ret_from,
           int64_t *ret_length)
{
    const char *header = exchange_get(exchange, "Range");
    int64_t from = 0, to = size - 1;

    if (header != NULL && !parse_range(header, size, &from, &to)) {
        exchange_refuse(exchange, REFUSAL_REQUEST,
                        "the object has no such range");
        return false;
    }
    *ret_from = from;
    *ret_length = to + 1 - from;
    return true;
}

static void
answer_object(struct exchange *exchange, const struct machine *machine,
              const struct object *object)
{
    int64_t from, length;
    int fd;

    if (!read_range(exchange, object->size, &from, &length))
        return;
    fd = object_file_open(&exchange->service->place, machine->vault, object);
    if (fd < 0) {
        exchange_fault(exchange);
        return;
    }
    exchange_file(exchange, exchange_get(exchange, "Range") != NULL ? 206 : 200,
                  fd, from, length);
    exchange_add(exchange, "Content-Type", "application/octet-stream");
    if (exchange->status == 206)
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
    return data_rules_caller(exchange, machine, object) &&
           find_object(exchange, object) &&
           data_rules_delete(exchange, machine, object) &&
           (object_delete(exchange->service->store, object) ||
            exchange_fault(exchange));
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
