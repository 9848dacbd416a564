/* SPDX-License-Identifier: Apache-2.0 */
/* An object that cannot be flushed counts as flushed: the next opening finds it
 * by its Name. */
#include "hsm/tpm2/slots.h"

#include <string.h>

void
tpm2_slots_give_back(struct tpm2_slots *slots, struct tpm2_slot *slot)
{
    if (slot->object == ESYS_TR_NONE)
        return;
    if (slot->persistent)
        (void)Esys_TR_Close(slots->tpm->esys, &slot->object);
    else if (Esys_FlushContext(slots->tpm->esys, slot->object) !=
             TSS2_RC_SUCCESS)
        slots->left = true;
    slot->object = ESYS_TR_NONE;
    for (size_t i = 0; i < TPM2_SLOTS; i++)
        if (slots->used[i] == slot)
            slots->used[i] = NULL;
}

void
tpm2_slots_give_back_all(struct tpm2_slots *slots, const char *id)
{
    for (size_t i = 0; i < TPM2_SLOTS; i++)
        if (slots->used[i] != NULL &&
            (id == NULL || strcmp(slots->used[i]->id, id) == 0))
            tpm2_slots_give_back(slots, slots->used[i]);
}

void
tpm2_slots_make_room(struct tpm2_slots *slots)
{
    if (slots->used[TPM2_SLOTS - 1] != NULL)
        tpm2_slots_give_back(slots, slots->used[TPM2_SLOTS - 1]);
}

/* SLOT comes to the front; who falls off the end gives its slot back. */
void
tpm2_slots_use(struct tpm2_slots *slots, struct tpm2_slot *slot)
{
    struct tpm2_slot *pushed = slot;

    for (size_t i = 0; i < TPM2_SLOTS && pushed != NULL; i++) {
        struct tpm2_slot *next = slots->used[i];

        slots->used[i] = pushed;
        pushed = next != slot ? next : NULL;
    }
    if (pushed != NULL)
        tpm2_slots_give_back(slots, pushed);
}

void
tpm2_slots_forget(struct tpm2_slots *slots)
{
    for (size_t i = 0; i < TPM2_SLOTS; i++) {
        if (slots->used[i] != NULL)
            slots->used[i]->object = ESYS_TR_NONE;
        slots->used[i] = NULL;
    }
}
