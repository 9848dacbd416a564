/* SPDX-License-Identifier: Apache-2.0 */
/* The state's place on disk: a directory of one owner, a lock, one file. */
#ifndef AGENT_HOLDFAST_STATE_FILE_H
#define AGENT_HOLDFAST_STATE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "keystore/base/err.h"

/* Open descriptors, or -1. */
struct state_file {
    int directory;
    int keys; /* its subdirectory for key files */
    int lock;
};

/* As state_open().  Where it fails nothing is left open. */
ERR_MUST_USE enum ks_err state_file_open(const char *path, bool create,
                                         struct state_file *ret,
                                         struct err_cause *cause);
void state_file_close(struct state_file *file);

/* The whole content; the caller frees it.  NULL with errno set: ENOENT where
 * there is none. */
char *state_file_read(const struct state_file *file, size_t *ret_length);

/* All of TEXT, however many calls it takes: one that writes a part of it, as on
 * a disk that is almost full, says nothing of the reason.  False with errno. */
bool state_file_write(int fd, const char *text, size_t length);

/* Write, flush and read back a new file before it takes the place of the old
 * one, and flush the directory.  False, with errno set, leaves the old one. */
bool state_file_replace(const struct state_file *file, const char *text,
                        size_t length);

/* Remove the file, durably. */
bool state_file_remove(const struct state_file *file);

/* Remove the files of keys/ that are named PREFIX and a dot and more, durably.
 */
bool state_file_remove_keys(const struct state_file *file, const char *prefix);

#endif
