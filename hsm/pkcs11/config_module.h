/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the settings of one name come to, once all its files are read: a module
 * that is loaded here, one that is refused, or one that is for others.
 */
#ifndef HSM_PKCS11_CONFIG_MODULE_H
#define HSM_PKCS11_CONFIG_MODULE_H

#include <stdbool.h>

#include "hsm/pkcs11/config.h"
#include "hsm/pkcs11/config_file.h"

/* Do SETTINGS name a library that is to be loaded here?  Not where there is
 * none, where it runs elsewhere (remote), or where enable-in and disable-in of
 * pkcs11.conf(5) leave Holdfast out. */
bool pkcs11_config_module_is_ours(const struct pkcs11_config_file *settings);

/* Resolve the library of SETTINGS, which are ours, into MODULE's path and real
 * path; a relative one is in LIBRARIES, a directory.  KS_ERR_TOKEN_MODULE:
 * pkcs11_path_resolve() refuses it, or a path is too long or not printable
 * ASCII, both paths are "" then; KS_ERR_TOKEN_UNSUPPORTED: x-init-reserved has
 * a text, the real path is "".  MODULE's cause says which. */
ERR_MUST_USE enum ks_err
pkcs11_config_module_judge(const struct pkcs11_config_file *settings,
                           const char *libraries,
                           struct pkcs11_config_module *module);

#endif
