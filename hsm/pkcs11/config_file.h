/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of p11-kit's configuration, in the format of pkcs11.conf(5): lines
 * "name: value", blank lines, and lines that begin with '#'.
 */
#ifndef HSM_PKCS11_CONFIG_FILE_H
#define HSM_PKCS11_CONFIG_FILE_H

#include "keystore/base/err.h"

/* X(name, as the file has it): the settings that say what is loaded, and what
 * it wants to be told then.  All others are passed over. */
#define PKCS11_CONFIG_SETTINGS(X)                                              \
    X(MODULE, "module")                                                        \
    X(ENABLE_IN, "enable-in")                                                  \
    X(DISABLE_IN, "disable-in")                                                \
    X(REMOTE, "remote")                                                        \
    X(USER_CONFIG, "user-config")                                              \
    X(RESERVED, "x-init-reserved")

enum pkcs11_config_setting {
#define X(name, text) PKCS11_CONFIG_##name,
    PKCS11_CONFIG_SETTINGS(X)
#undef X
        PKCS11_CONFIG_SETTING__MAX
};

struct pkcs11_config_file {
    char *value[PKCS11_CONFIG_SETTING__MAX]; /* NULL: not set */
};

/* Read the file at PATH; of a setting that stands there twice the last counts.
 * What RET has already stays: files that are read earlier win.
 * KS_ERR_TOKEN_MODULE: pkcs11_path_resolve() refuses the file, it cannot be
 * read, is larger than 64 KiB, or a line is no setting; RET is unchanged then.
 * The caller ends RET with pkcs11_config_file_free(). */
ERR_MUST_USE enum ks_err pkcs11_config_file_read(const char *path,
                                                 struct pkcs11_config_file *ret,
                                                 struct err_cause *cause);
void pkcs11_config_file_free(struct pkcs11_config_file *file);

#endif
