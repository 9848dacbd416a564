/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files may be loaded as PKCS#11 modules.  Whoever loads one asks here
 * first, with a PIN or without.
 */
#ifndef HSM_PKCS11_PATH_H
#define HSM_PKCS11_PATH_H

#include "keystore/err.h"

#define PKCS11_PATH_SIZE 256 /* as in struct keystore_info */

/* PATH without links into RET.  KS_ERR_TOKEN_MODULE: it is not absolute or
 * longer than 255 bytes, the file behind it is no regular file, or it or a
 * directory on its way belongs to somebody other than root and the caller or
 * may be written to by group or others (a sticky directory of root's is
 * fine). */
ERR_MUST_USE enum ks_err pkcs11_path_check(const char *path,
                                           char ret[static PKCS11_PATH_SIZE],
                                           struct err_cause *cause);

#endif
