/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A module that is of no use, and tells that it was loaded: from the moment of
 * its loading on it could do what it likes, so that it is told then, and not
 * when the first function is called.  "loading.log" beside SoftHSM's
 * configuration has a line for each process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include <p11-kit/pkcs11.h>

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list);

__attribute__((constructor)) static void
tell(void)
{
    const char *configuration = getenv("SOFTHSM2_CONF");
    const char *slash = configuration != NULL ? strrchr(configuration, '/')
                                              : NULL;
    char process[17] = "";
    char path[256];
    FILE *file;

    if (slash == NULL)
        return;
    (void)snprintf(path, sizeof path, "%.*s/loading.log",
                   (int)(slash - configuration), configuration);
    (void)prctl(PR_GET_NAME, process, 0, 0, 0);
    file = fopen(path, "ae");
    if (file == NULL)
        return;
    (void)fprintf(file, "%s\n", process);
    (void)fclose(file);
}

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    (void)list;
    return CKR_GENERAL_ERROR;
}
