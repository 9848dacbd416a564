/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of a proof take turns in the TPM's slots with all others, and may have
 * to be loaded, or made, again. */
#include "hsm/tpm2/evidence.h"

#include <string.h>

#include <tss2/tss2_mu.h>

#include "hsm/tpm2/activate.h"
#include "hsm/tpm2/certify.h"
#include "hsm/tpm2/mark.h"
#include "hsm/tpm2/public.h"

static enum ks_err
hold_ak(struct tpm2_store *store, struct err_cause *cause)
{
    struct tpm2_attestation_key *ak = &store->ak;
    enum ks_err rc = KS_OK;

    if (ak->slot.object == ESYS_TR_NONE) {
        tpm2_slots_make_room(&store->slots);
        rc = tpm2_attestation_key_load(&store->tpm, &store->srk, ak, cause);
    }
    if (rc == KS_OK)
        tpm2_slots_use(&store->slots, &ak->slot);
    return rc;
}

/* A key at its handle takes the slot that parents do, if the root key leaves
 * that free.  SAID is the key's certificate, NULL where that was looked at. */
static enum ks_err
hold_ek(struct tpm2_store *store, const struct evidence_endorsement *said,
        struct err_cause *cause)
{
    struct tpm2_endorsement *ek = &store->ek;
    bool shares = store->srk.transient;
    enum ks_err rc = KS_OK;

    if (ek->slot.object == ESYS_TR_NONE) {
        if (shares)
            tpm2_slots_make_room(&store->slots);
        rc = tpm2_endorsement_find(&store->tpm, ek, said, cause);
    }
    if (rc == KS_OK && ek->slot.object == ESYS_TR_NONE) {
        tpm2_slots_make_room(&store->slots);
        rc = tpm2_endorsement_make(&store->tpm, ek, cause);
    }
    if (rc == KS_OK && (shares || !ek->slot.persistent))
        tpm2_slots_use(&store->slots, &ek->slot);
    return rc;
}

/* No proof is begun, and nothing of one is in the TPM. */
static void
drop(struct tpm2_store *store)
{
    tpm2_slots_give_back(&store->slots, &store->ak.slot);
    tpm2_slots_give_back(&store->slots, &store->ek.slot);
    store->ak.name.size = 0;
}

/* The mark comes before any object is loaded: only in an unshared TPM, which is
 * behind the socket of an emulation alone, would one stay. */
static enum ks_err
make_ak(struct tpm2_store *store, struct evidence_offer *ret,
        struct err_cause *cause)
{
    struct tpm2_attestation_key *ak = &store->ak;
    enum ks_err rc;

    tpm2_slots_make_room(&store->slots);
    rc = tpm2_attestation_key_make(&store->tpm, &store->srk, ak, cause);
    if (rc == KS_OK)
        rc = tpm2_public_marshal(&ak->public, &ret->key, cause);
    if (rc == KS_OK && store->tpm.uri.swtpm)
        rc = tpm2_mark_set(store->keys, &ak->name, cause);
    if (rc != KS_OK)
        return rc;
    ret->name_length = ak->name.size;
    memcpy(ret->name, ak->name.name, ret->name_length);
    return KS_OK;
}

static enum ks_err
tell_endorsement(struct tpm2_store *store, struct evidence_offer *ret,
                 struct err_cause *cause)
{
    struct tpm2_endorsement *ek = &store->ek;
    struct tpm2_nv_list list;
    enum ks_err rc = tpm2_nv_list(&store->tpm, &list, cause);

    ek->made = false;
    if (rc == KS_OK)
        rc = tpm2_endorsement_choose(&store->tpm, &list, &ek->kind,
                                     &ret->endorsement, cause);
    if (rc == KS_OK)
        rc = hold_ek(store, &ret->endorsement, cause);
    if (rc == KS_OK)
        rc = tpm2_endorsement_describe(ek, &ret->endorsement, cause);
    if (rc == KS_OK)
        rc = tpm2_nv_read_chain(&store->tpm, &list,
                                &(struct tpm2_nv_room){ret->chain,
                                                       sizeof ret->chain,
                                                       &ret->chain_length},
                                cause);
    return rc;
}

enum ks_err
tpm2_evidence_offer(struct tpm2_store *store, struct evidence_offer *ret,
                    struct err_cause *cause)
{
    enum ks_err rc = tpm2_endorsement_check(&store->tpm, cause);

