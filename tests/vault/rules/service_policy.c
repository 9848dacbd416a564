/* SPDX-License-Identifier: Apache-2.0 */
/* What the vault's owner says of machines. */
#include "tests/vault/rules/service.h"

void
service_set_policy(struct vault vault, const char *level)
{
    service_set(vault, "policy", level);
}

void
service_set_pcrs(struct vault vault, const char *list)
{
    service_set(vault, "pcrs", list);
}

void
service_trust(struct vault vault, const char *path)
{
    service_set(vault, "trust", path);
}

void
service_allow(struct vault vault, const char *ek)
{
    service_set(vault, "allow", ek);
}

void
service_disallow(struct vault vault, const char *ek)
{
    service_set(vault, "disallow", ek);
}
