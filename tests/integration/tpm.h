/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What other people's programs say of a rig's TPM, asked past any tap.
 */
#ifndef TESTS_INTEGRATION_TPM_H
#define TESTS_INTEGRATION_TPM_H

#include "tests/integration/rig.h"

/* Expect nothing in its slots, and of persistent objects the storage root key
 * alone. */
void tpm_expect_only_srk(struct rig *rig);

#endif
