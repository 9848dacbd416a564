/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state that a rig's holdfast has recorded, looked at and altered past it.
 */
#ifndef TESTS_SUPPORT_RIG_STATE_H
#define TESTS_SUPPORT_RIG_STATE_H

#include "tests/support/rig.h"

/* All of it; the caller releases it. */
json_t *rig_state_load(const struct rig *rig);

/* Expect KEY to be SAYS, where "" is also that it is not there. */
void rig_state_expect(const struct rig *rig, const char *key, const char *says);

/* Have KEY be VALUE, or, with NULL, not there. */
void rig_state_set(const struct rig *rig, const char *key, const char *value);

#endif
