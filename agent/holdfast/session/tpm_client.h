/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast's look at a TPM, through a holdfast-token that has no keys and no
 * PIN. */
#ifndef AGENT_HOLDFAST_SESSION_TPM_CLIENT_H
#define AGENT_HOLDFAST_SESSION_TPM_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/ipc/layout.h"

/* The object that stands where the storage root key is looked for, as
 * hsm/tpm2/srk.h has it. */
enum tpm_client_root {
    TPM_CLIENT_ROOT_NONE,
    TPM_CLIENT_ROOT_STANDARD,
    TPM_CLIENT_ROOT_FOREIGN,
    TPM_CLIENT_ROOT_TRANSIENT,
};

struct tpm_client {
    char uri[160];
    LAYOUT_TOKEN_LOOK_ANSWER(LAYOUT_KEPT)
};

/* Look at the TPM of URI. */
ERR_MUST_USE enum ks_err tpm_client_look(const char *uri,
                                         struct tpm_client *ret,
                                         struct err_cause *cause);

/* The URI of this machine's NUMBERth TPM with a resource manager, into RET of
 * SIZE bytes; false if there is none. */
bool tpm_client_device(unsigned number, char *ret, size_t size);

#endif
