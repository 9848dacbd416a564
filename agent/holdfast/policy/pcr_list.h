/* SPDX-License-Identifier: Apache-2.0 */
/* The PCRs of a TPM that a person wants quoted (TPM 2.0 Part 1, 11.4), all of
 * the bank of SHA-256. */
#ifndef AGENT_HOLDFAST_POLICY_PCR_LIST_H
#define AGENT_HOLDFAST_POLICY_PCR_LIST_H

#include <stdbool.h>
#include <stdint.h>

/* Read numbers from 0 to 23 with commas between them, in any order and each
 * once, or "none": one bit each into *RET.  False for all else. */
bool pcr_list_read(const char *text, uint32_t *ret);

#endif