    if (rc != KS_OK)
        return rc;
    drop(store);
    rc = make_ak(store, ret, cause);
    if (rc == KS_OK)
        rc = tell_endorsement(store, ret, cause);
    if (rc != KS_OK)
        drop(store);
    return rc;
}

/* The endorsement key leaves its slot at once: keys that are to be certified
 * want it.  In an unshared TPM the store's session goes before the policy's
 * comes: two of a process that is killed here would stay, and the next, which
 * needs two, finds room for three. */
static enum ks_err
activate(struct tpm2_store *store, const struct tpm2_challenge *challenge,
         struct evidence *ret, struct err_cause *cause)
{
    const struct tpm2_activation by = {&store->tpm, store->srk.object,
                                       &store->ek, &store->ak};
    enum ks_err rc = KS_OK;

    if (store->tpm.uri.swtpm)
        rc = tpm2_store_end_session(store, cause);
    if (rc == KS_OK)
        rc = hold_ek(store, NULL, cause);
    if (rc == KS_OK)
        rc = hold_ak(store, cause);
    if (rc == KS_OK)
        rc = tpm2_activate(&by, challenge, ret, cause);
    tpm2_slots_give_back(&store->slots, &store->ek.slot);
    return rc;
}

/* Certify a key of ours, with the attestation key in the other slot. */
static enum ks_err
certify_key(const struct tpm2_certifier *by, struct keystore_key *of,
            struct evidence_area *ret_public, struct evidence_statement *ret,
            struct err_cause *cause)
{
    struct tpm2_key *key = (struct tpm2_key *)(void *)of;
    enum ks_err rc;

    if (!tpm2_record_is_current(&key->place, &key->record))
        return err_set(cause, KS_ERR_KEY_MISSING, "key %s", key->place.id);
    rc = hold_ak(by->store, cause);
    if (rc == KS_OK)
        rc = tpm2_key_load(key, cause);
    if (rc == KS_OK)
        rc = tpm2_public_marshal(&key->record.public, ret_public, cause);
    if (rc == KS_OK)
        rc = tpm2_certify(by, key, ret, cause);
    return rc;
}

static enum ks_err
certify_creation(const struct tpm2_certifier *by, struct evidence *ret,
                 struct err_cause *cause)
{
    struct evidence_area *data = &ret->creation_data;

    if (Tss2_MU_TPMS_CREATION_DATA_Marshal(&by->key->creation.creationData,
                                           data->bytes, sizeof data->bytes,
                                           &data->length) != TSS2_RC_SUCCESS)
        return err_set(cause, KS_ERR_INTERNAL, "creation data");
    return tpm2_certify_creation(by, &ret->creation, cause);
}

static enum ks_err
certify(struct tpm2_store *store, const struct evidence_question *question,
        struct evidence *ret, struct err_cause *cause)
{
    struct tpm2_certifier by = {.store = store,
                                .key = &store->ak,
                                .qualifying.size = EVIDENCE_QUALIFYING};
    enum ks_err rc;

    memcpy(by.qualifying.buffer, question->qualifying, EVIDENCE_QUALIFYING);
    rc = certify_creation(&by, ret, cause);
    if (rc == KS_OK)
        rc = certify_key(&by, question->machine, &ret->machine_public,
                         &ret->machine, cause);
    if (rc == KS_OK && question->credential != NULL)
        rc = certify_key(&by, question->credential, &ret->credential_public,
                         &ret->credential, cause);
    if (rc == KS_OK && question->pcrs != 0)
        rc = tpm2_certify_pcrs(&by, question->pcrs, ret, cause);
    return rc;
}

enum ks_err
tpm2_evidence_give(struct tpm2_store *store,
                   const struct evidence_question *question,
                   struct evidence *ret, struct err_cause *cause)
{
    struct tpm2_challenge challenge;
    enum ks_err rc;

    if (store->ak.name.size == 0)
        return err_set(cause, KS_ERR_INTERNAL, "evidence without an offer");
    memset(ret, 0, sizeof *ret);
    rc = tpm2_challenge_read(question->challenge, question->challenge_length,
                             &challenge, cause);
    if (rc == KS_OK)
        rc = activate(store, &challenge, ret, cause);
    if (rc == KS_OK)
        rc = certify(store, question, ret, cause);
    tpm2_slots_give_back(&store->slots, &store->ak.slot);
    return rc;
}
