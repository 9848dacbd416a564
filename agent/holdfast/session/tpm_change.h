/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A registration's TPM may have been cleared or replaced since, or have new
 * firmware; each has a way back of its own.
 */
#ifndef AGENT_HOLDFAST_SESSION_TPM_CHANGE_H
#define AGENT_HOLDFAST_SESSION_TPM_CHANGE_H

#include "agent/holdfast/session/tpm_client.h"
#include "agent/holdfast/state/fields.h"

enum tpm_change_kind {
    TPM_CHANGE_NONE = 0,
    TPM_CHANGE_FIRMWARE,    /* its version is another than at the evidence */
    TPM_CHANGE_CLEARED,     /* the same EK, another storage root key */
    TPM_CHANGE_OTHER,       /* another EK: another TPM, a new mainboard's */
    TPM_CHANGE_LOST,        /* one of these two; no EK is recorded */
    TPM_CHANGE_UNCOMPARED,  /* the owner's password hides the root key */
    TPM_CHANGE_UNREACHABLE, /* nothing answers */
    TPM_CHANGE__MAX
};

struct tpm_change {
    enum tpm_change_kind kind;
    char firmware[24];    /* of the TPM that is there; "" none is */
    struct err_cause why; /* it is unreachable */
};

/* Look at the TPM of the registration in STATE, without a PIN and without
 * changing anything.  The EK is asked for where the storage root key is not the
 * recorded one, and only then: a slow TPM needs seconds for it.  Not for other
 * kinds of tokens. */
void tpm_change_find(const struct state *state, struct tpm_change *ret);

/* By what is recorded in STATE, LOOK, and the endorsement keys, NULL where they
 * were not read. */
enum tpm_change_kind
tpm_change_judge(const struct state *state, const struct tpm_client *look,
                 const struct layout_token_endorsement_answer *endorsement);

/* For scripts, and for people: what has happened, and the way back, "" where
 * none is needed. */
const char *tpm_change_word(enum tpm_change_kind kind);
const char *tpm_change_sentence(enum tpm_change_kind kind);
const char *tpm_change_way_back(enum tpm_change_kind kind);

#endif
