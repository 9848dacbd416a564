/* SPDX-License-Identifier: Apache-2.0 */
/* Where the administrator's file of modules with a network is: for tests, which
 * have another place. */
#ifndef AGENT_HOLDFAST_POLICY_MODULE_NETWORK_PLACE_H
#define AGENT_HOLDFAST_POLICY_MODULE_NETWORK_PLACE_H

#include <sys/types.h>

/* The file, and whose it may be besides root's. */
struct module_network_place {
    const char *path;
    uid_t owner;
};
struct module_network_place module_network_place(void);

#endif
