/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credential file from outside: is it safe to take, and is it still the
 * same one?  Opened once; never read here.
 */
#ifndef KEYSTORE_FILE_CREDFILE_H
#define KEYSTORE_FILE_CREDFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "keystore/base/err.h"

struct credfile; /* an open credential file */

/* By what a file is known again after a crash. */
struct credfile_identity {
    uint64_t device;
    uint64_t inode;
    uint64_t size;
    uint8_t sha256[32]; /* of the content: from who may read it */
};

/* Is UID root, the caller, or who called it with sudo(8)?  Those may own a file
 * with a secret that the caller named. */
bool credfile_may_own(uid_t uid);

/* Open PATH with openat2(2), without symbolic links anywhere, for a reader and,
 * separately, for writing.  Refused before a byte is read:
 * KS_ERR_FILE_MISSING; KS_ERR_FILE_KIND: symbolic link, directory, FIFO,
 * device, more than one hard link; KS_ERR_CRED_FORMAT: empty, over 256 KiB;
 * KS_ERR_FILE_EXPOSED: group or others have any right to it, a foreign owner of
 * it or of a directory on the way (root, the caller and SUDO_UID are none), a
 * directory on the way that others may write to and that is not sticky (the
 * cause has the command that mends it); KS_ERR_FILE_BUSY: open elsewhere (write
 * lease refused); KS_ERR_WIPE: cannot be opened for writing (read-only,
 * immutable), nor its directory written to; KS_ERR_PERMISSION. */
ERR_MUST_USE enum ks_err credfile_open(const char *path, struct credfile **ret,
                                       struct err_cause *cause);

/* Open PATH again after a crash, under the same rules.  KS_ERR_FILE_MISSING:
 * nothing has the name, which credfile_place.h tells more of; KS_ERR_FILE_KIND:
 * also where another file has it (the inode differs), or where it is shorter
 * than it was, or over 256 KiB.  A longer one is opened, as a wipe that was cut
 * short leaves any size, and one of another device, whose number may have
 * changed.  Whether the content is the same, or behind the mark of a wipe, is
 * for who may read it, and has to be asked. */
ERR_MUST_USE enum ks_err
credfile_reopen(const char *path, const struct credfile_identity *identity,
                struct credfile **ret, struct err_cause *cause);

/* Closes everything and sets *FILE to NULL. */
void credfile_close(struct credfile **file);

/* A descriptor to read from, for another process; owned by FILE. */
int credfile_reader(const struct credfile *file);

/* The absolute path, and device, inode and size; sha256 is left as it is. */
const char *credfile_path(const struct credfile *file);
void credfile_identify(const struct credfile *file,
                       struct credfile_identity *identity);

#endif
