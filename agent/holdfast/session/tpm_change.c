/* SPDX-License-Identifier: Apache-2.0 */
/* The storage root key comes from a seed that TPM2_Clear replaces; the EK's
 * seed outlives it (TPM 2.0 Part 1, 14.3). */
#include "agent/holdfast/session/tpm_change.h"

#include <stdio.h>
#include <string.h>

#define REPLACE                                                                \
    "choose Replace on this machine's page in the portal, then 'holdfast "     \
    "unregister --offline' and 'holdfast register' with that file"

static const struct {
    const char *word;
    const char *sentence;
    const char *way_back;
} changes[] = {
    [TPM_CHANGE_NONE] = {"unchanged", "unchanged", ""},
    [TPM_CHANGE_FIRMWARE] = {"firmware-updated",
                             "its firmware was updated, and its keys work",
                             "give the vault new evidence with the same key: "
                             "'holdfast attest --submit'"},
    [TPM_CHANGE_CLEARED] = {"cleared",
                            "it was cleared: this machine's keys are lost",
                            REPLACE},
    [TPM_CHANGE_OTHER] = {"other",
                          "it is another TPM, as with a new mainboard: this "
                          "machine's keys are not in it",
                          "put the old one back, or " REPLACE},
    [TPM_CHANGE_LOST] = {"cleared-or-other",
                         "it was cleared, or is another TPM: this machine's "
                         "keys are not in it",
                         "put the old one back, or " REPLACE},
    [TPM_CHANGE_UNCOMPARED] = {"unknown",
                               "its owner's password is set, and no storage "
                               "root key stands there to compare",
                               "have its owner make the storage root key as in "
                               "holdfast(8), TPM"},
    [TPM_CHANGE_UNREACHABLE] = {"unreachable", "it cannot be looked at",
                                "see 'holdfast token list'; where it is gone "
                                "for good, choose Replace on this machine's "
                                "page in the portal, then 'holdfast unregister "
                                "--offline --token-lost' and 'holdfast "
                                "register' with that file"},
};

_Static_assert(sizeof changes / sizeof changes[0] == TPM_CHANGE__MAX,
               "every change has its words");

static bool
is_among(const uint8_t *hash,
         const struct layout_token_endorsement_answer *endorsement)
{
    for (size_t i = 0; i < endorsement->endorsement_count; i++)
        if (memcmp(endorsement->endorsement[i].sha256, hash, LAYOUT_HASH) == 0)
            return true;
    return false;
}

enum tpm_change_kind
tpm_change_judge(const struct state *state, const struct tpm_client *look,
                 const struct layout_token_endorsement_answer *endorsement)
{
    const char *firmware = state_text(state, STATE_TPM_FIRMWARE);
    bool proved = *state_text(state, STATE_PROOF) != '\0';
    uint8_t recorded[LAYOUT_HASH];

    /* Where the vault asked for no evidence, none grows old. */
    if (look->sameness == TPM_CLIENT_SAME)
        return proved && *firmware != '\0' &&
                       strcmp(firmware, look->firmware) != 0
                   ? TPM_CHANGE_FIRMWARE
                   : TPM_CHANGE_NONE;
    if (look->sameness != TPM_CLIENT_OTHER)
        return TPM_CHANGE_UNCOMPARED;
    if (endorsement == NULL ||
        !state_bytes(state, STATE_EK_SHA256, recorded, sizeof recorded))
        return TPM_CHANGE_LOST;
    return is_among(recorded, endorsement) ? TPM_CHANGE_CLEARED
                                           : TPM_CHANGE_OTHER;
}

void
tpm_change_find(const struct state *state, struct tpm_change *ret)
{
    const char *uri = state_text(state, STATE_TOKEN_URI);
    struct tpm_endorsement found = {.msg = NULL};
    struct tpm_client look;
    bool read = false;
    enum ks_err rc;

    *ret = (struct tpm_change){.kind = TPM_CHANGE_UNREACHABLE};
    rc = tpm_client_look(uri, state_text(state, STATE_TOKEN_SERIAL), &look,
                         &ret->why);
    if (rc != KS_OK) {
        err_cut_remedy(&ret->why);
        return;
    }
    (void)snprintf(ret->firmware, sizeof ret->firmware, "%s", look.firmware);
    if (look.sameness == TPM_CLIENT_OTHER &&
        *state_text(state, STATE_EK_SHA256) != '\0')
        read = tpm_client_endorsement(uri, &found, &ret->why) == KS_OK;
    ret->kind = tpm_change_judge(state, &look, read ? &found.answer : NULL);
    tpm_endorsement_free(&found);
}

const char *
tpm_change_word(enum tpm_change_kind kind)
{
    return changes[kind].word;
}

const char *
tpm_change_sentence(enum tpm_change_kind kind)
{
    return changes[kind].sentence;
}

const char *
tpm_change_way_back(enum tpm_change_kind kind)
{
    return changes[kind].way_back;
}
