/* SPDX-License-Identifier: Apache-2.0 */
/* The state's fields on the token are read here, for preflight, which does not
 * know the state. */
#include "agent/holdfast/session/session.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The module's path as it was asked for: a package's update changes the file
 * behind it. */
static const char *
recorded_module(const struct state *state)
{
    const char *asked = state_text(state, STATE_TOKEN_MODULE_ASKED);

    return *asked != '\0' ? asked : state_text(state, STATE_TOKEN_MODULE);
}

/* A token that has keys of this registration may be gone for good. */
static enum ks_err
missing(const struct state *state, struct err_cause *cause)
{
    struct err_cause why = *cause;

    if (state_kind(state) == &keystore_kind_none)
        return KS_ERR_TOKEN_MISSING;
    err_cut_remedy(&why);
    return err_set(cause, KS_ERR_TOKEN_MISSING,
                   "%.120s; plug it in again, or give it up: 'holdfast "
                   "unregister --offline --token-lost'",
                   why.text);
}

/* Fill the caller's part of preflight from the settings and from what is
 * recorded of the token. */
static void
fill_preflight(struct session *session)
{
    const struct state *state = session->state;
    const struct settings *settings = &session->settings;
    struct preflight *preflight = &session->preflight;

    preflight->uri = settings->token.text;
    preflight->kind = settings->token.origin == SETTINGS_STATE
                          ? state_kind(state)
                          : &keystore_kind_none;
    preflight->registered = state_kind(state) != &keystore_kind_none;
    preflight->pin_source = settings->pin_source.text;
    preflight->emulation = settings->emulation;
    preflight->wants_pin = state_number(state, STATE_TOKEN_PIN) != 0;
    preflight->state_directory = state_directory_fd(state);
    (void)snprintf(preflight->recorded, sizeof preflight->recorded, "%s",
                   recorded_module(state));
    (void)snprintf(preflight->maker, sizeof preflight->maker, "%s",
                   state_text(state, STATE_TOKEN_MAKER));
    (void)snprintf(preflight->model, sizeof preflight->model, "%s",
                   state_text(state, STATE_TOKEN_MODEL));
}

enum ks_err
session_open(struct session *session, const struct options *options,
             struct state *state, struct err_cause *cause)
{
    enum ks_err rc = KS_OK;

    *session = (struct session)SESSION_EMPTY;
    session->state = state;
    settings_resolve(options, state, &session->settings);
    if (*session->settings.token.text == '\0')
        return err_set(cause, KS_ERR_USAGE, "which token? Give --token URI");
    if (options->proxy != NULL)
        rc = settings_put_proxy(state, options->proxy, cause);
    if (rc != KS_OK)
        return rc;
    fill_preflight(session);
    rc = preflight_run(&session->preflight,
                       state_text(state, STATE_TOKEN_SERIAL), cause);
    return rc == KS_ERR_TOKEN_MISSING ? missing(state, cause) : rc;
}

void
session_close(struct session *session)
{
    preflight_close(&session->preflight);
}

void
session_flush(const struct session *session)
{
    if (session->store.kind->unflushed)
        sync();
}

enum ks_err
session_remove_key(const struct session *session, struct token_client *token,
                   enum state_text which, struct err_cause *cause)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    enum ks_err rc;

    if (!state_bytes(session->state, which, id, sizeof id))
        return KS_OK;
    rc = token_client_remove(token, id, cause);
    return rc == KS_ERR_KEY_MISSING ? KS_OK : rc;
}
