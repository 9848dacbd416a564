/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes of signatures, never what was signed; no token, no key. */
#include "tests/vault/service/record.h"

#include <stdlib.h>
#include <string.h>

#include "tests/vault/service/store.h"

static void
add_text(json_t *line, const char *name, const char *text)
{
    (void)json_object_set_new(line, name, json_string(text));
}

static json_t *
describe(const struct record *record, int64_t at, const char *method,
         const char *path, int status, const char *word)
{
    json_t *line = json_pack(
        "{s:I, s:s, s:s, s:s, s:i, s:s, s:I}", "at", (json_int_t)at, "step",
        record->step, "method", method, "path", path, "status", status, "word",
        word, "connection", (json_int_t)record->connection);

    add_text(line, "certificate", record->certificate);
    add_text(line, "vault", record->vault);
    add_text(line, "machine", record->machine);
    if (strcmp(record->step, "M2") == 0)
        add_text(line, "assertion_signature", record->assertion_signature);
    if (strcmp(record->step, "M4") == 0) {
        add_text(line, "proof_signature", record->proof_signature);
        add_text(line, "machine_key", record->machine_key);
        (void)json_object_set_new(line, "key_store",
                                  record->key_store != NULL
                                      ? json_incref(record->key_store)
                                      : json_object());
    }
    if (record->assurance != NULL)
        (void)json_object_set(line, "assurance", record->assurance);
    return line;
}

bool
record_write(struct store *store, const struct record *record, int64_t at,
             const char *method, const char *path, int status, const char *word)
{
    json_t *line;
    char *text;
    bool done;

    if (record->step == NULL)
        return true;
    line = describe(record, at, method, path, status, word);
    text = json_dumps(line, JSON_COMPACT);
    done = text != NULL &&
           store_run(store, "INSERT INTO record (at, line) VALUES ($1, $2)",
                     "is", at, text);
    free(text);
    json_decref(line);
    return done;
}

bool
record_print(struct store *store, FILE *file)
{
    struct sqlite3_stmt *rows = store_rows(
        store, "SELECT line FROM record ORDER BY id", "");
    bool done = rows != NULL;

    while (store_next(rows))
        done = fprintf(file, "%s\n", store_peek(rows, 0)) > 0 && done;
    store_done(&rows);
    return done && fflush(file) == 0;
}
