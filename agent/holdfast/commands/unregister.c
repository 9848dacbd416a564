/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast unregister: the vault is told first, so that the machine's access
 * ends there before its key is gone here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "agent/holdfast/commands/commands.h"
#include "agent/holdfast/register/registration.h"
#include "agent/holdfast/report/print.h"
#include "agent/holdfast/report/progress.h"
#include "agent/holdfast/session/pair.h"
#include "agent/holdfast/state/given.h"
#include "keystore/file/credfile_place.h"

static enum ks_err
remove_keys(const struct session *session, struct token_client *token,
            struct err_cause *cause)
{
    enum ks_err rc;

    progress_say("removing the keys from the token");
    rc = session_remove_key(session, token, STATE_CREDENTIAL_ID, cause);
    if (rc == KS_OK)
        rc = session_remove_key(session, token, STATE_MACHINE_ID, cause);
    return rc;
}

/* Without the vault, or after it: what is left here is keys. */
static enum ks_err
abandon(struct session *session, struct err_cause *cause)
{
    struct token_client *token = NULL;
    enum ks_err rc = session_run(session, -1, &token, cause);

    if (rc == KS_OK)
        rc = remove_keys(session, token, cause);
    token_client_close(&token);
    return rc;
}

static enum ks_err
leave(struct session *session, struct err_cause *cause)
{
    struct state *state = session->state;
    struct pair machine = {NULL, NULL};
    enum ks_err rc = pair_open_machine(session, PAIR_CALLS, NULL, &machine,
                                       cause);

    if (rc == KS_OK)
        rc = pair_prove_machine(session, &machine, cause);
    if (rc == KS_OK) {
        progress_say("telling vault \"%s\"",
                     state_text(state, STATE_VAULT_NAME));
        rc = net_client_leave(machine.net, cause);
    }
    if (rc == KS_OK) {
        /* The machine's key may be gone before the rest is done. */
        state_set_number(state, STATE_LEFT, 1);
        rc = state_save(state, state_phase(state), cause);
    }
    if (rc == KS_OK)
        rc = remove_keys(session, machine.token, cause);
    pair_close(&machine);
    return rc;
}

/* Kept from the state for the sentences after it is forgotten. */
struct leaving {
    char machine[64];
    char vault[256];
    bool enrolled;
    bool told;    /* the vault has been, now or before */
    bool asked;   /* the vault may know of it */
    bool lost;    /* the keys were, before, and their TPM with them */
    bool unasked; /* the token was, which is gone */
    char token[33 + KEYSTORE_SERIAL_SIZE + 16];
    bool copies;   /* of the keys would do, if there are any */
    json_t *files; /* paths of the credential's that are left as they are */
    json_t *looks; /* paths where one of them was, or may be again */
};

/* A TPM that was cleared or replaced has nothing to remove. */
static enum ks_err
drop_lost_keys(const struct state *state, struct err_cause *cause)
{
    enum ks_err rc = state_drop_key(state, STATE_CREDENTIAL_ID, cause);

    return rc == KS_OK ? state_drop_key(state, STATE_MACHINE_ID, cause) : rc;
}

static enum ks_err
remove_local_side(const struct options *options, struct state *state,
                  struct leaving *leaving, struct err_cause *cause)
{
    struct session session;
    enum ks_err rc;

    if (options->token_lost) {
        leaving->unasked = true;
        return drop_lost_keys(state, cause);
    }
    rc = session_open(&session, options, state, cause);
    if (rc == KS_OK && leaving->told && state_number(state, STATE_LEFT) == 0)
        rc = leave(&session, cause);
    else if (rc == KS_OK)
        rc = abandon(&session, cause);
    session_close(&session);
    if (rc == KS_ERR_TOKEN_OTHER && options->offline &&
        state_kind(state)->wraps_files) {
        leaving->lost = true;
        rc = drop_lost_keys(state, cause);
    }
    return rc;
}

static bool
has(const json_t *paths, const char *path)
{
    json_t *text = report_text(path);
    json_t *each;
    bool found = false;
    size_t i;

    json_array_foreach(paths, i, each)
    {
        found = found || json_equal(each, text) == 1;
    }
    json_decref(text);
    return found;
}

/* Was FILE's wipe not done, or given up?  Then its path, else "". */
static const char *
unwiped(const struct state *state, size_t number)
{
    const char *outcome = state_given_text(state, number, STATE_WIPE_OUTCOME);

    return *outcome == '\0' || strcmp(outcome, "away") == 0
               ? state_given_text(state, number, STATE_FILE_PATH)
               : "";
}

/* Whoever deletes a file leaves its inode to the next: the content decides. */
static bool
is_ours(const struct state *state, size_t number)
{
    const struct credfile_identity identity = {
        .device = state_given_number(state, number, STATE_FILE_DEVICE),
        .inode = state_given_number(state, number, STATE_FILE_INODE),
        .size = state_given_number(state, number, STATE_FILE_SIZE)};
    struct credfile *file = NULL;
    struct intake_digests now;
    uint8_t recorded[32];
    bool ours = credfile_reopen(unwiped(state, number), &identity, &file,
                                NULL) == KS_OK &&
                intake_digest(file, &now, NULL) == KS_OK &&
                state_given_bytes(state, number, STATE_FILE_SHA256, recorded,
                                  sizeof recorded) &&
                memcmp(now.whole, recorded, sizeof recorded) == 0;

    credfile_close(&file);
    return ours;
}

/* Nobody wipes what was given to a registration that is not finished, and with
 * the state its path is forgotten.  Each path is named once. */
