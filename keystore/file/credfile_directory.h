/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to the credential file: whoever may write to a directory on it can
 * put another file there.
 */
#ifndef KEYSTORE_FILE_CREDFILE_DIRECTORY_H
#define KEYSTORE_FILE_CREDFILE_DIRECTORY_H

#include <stdbool.h>
#include <sys/types.h>

#include "keystore/base/err.h"

/* Is UID root, the caller, or who called it with sudo(8)?  SUDO_UID counts
 * only for root, and only where it is a plain number. */
bool credfile_directory_owner(uid_t uid);

/* Walk to the directory that PATH's last component lies in, one component
 * after the other, without symbolic links.  *RET_DIRECTORY is open for reading,
 * *RET_PATH is PATH made absolute, without "." and ".."; the caller closes and
 * frees them.  KS_ERR_FILE_MISSING; KS_ERR_FILE_KIND: a symbolic link on the
 * way, or PATH can only be a directory; KS_ERR_FILE_EXPOSED: a directory of a
 * foreign owner, or one that others may write to and that is not sticky;
 * KS_ERR_PERMISSION. */
ERR_MUST_USE enum ks_err credfile_directory_walk(const char *path,
                                                 char **ret_path,
                                                 int *ret_directory,
                                                 struct err_cause *cause);

/* openat2(2) of NAME in DIRECTORY without symbolic links. */
int credfile_directory_open(int directory, const char *name, int flags);

/* The error that errno stands for after a failure to open PATH.  Where that
 * is a symbolic link, the cause says what PATH really is. */
enum ks_err credfile_directory_error(const char *path, struct err_cause *cause);

#endif
