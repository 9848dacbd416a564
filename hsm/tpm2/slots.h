/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few slots of a TPM that keys take turns in.  A key need not know who else
 * is loaded, and the slots know nothing of a key but its id.
 */
#ifndef HSM_TPM2_SLOTS_H
#define HSM_TPM2_SLOTS_H

#include "hsm/tpm2/connection.h"

/* The TPM has room for three objects, and a command's parent takes one. */
#define TPM2_SLOTS 2

/* The object that a key has in the TPM; part of the key. */
struct tpm2_slot {
    const char *id;  /* the key's */
    ESYS_TR object;  /* ESYS_TR_NONE: nothing */
    bool persistent; /* it stands at a handle, and takes a slot when used */
};

struct tpm2_slots {
    struct tpm2_connection *tpm;
    struct tpm2_slot *used[TPM2_SLOTS]; /* the last used first; borrowed */
    bool left;                          /* an object could not be flushed */
};

/* Before another key is loaded: the one used least gives its slot back. */
void tpm2_slots_make_room(struct tpm2_slots *slots);

/* SLOT, which has an object, is in use from now on. */
void tpm2_slots_use(struct tpm2_slots *slots, struct tpm2_slot *slot);

/* SLOT's object leaves the TPM's slots.  Without one that is done already. */
void tpm2_slots_give_back(struct tpm2_slots *slots, struct tpm2_slot *slot);

/* The same for those of the key ID; for all, with ID NULL. */
void tpm2_slots_give_back_all(struct tpm2_slots *slots, const char *id);

/* The connection is gone, and with it what the slots had. */
void tpm2_slots_forget(struct tpm2_slots *slots);

#endif
