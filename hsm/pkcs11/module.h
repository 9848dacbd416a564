/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PKCS#11 module: foreign code in our process.  Loaded only from a file that
 * nobody but root and the caller could have put there.
 */
#ifndef HSM_PKCS11_MODULE_H
#define HSM_PKCS11_MODULE_H

#include <p11-kit/pkcs11.h>

#include "keystore/base/err.h"

struct pkcs11_module;

/* Load the module at PATH and initialise it.  KS_ERR_TOKEN_MODULE: the path is
 * refused by pkcs11_path_resolve(), or it is no module with all the functions
 * that are needed.  KS_ERR_TOKEN_FAILED: it cannot be initialised. */
ERR_MUST_USE enum ks_err pkcs11_module_load(const char *path,
                                            struct pkcs11_module **ret,
                                            struct err_cause *cause);

/* Finalises what load initialised, and unloads.  NULL is fine. */
void pkcs11_module_free(struct pkcs11_module **module);

CK_FUNCTION_LIST *pkcs11_module_functions(const struct pkcs11_module *module);

/* The real path it was loaded from. */
const char *pkcs11_module_path(const struct pkcs11_module *module);

#endif
