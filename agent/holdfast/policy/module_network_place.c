/* SPDX-License-Identifier: Apache-2.0 */
/* In a file of its own, so that a test can have another place. */
#include "agent/holdfast/policy/module_network_place.h"

struct module_network_place
module_network_place(void)
{
    return (struct module_network_place){"/etc/holdfast/module-network", 0};
}
