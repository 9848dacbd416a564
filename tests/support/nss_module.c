/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NSS's FIPS token behind the usual entry point: an HSM that takes no private
 * key in the clear.  NSS exports it as FC_GetFunctionList and must be told its
 * directory when it is initialised; that is "nss" beside SoftHSM's
 * configuration, the one thing of the environment that helpers get.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <p11-kit/pkcs11.h>

/* CK_C_INITIALIZE_ARGS as NSS has it: its parameters where the standard has
 * the last member, and that one behind them. */
struct nss_arguments {
    CK_C_INITIALIZE_ARGS standard;
    void *reserved;
};

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list);

static CK_FUNCTION_LIST own;
static CK_FUNCTION_LIST *real;

static CK_RV
initialize(void *args)
{
    const char *configuration = getenv("SOFTHSM2_CONF");
    const char *slash = configuration != NULL ? strrchr(configuration, '/')
                                              : NULL;
    struct nss_arguments all = {.reserved = NULL};
    char parameters[320];

    if (slash == NULL || args == NULL)
        return CKR_ARGUMENTS_BAD;
    (void)snprintf(parameters, sizeof parameters,
                   "configdir='sql:%.*s/nss' certPrefix='' keyPrefix='' "
                   "secmod='secmod.db' flags=",
                   (int)(slash - configuration), configuration);
    all.standard = *(const CK_C_INITIALIZE_ARGS *)args;
    all.standard.pReserved = parameters;
    return real->C_Initialize(&all);
}

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    CK_C_GetFunctionList get = NULL;
    /* NSS does not stand being unloaded and loaded again. */
    void *library = dlopen("libsoftokn3.so",
                           RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    void *symbol = library ? dlsym(library, "FC_GetFunctionList") : NULL;

    if (symbol == NULL)
        return CKR_GENERAL_ERROR;
    memcpy(&get, &symbol, sizeof get);
    if (get(&real) != CKR_OK)
        return CKR_GENERAL_ERROR;
    own = *real;
    own.C_GetFunctionList = C_GetFunctionList;
    own.C_Initialize = initialize;
    *list = &own;
    return CKR_OK;
}
