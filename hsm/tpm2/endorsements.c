/* SPDX-License-Identifier: Apache-2.0 */
/* A key that does not stand at a handle is made for the look, which can take a
 * TPM seconds, and leaves its slot again before the next one comes. */
#include "hsm/tpm2/endorsements.h"

#include <stdio.h>
#include <stdlib.h>

#include "hsm/tpm2/endorsement.h"

_Static_assert(TPM2_ENDORSEMENTS_MAX == TPM2_ENDORSEMENT__MAX,
               "room for one of each kind");

static void
put_identity(const struct tpm2_property *property,
             struct tpm2_endorsements *ret)
{
    ret->emulated = property->emulated;
    (void)snprintf(ret->maker, sizeof ret->maker, "%s", property->maker);
    (void)snprintf(ret->model, sizeof ret->model, "%s", property->model);
    (void)snprintf(ret->firmware, sizeof ret->firmware, "%s",
                   property->firmware);
}

/* Not every TPM makes every kind. */
static enum ks_err
add(struct tpm2_connection *tpm, enum tpm2_endorsement_kind kind,
    const struct tpm2_nv_list *list, struct tpm2_endorsements *ret,
    struct err_cause *cause)
{
    struct tpm2_slots slots = {.tpm = tpm};
    struct tpm2_endorsement ek = {.kind = kind};
    struct evidence_endorsement *key = &ret->key[ret->count];
    enum ks_err rc = tpm2_endorsement_read_certificate(tpm, kind, list, key,
                                                       cause);

    if (rc != KS_OK)
        return rc;
    rc = tpm2_endorsement_find(tpm, &ek, key, cause);
    if (rc == KS_OK && ek.slot.object == ESYS_TR_NONE)
        rc = tpm2_endorsement_make(tpm, &ek, cause);
    if (rc == KS_ERR_TOKEN_UNSUPPORTED)
        return KS_OK;
    if (rc != KS_OK)
        return rc;
    rc = tpm2_endorsement_describe(&ek, key, cause);
    tpm2_slots_give_back(&slots, &ek.slot);
    if (rc == KS_OK)
        ret->count++;
    return rc;
}

static enum ks_err
look(struct tpm2_connection *tpm, struct tpm2_endorsements *ret,
     struct err_cause *cause)
{
    struct tpm2_nv_list list;
    enum tpm2_endorsement_kind kind, chosen = TPM2_ENDORSEMENT__MAX;
    enum ks_err rc = tpm2_endorsement_check(tpm, cause);

    if (rc == KS_OK)
        rc = tpm2_nv_list(tpm, &list, cause);
    if (rc == KS_OK)
        rc = tpm2_endorsement_choose(tpm, &list, &chosen, &ret->key[0], cause);
    for (kind = 0; rc == KS_OK && kind < TPM2_ENDORSEMENT__MAX; kind++) {
        size_t before = ret->count;

        rc = add(tpm, kind, &list, ret, cause);
        if (kind == chosen && ret->count > before)
            ret->offered = before;
    }
    if (rc == KS_OK)
        rc = tpm2_nv_read_chain(tpm, &list,
                                &(struct tpm2_nv_room){ret->chain,
                                                       sizeof ret->chain,
                                                       &ret->chain_length},
                                cause);
    return rc == KS_OK && ret->count == 0 ? KS_ERR_TOKEN_UNSUPPORTED : rc;
}

enum ks_err
tpm2_endorsements(const char *uri, struct tpm2_endorsements **ret,
                  struct err_cause *cause)
{
    struct tpm2_endorsements *made = calloc(1, sizeof *made);
    struct tpm2_connection tpm;
    struct tpm2_property property;
    enum ks_err rc;

    if (made == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    rc = tpm2_connection_open(uri, &tpm, &property, cause);
    if (rc == KS_OK) {
        put_identity(&property, made);
        made->offered = TPM2_ENDORSEMENTS_MAX;
        rc = look(&tpm, made, cause);
        tpm2_connection_close(&tpm);
    }
    if (rc != KS_OK)
        free(made);
    else
        *ret = made;
    return rc;
}