static void
note_files(const struct state *state, struct leaving *ret)
{
    size_t count = state_given_count(state);

    ret->files = json_array();
    ret->looks = json_array();
    for (size_t i = 0; i < count; i++) {
        const char *path = unwiped(state, i);

        if (*path != '\0' && !has(ret->files, path) && is_ours(state, i))
            (void)json_array_append_new(ret->files, report_text(path));
    }
    for (size_t i = 0; i < count; i++) {
        const char *path = unwiped(state, i);

        if (*path != '\0' && !has(ret->files, path) && !has(ret->looks, path) &&
            credfile_place(path,
                           state_given_number(state, i, STATE_FILE_DEVICE)) !=
                CREDFILE_GONE)
            (void)json_array_append_new(ret->looks, report_text(path));
    }
}

static void
note(const struct options *options, const struct state *state,
     struct leaving *ret)
{
    ret->enrolled = state_phase(state) >= STATE_REGISTERED;
    ret->told = ret->enrolled &&
                (!options->offline || state_number(state, STATE_LEFT) != 0);
    ret->asked = registration_may_be_listed(state);
    ret->lost = ret->unasked = false;
    (void)snprintf(ret->token, sizeof ret->token, "\"%s\" with serial %s",
                   state_text(state, STATE_TOKEN_LABEL),
                   state_text(state, STATE_TOKEN_SERIAL));
    /* A TPM loads what it has wrapped; what it keeps itself has no copies. */
    ret->copies = state_kind(state)->wraps_files &&
                  strstr(state_text(state, STATE_TOKEN_URI), ";handle=") ==
                      NULL;
    (void)snprintf(ret->machine, sizeof ret->machine, "%s",
                   state_text(state, STATE_MACHINE));
    (void)snprintf(ret->vault, sizeof ret->vault, "%s",
                   state_text(state, STATE_VAULT_NAME));
    note_files(state, ret);
}

static void
say_of_each(const json_t *paths, const char *what)
{
    json_t *each;
    size_t i;

    json_array_foreach(paths, i, each)
    {
        char *path = strdup(json_string_value(each));

        if (path != NULL)
            err_escape(path);
        (void)printf("%s %s\n", what, path != NULL ? path : "it");
        free(path);
    }
}

/* Takes the lists of files. */
static void
say_as_json(struct leaving *left)
{
    json_t *object = json_object();

    (void)json_object_set_new(object, "unregistered", json_true());
    (void)json_object_set_new(object, "vault_told", json_boolean(left->told));
    (void)json_object_set_new(object, "vault_may_list",
                              json_boolean(left->asked && !left->told));
    (void)json_object_set_new(object, "copied_keys_load",
                              json_boolean(left->copies && !left->lost));
    (void)json_object_set_new(object, "token_asked",
                              json_boolean(!left->unasked));
    (void)json_object_set_new(object, "files_left", left->files);
    (void)json_object_set_new(object, "files_to_look_at", left->looks);
    left->files = left->looks = NULL;
    report_print(object, true);
}

static void
say_unfinished_is_removed(const struct leaving *left)
{
    (void)puts("The unfinished registration is removed.");
    if (left->asked)
        (void)printf("Vault \"%s\" may list the machine all the same: look at "
                     "its page.\n",
                     left->vault);
}

/* Where the keys are now, if the vault was not told. */
static const char *
where_keys_are(const struct leaving *left)
{
    return left->unasked ? "The registration is forgotten here."
           : left->lost  ? "The keys were lost with their TPM, and their files "
                           "are removed."
                         : "The keys are removed here.";
}

static void
say_what_remains(const struct leaving *left)
{
    if (!left->enrolled)
        say_unfinished_is_removed(left);
    else if (!left->told)
        (void)printf("%s  Vault \"%s\" was not told: revoke machine %s on its "
                     "page.\n",
                     where_keys_are(left), left->vault, left->machine);
    else if (left->unasked)
        (void)printf("Machine %s has left vault \"%s\".  Its data stays until "
                     "its owner deletes it.\n",
                     left->machine, left->vault);
    else
        (void)printf("Machine %s has left vault \"%s\"; its keys are removed. "
                     " Its data stays until its owner deletes it.\n",
                     left->machine, left->vault);
    if (left->unasked)
        (void)printf("Token %s was not asked: keys that are on it stay there "
                     "until somebody who finds it removes them.\n",
                     left->token);
    if (left->copies && !left->lost)
        (void)printf("A copy of the key files made earlier would still load in "
                     "this TPM until it is cleared.\n");
    say_of_each(left->files, "The credential file is left as it is, with its "
                             "key: remove");
    say_of_each(left->looks, "What became of the credential file that was "
                             "here cannot be told: look at");
}

enum ks_err
command_unregister(const struct options *options, struct err_cause *cause)
{
    struct state *state = NULL;
    struct leaving leaving = {.files = NULL, .looks = NULL};
    enum ks_err rc = commands_state(options, false, &state, cause);

    if (rc != KS_OK)
        return rc;
    if (options->token_lost && !options->offline)
        rc = err_set(cause, KS_ERR_USAGE,
                     "without its token a machine cannot tell the vault: give "
                     "--offline, too, and revoke it on the vault's page");
    else if (state_phase(state) == STATE_NONE)
        rc = err_set(cause, KS_ERR_NOT_REGISTERED, "nothing is recorded");
    else if (state_phase(state) == STATE_WIPE_PENDING)
        rc = registration_wipe(state, NULL, options->offline, cause);
    if (rc != KS_OK)
        goto out;
    note(options, state, &leaving);
    rc = remove_local_side(options, state, &leaving, cause);
    if (rc == KS_OK)
        rc = state_forget(state, cause);
    if (rc == KS_OK && options->json)
        say_as_json(&leaving);
    else if (rc == KS_OK)
        say_what_remains(&leaving);
out:
    json_decref(leaving.files);
    json_decref(leaving.looks);
    state_close(&state);
    return rc;
}
