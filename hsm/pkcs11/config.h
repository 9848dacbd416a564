/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PKCS#11 modules that p11-kit has configured (pkcs11.conf(5)), read
 * without loading one of them.
 */
#ifndef HSM_PKCS11_CONFIG_H
#define HSM_PKCS11_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "hsm/pkcs11/path.h"
#include "keystore/base/err.h"

/* Where the configuration is; "": there is none of this kind. */
struct pkcs11_config_places {
    char system_file[PKCS11_PATH_SIZE];
    char system_modules[PKCS11_PATH_SIZE];  /* directories of *.module files: */
    char package_modules[PKCS11_PATH_SIZE]; /* the machine's, its packages' */
    char user_file[PKCS11_PATH_SIZE];
    char user_modules[PKCS11_PATH_SIZE];
    char libraries[PKCS11_PATH_SIZE]; /* where relative modules are */
};

struct pkcs11_config_module {
    char name[PKCS11_PATH_SIZE]; /* its file's, without ".module" */
    char path[PKCS11_PATH_SIZE]; /* absolute, as configured, with its links */
    char real[PKCS11_PATH_SIZE]; /* what that is now, "" with a fault */
    enum ks_err fault;           /* why it is not to be loaded; KS_OK: it is */
    struct err_cause why;
};

struct pkcs11_config {
    struct pkcs11_config_module *modules;
    size_t count;
};

/* Read it all, in the order of names.  A module for other programs, one without
 * a file and one that runs elsewhere (remote) are left out.  Refused with
 * KS_ERR_TOKEN_MODULE, named in its place and without a path, is a module whose
 * file or configuration file pkcs11_path_resolve() refuses, whose configuration
 * file cannot be read, or whose path is not printable ASCII; a directory of
 * such files that pkcs11_path_directory() refuses stands there under its own
 * name, and nothing in it is read.  Refused with KS_ERR_TOKEN_UNSUPPORTED is a
 * module that p11-kit would start with a text, that of x-init-reserved.
 * Returns KS_ERR_TOKEN_MODULE: the same of the file that says which directories
 * count, or more than 64 modules.  The caller ends RET with
 * pkcs11_config_free(). */
ERR_MUST_USE enum ks_err
pkcs11_config_read(const struct pkcs11_config_places *places,
                   struct pkcs11_config *ret, struct err_cause *cause);
void pkcs11_config_free(struct pkcs11_config *config);

/* Is MODULE meant by NAME, a URI's module-name (RFC 7512, 2.3)?  That is the
 * configured name, or the library's without "lib" and from ".so" on.  True of
 * what is refused, of which nobody knows what it would have been called. */
bool pkcs11_config_is_called(const struct pkcs11_config_module *module,
                             const char *name);

#endif
