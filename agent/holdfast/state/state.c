/* SPDX-License-Identifier: Apache-2.0 */
/* The state as a JSON object.  A secret has no place here: keys are named by
 * id, tokens by serial. */
#include "agent/holdfast/state/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/holdfast/state/internal.h"
#include "agent/holdfast/state/json.h"
#include "agent/holdfast/state/place.h"

#define FORMAT 1

/* 0 where none is told. */
static json_int_t
format_of(json_t *json)
{
    return json_integer_value(json_object_get(json, "format"));
}

static bool
is_ours(json_t *json, enum state_phase *ret_phase)
{
    return format_of(json) == FORMAT &&
           state_phase_find(json_string_value(json_object_get(json, "phase")),
                            ret_phase) &&
           state_has_right_kinds(json) && state_given_is_ours(json);
}

/* A state without the fact was written when the phase alone told it, and by a
 * run that had one credential. */
static bool
complete_facts(struct state *state)
{
    if (state->phase < STATE_REGISTERED &&
        *state_text(state, STATE_MACHINE_SPKI) != '\0' &&
        *state_text(state, STATE_ASKED_WITH) == '\0')
        state_set_text(state, STATE_ASKED_WITH,
                       state_text(state, STATE_CREDENTIAL_SHA256));
    return !state->spoilt;
}

/* Only of a file that cannot be a state may people be told to remove it. */
static enum ks_err
unreadable(struct err_cause *cause)
{
    switch (errno) {
    case EFBIG: /* larger than any state */
    case ELOOP: /* a symbolic link in its place */
    case EISDIR:
        return err_set_errno(cause, KS_ERR_STATE_BROKEN, STATE_FILE_NAME);
    case EACCES:
    case EPERM:
        return err_set_errno(cause, KS_ERR_PERMISSION, STATE_FILE_NAME);
    case ENOMEM:
    case EMFILE:
    case ENFILE:
        return err_set_errno(cause, KS_ERR_RESOURCES, STATE_FILE_NAME);
    default:
        return err_set_errno(cause, KS_ERR_FILE_READ, STATE_FILE_NAME);
    }
}

static enum ks_err
load(struct state *state, struct err_cause *cause)
{
    size_t length = 0;
    char *text = state_file_read(&state->file, &length);
    json_error_t error;

    if (text == NULL && errno == ENOENT) {
        state->json = json_object();
        return state->json != NULL ? KS_OK : KS_ERR_RESOURCES;
    }
    if (text == NULL)
        return unreadable(cause);
    state->json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    free(text);
    if (state->json != NULL && format_of(state->json) > FORMAT)
        return err_set(cause, KS_ERR_STATE_NEWER,
                       "%s has format %lld, and Holdfast %s reads %d",
                       STATE_FILE_NAME, (long long)format_of(state->json),
                       HOLDFAST_VERSION, FORMAT);
    if (state->json == NULL || !state_json_decode(state->json) ||
        !is_ours(state->json, &state->phase))
        return err_set(cause, KS_ERR_STATE_BROKEN, "%s is damaged",
                       STATE_FILE_NAME);
    if (!complete_facts(state))
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    return KS_OK;
}

enum ks_err
state_open(const char *directory, bool create, struct state **ret,
           struct err_cause *cause)
{
    struct state *state = calloc(1, sizeof *state);
    enum ks_err rc;

    if (state == NULL)
        return err_set_errno(cause, KS_ERR_RESOURCES, "state");
    rc = state_file_open(directory, create, &state->file, cause);
    if (rc == KS_OK)
        rc = load(state, cause);
    if (rc != KS_OK) {
        state_close(&state);
        return rc;
    }
    *ret = state;
    return KS_OK;
}

void
state_close(struct state **state)
{
    if (*state == NULL)
        return;
    json_decref((*state)->json);
    state_file_close(&(*state)->file);
    free(*state);
    *state = NULL;
}

enum ks_err
state_save(struct state *state, enum state_phase phase, struct err_cause *cause)
{
    json_t *encoded;
    char *text;
    enum ks_err rc = KS_OK;

    if (json_object_set_new(state->json, "format", json_integer(FORMAT)) != 0 ||
        json_object_set_new(state->json, "phase",
                            json_string(state_phase_name(phase))) != 0 ||
        state->spoilt)
        return err_set(cause, KS_ERR_INTERNAL, "state could not be recorded");
    encoded = state_json_encode(state->json);
    text = encoded != NULL
               ? json_dumps(encoded, JSON_INDENT(2) | JSON_SORT_KEYS)
               : NULL;
    if (text == NULL)
        rc = err_set(cause, KS_ERR_INTERNAL, "state could not be recorded");
    else if (!state_file_replace(&state->file, text, strlen(text)))
        rc = err_set_errno(cause, KS_ERR_STATE_WRITE, STATE_FILE_NAME);
    else
        state->phase = phase;
    free(text);
    json_decref(encoded);
    return rc;
}

enum ks_err
state_forget(struct state *state, struct err_cause *cause)
{
    if (!state_file_remove(&state->file))
        return err_set_errno(cause, KS_ERR_STATE_WRITE, STATE_FILE_NAME);
    (void)json_object_clear(state->json);
    state->phase = STATE_NONE;
    return KS_OK;
}

enum ks_err
state_drop_key(const struct state *state, enum state_text which,
               struct err_cause *cause)
{
    const char *id = state_text(state, which);

    if (*id != '\0' && !state_file_remove_keys(&state->file, id))
        return err_set_errno(cause, KS_ERR_STATE_WRITE, "key files");
    return KS_OK;
}

int
state_directory_fd(const struct state *state)
{
    return state->file.directory;
}

int
state_keys_fd(const struct state *state)
{
    return state->file.keys;
}
