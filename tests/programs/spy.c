/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PKCS#11 module that is OpenSC's pkcs11-spy in front of SoftHSM.  Helpers
 * get no environment but SoftHSM's, so the spy is configured in here: its log
 * is "spy.log" beside SoftHSM's configuration.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <p11-kit/pkcs11.h>

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list);

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    const char *configuration = getenv("SOFTHSM2_CONF");
    const char *slash = configuration != NULL ? strrchr(configuration, '/')
                                              : NULL;
    CK_C_GetFunctionList spied = NULL;
    char log[256];
    void *spy;

    if (slash == NULL)
        return CKR_GENERAL_ERROR;
    (void)snprintf(log, sizeof log, "%.*s/spy.log",
                   (int)(slash - configuration), configuration);
    (void)setenv("PKCS11SPY", SOFTHSM_MODULE, 1);
    (void)setenv("PKCS11SPY_OUTPUT", log, 1);
    spy = dlopen("pkcs11-spy.so", RTLD_NOW | RTLD_LOCAL);
    if (spy != NULL)
        *(void **)&spied = dlsym(spy, "C_GetFunctionList");
    return spied != NULL ? spied(list) : CKR_GENERAL_ERROR;
}
