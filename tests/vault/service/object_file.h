/* SPDX-License-Identifier: Apache-2.0 */
/* The files that the objects of repositories lie in: written under another name
 * first, flushed, and then given their own. */
#ifndef VAULT_OBJECT_FILE_H
#define VAULT_OBJECT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/vault/service/place.h"
#include "tests/vault/service/repository.h"

/* A file that is being written; object_file_drop() afterwards in any case. */
struct object_file {
    int fd;
    char path[PLACE_PATH_MAX + 16];
};

/* Remove what uploads left that were cut off by the end of the service; false
 * after a fault. */
bool object_file_clean(const struct place *place);

bool object_file_begin(const struct place *place, struct object_file *ret);
bool object_file_write(const struct object_file *file, const void *bytes,
                       size_t length);

/* Flush what was written, and give it OBJECT's name in VAULT.  After the first
 * the second costs no more than a rename. */
bool object_file_flush(const struct object_file *file);
bool object_file_keep(const struct place *place, const char *vault,
                      const struct object *object, struct object_file *file);
void object_file_drop(struct object_file *file);

/* The file of OBJECT to read from, -1 after a fault; and its removal. */
int object_file_open(const struct place *place, const char *vault,
                     const struct object *object);
bool object_file_remove(const struct place *place, const char *vault,
                        const struct object *object);

/* Remove every file of a repository. */
bool object_file_remove_all(const struct place *place, const char *vault,
                            int64_t repository);

#endif
