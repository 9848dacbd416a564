/* SPDX-License-Identifier: Apache-2.0 */
/* The row is the last thing to be made, in the transaction that looks at the
 * machine once more: a machine that is revoked during its upload has not
 * uploaded. */
#include "tests/vault/service/data_upload.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "tests/vault/service/data_rules.h"
#include "tests/vault/service/object_file.h"
#include "tests/vault/service/store.h"

#define HASH_LENGTH 32

struct data_upload {
    struct object_file file;
    EVP_MD_CTX *hash;
    int64_t length;
    bool failed; /* the vault itself did */
};

static struct data_upload *
new_upload(const struct exchange *exchange)
{
    struct data_upload *upload = calloc(1, sizeof *upload);

    if (upload == NULL)
        return NULL;
    upload->file.fd = -1;
    upload->hash = EVP_MD_CTX_new();
    if (upload->hash != NULL &&
        EVP_DigestInit_ex2(upload->hash, EVP_sha256(), NULL) == 1 &&
        object_file_begin(&exchange->service->place, &upload->file))
        return upload;
    data_upload_free(upload);
    return NULL;
}

struct data_upload *
data_upload_begin(struct exchange *exchange)
{
    struct machine machine;
    struct object object;
    struct data_upload *upload = NULL;

    if (data_rules_caller(exchange, &machine, &object) &&
        data_rules_add(exchange, &machine, &object) &&
        data_rules_quota(exchange, &machine, 1)) {
        upload = new_upload(exchange);
        if (upload == NULL)
            exchange_fault(exchange);
    }
    machine_clear(&machine);
    return upload;
}

/* What is too long is counted and not kept, so that it is refused. */
void
data_upload_take(struct data_upload *upload, const char *bytes, size_t length)
{
    upload->length += (int64_t)length;
    if (upload->failed || upload->length > DATA_UPLOAD_MAX)
        return;
    upload->failed = EVP_DigestUpdate(upload->hash, bytes, length) != 1 ||
                     !object_file_write(&upload->file, bytes, length);
}

/* The name of everything but the config is its content's hash. */
static bool
check_content(struct exchange *exchange, struct data_upload *upload)
{
    uint8_t hash[HASH_LENGTH];
    char name[ENCODING_HASH_HEX];

    if (upload->length > DATA_UPLOAD_MAX)
        return exchange_refuse(exchange, REFUSAL_LARGE,
                               "an object has at most %" PRId64 " bytes",
                               DATA_UPLOAD_MAX);
    if (upload->failed || EVP_DigestFinal_ex(upload->hash, hash, NULL) != 1)
        return exchange_fault(exchange);
    encoding_hex(hash, sizeof hash, name);
    return exchange->object_type == OBJECT_CONFIG ||
           strcmp(name, exchange->object_name) == 0 ||
           exchange_refuse(exchange, REFUSAL_CONTENT,
                           "the content's hash is not the name it came under");
}

/* In the transaction. */
static bool
keep(struct exchange *exchange, struct data_upload *upload)
{
    struct machine machine;
    struct object object;
    bool done = data_rules_caller(exchange, &machine, &object) &&
                data_rules_add(exchange, &machine, &object) &&
                data_rules_quota(exchange, &machine, upload->length);

    if (done) {
        object.size = upload->length;
        object.received = exchange->now;
        done = (object_file_keep(&exchange->service->place, machine.vault,
                                 &object, &upload->file) &&
                object_insert(exchange->service->store, &object)) ||
               exchange_fault(exchange);
    }
    machine_clear(&machine);
    return done;
}

void
data_upload_finish(struct data_upload *upload, struct exchange *exchange)
{
    struct store *store = exchange->service->store;

    if (!check_content(exchange, upload))
        return;
    if (!object_file_flush(&upload->file) || !store_begin_durable(store)) {
        exchange_fault(exchange);
        return;
    }
    if (!keep(exchange, upload))
        store_rollback(store);
    else if (store_commit(store))
        exchange_empty(exchange, 200);
    else
        exchange_fault(exchange);
    store_end_durable(store);
}

void
data_upload_free(struct data_upload *upload)
{
    if (upload == NULL)
        return;
    object_file_drop(&upload->file);
    EVP_MD_CTX_free(upload->hash);
    free(upload);
}
