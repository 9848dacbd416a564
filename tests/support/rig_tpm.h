/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other people's programs at a rig's TPM, past any tap.
 */
#ifndef TESTS_SUPPORT_RIG_TPM_H
#define TESTS_SUPPORT_RIG_TPM_H

#include "tests/support/rig.h"
#include "tests/support/tpm2/tpm2_tool.h"

/* Run `tpm2 TOOL` with the words after it (they end with NULL), and expect
 * success. */
void tpm_tool(struct rig *rig, const char *tool, ...) __attribute__((sentinel));

/* Have the vault's owner trust the maker of an endorsed rig's TPM. */
void tpm_trust_maker(struct rig *rig);

/* Expect nothing in its slots, and of persistent objects the storage root key
 * alone, or none. */
void tpm_expect_only_srk(struct rig *rig);
void tpm_expect_empty(struct rig *rig);

/* Expect COUNT objects in its slots, or persistent. */
void tpm_expect_transient(struct rig *rig, size_t count);
void tpm_expect_persistent(struct rig *rig, size_t count);

#endif
