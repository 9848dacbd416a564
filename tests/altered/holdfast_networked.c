/* SPDX-License-Identifier: Apache-2.0 */
/* The real holdfast, but the file of modules that may reach the network is
 * where a test has its own, "module-network" beside SoftHSM's configuration,
 * and the caller's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/holdfast/policy/module_network_place.h"

struct module_network_place __wrap_module_network_place(void);

struct module_network_place
__wrap_module_network_place(void)
{
    static char path[256];
    const char *configuration = getenv("SOFTHSM2_CONF");
    const char *slash = configuration != NULL ? strrchr(configuration, '/')
                                              : NULL;

    if (slash == NULL)
        abort();
    (void)snprintf(path, sizeof path, "%.*s/module-network",
                   (int)(slash - configuration), configuration);
    return (struct module_network_place){path, geteuid()};
}
