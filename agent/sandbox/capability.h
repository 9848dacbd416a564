/* SPDX-License-Identifier: Apache-2.0 */
/* The privileges that make root more than an owner of files:
 * capabilities(7). */
#ifndef AGENT_SANDBOX_CAPABILITY_H
#define AGENT_SANDBOX_CAPABILITY_H

#include "keystore/base/err.h"

/* Give up every capability, for good.  Root is then the owner of root's files,
 * with no right beyond an owner's; for another user nothing changes.  What may
 * be locked into memory is as much as the limit can be raised to: without
 * CAP_SYS_RESOURCE, which a container may withhold, that is the limit it has.
 */
ERR_MUST_USE enum ks_err sandbox_capability_drop(struct err_cause *cause);

#endif
