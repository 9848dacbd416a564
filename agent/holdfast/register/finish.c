/* SPDX-License-Identifier: Apache-2.0 */
/* Steps 6 and 7: the machine's run.  Only here is anything destroyed, and only
 * after the vault has answered a call that the machine key signed. */
#include <stdlib.h>
#include <string.h>

#include "agent/holdfast/register/registration.h"
#include "agent/holdfast/report/progress.h"
#include "agent/holdfast/session/pair.h"
#include "agent/holdfast/state/assurance.h"

bool
registration_is_finished(const struct state *state)
{
    return state_phase(state) == STATE_DONE &&
           state_number(state, STATE_CREDENTIAL_KEY) != STATE_KEY_ON_TOKEN &&
           *state_text(state, STATE_RECEIPT) != '\0';
}

static enum ks_err
confirm(const struct pair *pair, struct state *state, struct err_cause *cause)
{
    struct net_self self;
    enum ks_err rc;

    progress_say("first call with the machine's own key");
    rc = net_client_self(pair->net, &self, cause);
    if (rc != KS_OK)
        return rc;
    if (strcmp(self.machine, state_text(state, STATE_MACHINE)) != 0 ||
        strcmp(self.vault, state_text(state, STATE_VAULT)) != 0)
        return err_set(cause, KS_ERR_VAULT_FOREIGN,
                       "it calls this machine %s of vault %s", self.machine,
                       self.vault);
    state_set_text(state, STATE_MACHINE_NAME, self.name);
    return state_save(state, STATE_WIPE_PENDING, cause);
}

static enum ks_err
remove_credential_key(struct registration *registration,
                      struct token_client *token, struct err_cause *cause)
{
    const struct session *session = &registration->session;
    struct state *state = session->state;
    enum ks_err rc;

    if (state_number(state, STATE_CREDENTIAL_KEY) != STATE_KEY_ON_TOKEN)
        return KS_OK;
    if (registration->options->keep_credential_key) {
        state_set_number(state, STATE_CREDENTIAL_KEY, STATE_KEY_KEPT);
        return KS_OK;
    }
    progress_say("removing the credential's key from the token");
    rc = session_remove_key(session, token, STATE_CREDENTIAL_ID, cause);
    if (rc == KS_OK)
        state_set_number(state, STATE_CREDENTIAL_KEY, STATE_KEY_GONE);
    return rc;
}

static enum ks_err
make_receipt(struct state *state, struct token_client *token,
             struct err_cause *cause)
{
    char *text = NULL;
    uint8_t file[LAYOUT_HASH], certificate[LAYOUT_HASH], ek[LAYOUT_HASH];
    const struct layout_token_receipt receipt = {
        .vault = state_text(state, STATE_VAULT),
        .vault_name = state_text(state, STATE_VAULT_NAME),
        .machine = state_text(state, STATE_MACHINE),
        .registered_at = state_number(state, STATE_REGISTERED_AT),
        .file_sha256 = file,
        .certificate_sha256 = certificate,
        .wiped_at = state_number(state, STATE_WIPED_AT),
        .wipe_outcome = state_text(state, STATE_WIPE_OUTCOME),
        .proof = assurance_proof(state),
        .ek_sha256 = {ek, state_bytes(state, STATE_EK_SHA256, ek, sizeof ek)
                              ? sizeof ek
                              : 0}};
    enum ks_err rc;

    if (!state_bytes(state, STATE_FILE_SHA256, file, sizeof file) ||
        !state_bytes(state, STATE_CREDENTIAL_SHA256, certificate,
                     sizeof certificate))
        return err_set(cause, KS_ERR_STATE_BROKEN, "no hash for the receipt");
    rc = token_client_receipt(token, &receipt, &text, cause);
    if (rc == KS_OK)
        state_set_text(state, STATE_RECEIPT, text);
    free(text);
    return rc;
}

enum ks_err
registration_finish(struct registration *registration, struct intake *intake,
                    struct err_cause *cause)
{
    struct session *session = &registration->session;
    struct state *state = session->state;
    bool confirmed = state_phase(state) >= STATE_WIPE_PENDING;
    struct pair machine = {NULL, NULL};
    enum ks_err rc = pair_open_machine(session,
                                       confirmed ? PAIR_TOKEN_ONLY : PAIR_SELF,
                                       NULL, &machine, cause);

    if (rc == KS_OK)
        rc = pair_prove_machine(session, &machine, cause);
    if (rc == KS_OK && !confirmed)
        rc = confirm(&machine, state, cause);
    if (rc == KS_OK)
        rc = registration_wipe(state, intake,
                               registration->options->allow_residue, cause);
    if (rc == KS_OK)
        rc = remove_credential_key(registration, machine.token, cause);
    if (rc == KS_OK && *state_text(state, STATE_RECEIPT) == '\0')
        rc = make_receipt(state, machine.token, cause);
    if (rc == KS_OK)
        rc = state_save(state, STATE_DONE, cause);
    pair_close(&machine);
    return rc;
}
