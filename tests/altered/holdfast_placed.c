/* SPDX-License-Identifier: Apache-2.0 */
/* The real holdfast, but p11-kit's configuration is where a test has its own:
 * in "p11-kit" beside SoftHSM's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/holdfast/session/module_places.h"

enum ks_err __wrap_module_places(struct pkcs11_config_places *ret,
                                 struct err_cause *cause);

enum ks_err
__wrap_module_places(struct pkcs11_config_places *ret, struct err_cause *cause)
{
    const char *configuration = getenv("SOFTHSM2_CONF");
    const char *slash = configuration != NULL ? strrchr(configuration, '/')
                                              : NULL;

    (void)cause;
    if (slash == NULL)
        abort();
#define PLACE(member, name)                                                    \
    (void)snprintf(ret->member, sizeof ret->member, "%.*s/p11-kit/" name,      \
                   (int)(slash - configuration), configuration)
    PLACE(system_file, "pkcs11.conf");
    PLACE(system_modules, "modules");
    PLACE(package_modules, "package");
    PLACE(user_file, "user/pkcs11.conf");
    PLACE(user_modules, "user/modules");
    PLACE(libraries, "lib");
#undef PLACE
    return KS_OK;
}
