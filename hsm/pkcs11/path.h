/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of a PKCS#11 module, judged before anybody loads it: it runs with
 * the rights of whoever does.
 */
#ifndef HSM_PKCS11_PATH_H
#define HSM_PKCS11_PATH_H

#include "keystore/base/err.h"

#define PKCS11_PATH_SIZE 256 /* as in struct keystore_info */

/* The real path of the module at PATH, to be loaded from there.
 * KS_ERR_TOKEN_MODULE: PATH is not absolute, the real path is longer than 255
 * bytes, there is no regular file, or it or a directory or link on its way
 * belongs to somebody other than root and the caller or may be written to by
 * group or others (a sticky directory is fine). */
ERR_MUST_USE enum ks_err pkcs11_path_resolve(const char *path,
                                             char ret[static PKCS11_PATH_SIZE],
                                             struct err_cause *cause);

/* The same for a directory, all of whose entries are to count, so that a sticky
 * one is no better. */
ERR_MUST_USE enum ks_err
pkcs11_path_directory(const char *path, char ret[static PKCS11_PATH_SIZE],
                      struct err_cause *cause);

#endif
