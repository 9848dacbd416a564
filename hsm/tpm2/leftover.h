/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process of ours that was killed left in a TPM without a resource
 * manager: loaded objects, known by their Names.  Others' stay where they are.
 */
#ifndef HSM_TPM2_LEFTOVER_H
#define HSM_TPM2_LEFTOVER_H

#include "hsm/tpm2/store.h"

/* Flush loaded copies of STORE's keys and of what NAME names, but those that
 * this process has loaded.  Returns how many. */
size_t tpm2_leftover_flush(struct tpm2_store *store, const TPM2B_NAME *name);

#endif
