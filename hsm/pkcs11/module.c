/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/pkcs11/module.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "hsm/pkcs11/library.h"
#include "hsm/pkcs11/rv.h"

struct pkcs11_module {
    struct pkcs11_library library;
    CK_FUNCTION_LIST *functions;
    bool initialized; /* by us, so finalised by us */
};

/* Every function that the back end calls; a list with holes would end the
 * process, with the PIN in it, at the first of them. */
static bool
is_complete(const CK_FUNCTION_LIST *list)
{
    return list->C_Initialize != NULL && list->C_Finalize != NULL &&
           list->C_GetSlotList != NULL && list->C_GetTokenInfo != NULL &&
           list->C_OpenSession != NULL && list->C_CloseSession != NULL &&
           list->C_GetSessionInfo != NULL && list->C_Login != NULL &&
           list->C_CreateObject != NULL && list->C_DestroyObject != NULL &&
           list->C_GetAttributeValue != NULL &&
           list->C_SetAttributeValue != NULL &&
           list->C_FindObjectsInit != NULL && list->C_FindObjects != NULL &&
           list->C_FindObjectsFinal != NULL && list->C_SignInit != NULL &&
           list->C_Sign != NULL && list->C_GenerateKeyPair != NULL;
}

static enum ks_err
load(const char *path, struct pkcs11_module *module, struct err_cause *cause)
{
    CK_C_GetFunctionList get = NULL;
    CK_FUNCTION_LIST *functions = NULL;
    enum ks_err rc = pkcs11_library_open(path, &module->library, cause);
    CK_RV rv;

    if (rc != KS_OK)
        return rc;
    /* POSIX's way from data to function */
    memcpy(&get, &module->library.get_function_list, sizeof get);
    rv = get(&functions);
    if (rv != CKR_OK || functions == NULL)
        return err_set(cause, KS_ERR_TOKEN_MODULE,
                       "C_GetFunctionList gives no list (0x%lx)", rv);
    if (functions->version.major < 2)
        return err_set(cause, KS_ERR_TOKEN_MODULE,
                       "it speaks no version of PKCS#11 from 2 on; use its "
                       "vendor's newer module");
    if (!is_complete(functions))
        return err_set(cause, KS_ERR_TOKEN_MODULE,
                       "its list lacks functions that are needed; use its "
                       "vendor's newer module");
    module->functions = functions;
    return KS_OK;
}

static enum ks_err
initialize(struct pkcs11_module *module, struct err_cause *cause)
{
    CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK};
    CK_RV rv = module->functions->C_Initialize(&args);

    /* The module's own locks are not needed by one thread at a time. */
    if (rv == CKR_CANT_LOCK)
        rv = module->functions->C_Initialize(NULL);
    /* Whoever initialised it before us will finalise it, too. */
    if (rv == CKR_CRYPTOKI_ALREADY_INITIALIZED)
        return KS_OK;
    if (rv != CKR_OK)
        return pkcs11_rv_set(cause, rv, "C_Initialize");
    module->initialized = true;
    return KS_OK;
}

enum ks_err
pkcs11_module_load(const char *path, struct pkcs11_module **ret,
                   struct err_cause *cause)
{
    struct pkcs11_module *module = calloc(1, sizeof *module);
    enum ks_err rc;

    if (module == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    rc = load(path, module, cause);
    if (rc == KS_OK)
        rc = initialize(module, cause);
    if (rc != KS_OK) {
        pkcs11_module_free(&module);
        if (cause != NULL)
            err_escape(cause->text); /* names the path as it was given */
        return rc;
    }
    *ret = module;
    return KS_OK;
}

void
pkcs11_module_free(struct pkcs11_module **module)
{
    if (*module == NULL)
        return;
    if ((*module)->initialized)
        (void)(*module)->functions->C_Finalize(NULL);
    if ((*module)->library.handle != NULL)
        (void)dlclose((*module)->library.handle);
    free(*module);
    *module = NULL;
}

CK_FUNCTION_LIST *
pkcs11_module_functions(const struct pkcs11_module *module)
{
    return module->functions;
}

const char *
pkcs11_module_path(const struct pkcs11_module *module)
{
    return module->library.path;
}
