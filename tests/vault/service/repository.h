/* SPDX-License-Identifier: Apache-2.0 */
/* The backup data of one machine, as the vault sees it: objects of five types,
 * named by the hash of their content, all of it ciphertext.  A machine has one
 * repository; a machine that takes another's place gets that one's. */
#ifndef VAULT_REPOSITORY_H
#define VAULT_REPOSITORY_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/vault/service/encoding.h"

struct store;

enum object_type {
    OBJECT_CONFIG = 0, /* one for each repository, without a name */
    OBJECT_DATA,
    OBJECT_INDEX,
    OBJECT_KEYS,
    OBJECT_LOCKS,
    OBJECT_SNAPSHOTS,
    OBJECT__MAX
};

/* Which object: NAME is 64 hexadecimal digits, or "" of the config. */
struct object {
    int64_t repository;
    enum object_type type;
    char name[ENCODING_HASH_HEX];
    int64_t size;
    int64_t received; /* by the vault's clock */
};

/* The word for a type in paths; "config" of OBJECT_CONFIG. */
const char *object_type_word(enum object_type type);

/* The type whose word stands at the beginning of TEXT; the config has none of
 * its own here.  False where there is none. */
bool object_type_find(const char *text, enum object_type *ret);

/* A new repository, without an object, of VAULT. */
bool repository_make(struct store *store, const char *vault, int64_t *ret);

/* The bytes of all objects in the repositories of VAULT. */
int64_t repository_vault_size(struct store *store, const char *vault);

/* What people are told of one: its bytes, and when the last snapshot came
 * (0: none has). */
void repository_describe(struct store *store, int64_t repository,
                         int64_t *ret_size, int64_t *ret_last);

/* Forget every object of one. */
bool repository_empty(struct store *store, int64_t repository);

/* Fill in what the row of OBJECT (repository, type, name) says; false where
 * there is none. */
bool object_find(struct store *store, struct object *object);
bool object_insert(struct store *store, const struct object *object);
bool object_delete(struct store *store, const struct object *object);

int64_t object_count(struct store *store, int64_t repository,
                     enum object_type type);

/* Every object of a type, by name. */
bool object_each(struct store *store, int64_t repository, enum object_type type,
                 void (*use)(void *context, const struct object *object),
                 void *context);

#endif
