/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loading of a module's file.  Nothing else here loads one, so that no file
 * is loaded that hsm/pkcs11/path.h refuses, and no other module with it.
 */
#ifndef HSM_PKCS11_LIBRARY_H
#define HSM_PKCS11_LIBRARY_H

#include "hsm/pkcs11/path.h"

struct pkcs11_library {
    void *handle;                /* for dlclose(3) */
    void *get_function_list;     /* C_GetFunctionList, not yet called */
    char path[PKCS11_PATH_SIZE]; /* the real one */
};

/* Load the module at PATH; the caller closes the handle.  KS_ERR_TOKEN_MODULE:
 * PATH is refused by pkcs11_path_resolve(), it is no library, or none with
 * C_GetFunctionList (PKCS#11 v3.0, 5.2), or it is p11-kit itself, whose proxy
 * would load every module that is configured, whoever may write to it. */
ERR_MUST_USE enum ks_err pkcs11_library_open(const char *path,
                                             struct pkcs11_library *ret,
                                             struct err_cause *cause);

#endif
