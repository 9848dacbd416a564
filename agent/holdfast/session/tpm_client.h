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

/* Whether its storage root key is the recorded one, as hsm/tpm2/srk.h has it.
 */
enum tpm_client_sameness {
    TPM_CLIENT_UNCOMPARED,
    TPM_CLIENT_SAME,
    TPM_CLIENT_OTHER,
};

struct tpm_client {
    char uri[160];
    LAYOUT_TOKEN_LOOK_ANSWER(LAYOUT_KEPT)
};

/* Look at the TPM of URI, and compare its storage root key with the one whose
 * recorded serial is SERIAL; "": with none. */
ERR_MUST_USE enum ks_err tpm_client_look(const char *uri, const char *serial,
                                         struct tpm_client *ret,
                                         struct err_cause *cause);

/* The endorsement keys of a TPM, and what their makers say of them. */
struct tpm_endorsement {
    struct msg *msg; /* holds what ANSWER points to */
    struct layout_token_endorsement_answer answer;
};

/* Read them from the TPM of URI, which makes each key again for it and keeps
 * nothing; a slow TPM takes seconds for RSA.  KS_ERR_ATTEST: it has none that
 * can be used.  tpm_endorsement_free() afterwards, where it was read. */
ERR_MUST_USE enum ks_err tpm_client_endorsement(const char *uri,
                                                struct tpm_endorsement *ret,
                                                struct err_cause *cause);
void tpm_endorsement_free(struct tpm_endorsement *endorsement);

/* The URI of this machine's NUMBERth TPM with a resource manager, into RET of
 * SIZE bytes; false if there is none. */
bool tpm_client_device(unsigned number, char *ret, size_t size);

#endif
