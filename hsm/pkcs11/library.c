/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/pkcs11/library.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>

static enum ks_err
load_error(struct err_cause *cause)
{
    const char *reason = dlerror();

    return err_set(cause, KS_ERR_TOKEN_MODULE, "%s",
                   reason != NULL ? reason : "it cannot be loaded");
}

/* The proxy is p11-kit's library under another name.  A module that only links
 * that library has the same symbol in reach, from another file. */
static bool
is_p11_kit(const struct pkcs11_library *library)
{
    const void *loader = dlsym(library->handle, "p11_kit_modules_load");
    Dl_info of_loader, of_module;

    return loader != NULL && dladdr(loader, &of_loader) != 0 &&
           dladdr(library->get_function_list, &of_module) != 0 &&
           of_loader.dli_fbase == of_module.dli_fbase;
}

enum ks_err
pkcs11_library_open(const char *path, struct pkcs11_library *ret,
                    struct err_cause *cause)
{
    enum ks_err rc = pkcs11_path_resolve(path, ret->path, cause);

    ret->handle = NULL;
    if (rc != KS_OK)
        return rc;
    ret->handle = dlopen(ret->path, RTLD_NOW | RTLD_LOCAL);
    if (ret->handle == NULL)
        return load_error(cause);
    ret->get_function_list = dlsym(ret->handle, "C_GetFunctionList");
    if (ret->get_function_list == NULL)
        rc = load_error(cause);
    else if (is_p11_kit(ret))
        rc = err_set(cause, KS_ERR_TOKEN_MODULE,
                     "%.160s is p11-kit itself, which loads every configured "
                     "module; name the token's own",
                     path);
    if (rc == KS_OK)
        return KS_OK;
    (void)dlclose(ret->handle);
    ret->handle = NULL;
    return rc;
}
