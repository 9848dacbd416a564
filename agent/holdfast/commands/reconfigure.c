/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast reconfigure: another way to the same token, or to the vault.  All
 * that is asked for is tried before any of it is recorded. */
#include "agent/holdfast/commands/commands.h"
#include "agent/holdfast/report/lifetime.h"
#include "agent/holdfast/report/report.h"
#include "agent/holdfast/session/pair.h"
#include "agent/holdfast/session/recorded.h"
#include "agent/holdfast/session/run.h"
#include "agent/holdfast/settings.h"

/* A TPM's keys that have no PIN take any. */
static enum ks_err
check_pin_is_wanted(const struct options *options, struct state *state,
                    struct err_cause *cause)
{
    struct options without = *options;
    struct session trial;
    struct pair machine = {NULL, NULL};
    enum ks_err rc;

    if (!state_kind(state)->pin_of_keys ||
        state_number(state, STATE_TOKEN_PIN) != 0)
        return KS_OK;
    without.pin_source = NULL;
    rc = session_open(&trial, &without, state, cause);
    trial.anew = true;
    if (rc == KS_OK)
        rc = pair_open_machine(&trial, PAIR_TOKEN_ONLY, NULL, &machine, cause);
    if (rc == KS_OK)
        rc = pair_prove_machine(&trial, &machine, cause);
    pair_close(&machine);
    session_close(&trial);
    if (rc == KS_ERR_PIN_NEEDED)
        return KS_OK;
    return rc != KS_OK
               ? rc
               : err_set(cause, KS_ERR_USAGE,
                         "the registered keys have no PIN; leave --pin-file "
                         "out");
}

static enum ks_err
check_pin(const struct options *options, const struct session *session,
          struct err_cause *cause)
{
    if (options->pin_source == NULL)
        return KS_OK;
    if (!session->preflight.source.is_file)
        return err_set(cause, KS_ERR_USAGE,
                       "later commands could not read the PIN again; give "
                       "--pin-file the path of a file");
    return check_pin_is_wanted(options, session->state, cause);
}

/* Open the token by what was given.  Where there is a key of this machine's it
 * signs: a TPM asks for a PIN only then. */
static enum ks_err
try_token(struct session *session, struct err_cause *cause)
{
    struct pair machine = {NULL, NULL};
    struct token_client *token = NULL;
    enum ks_err rc;

    if (*state_text(session->state, STATE_MACHINE_SPKI) == '\0') {
        rc = run_open(session, -1, &token, cause);
        token_client_close(&token);
        return rc;
    }
    rc = pair_open_machine(session, PAIR_TOKEN_ONLY, NULL, &machine, cause);
    if (rc == KS_OK)
        rc = pair_prove_machine(session, &machine, cause);
    pair_close(&machine);
    return rc;
}

static enum ks_err
put_token(const struct options *options, struct state *state,
          struct err_cause *cause)
{
    struct session session;
    enum ks_err rc;

    /* Where the module was is no help to find it by the new URI. */
    if (options->token_uri != NULL) {
        state_set_text(state, STATE_TOKEN_MODULE, "");
        state_set_text(state, STATE_TOKEN_MODULE_ASKED, "");
    }
    rc = session_open(&session, options, state, cause);
    session.anew = true;
    if (rc == KS_OK)
        rc = check_pin(options, &session, cause);
    if (rc == KS_OK)
        rc = try_token(&session, cause);
    if (rc == KS_OK && options->token_uri != NULL) {
        recorded_put_module(&session);
        state_set_text(state, STATE_TOKEN_URI, options->token_uri);
        state_set_text(state, STATE_TOKEN_LABEL, session.store.label);
    }
    if (rc == KS_OK && options->pin_source != NULL)
        rc = settings_put_pin_file(state, options->pin_source, cause);
    session_close(&session);
    return rc;
}

static enum ks_err
reconfigure(const struct options *options, struct state *state,
            struct err_cause *cause)
{
    bool token = options->token_uri != NULL || options->pin_source != NULL;
    struct settings settings;
    enum ks_err rc = KS_OK;

    if (!token && options->ca_file == NULL && options->crl_file == NULL &&
        options->proxy == NULL)
        return err_set(cause, KS_ERR_USAGE,
                       "what is to change? Give --token, --pin-file, "
                       "--ca-file, --crl-file or --proxy");
    if (state_phase(state) == STATE_NONE)
        return err_set(cause, KS_ERR_NOT_REGISTERED, "nothing is recorded");
    settings_resolve(options, state, &settings);
    if (options->ca_file != NULL)
        rc = settings_put_issuers(&settings.issuers, state, cause);
    if (rc == KS_OK && options->crl_file != NULL)
        rc = settings_put_crls(&settings.crls, state, cause);
    if (rc == KS_OK && options->proxy != NULL)
        rc = settings_put_proxy(state, options->proxy, cause);
    if (rc == KS_OK && token)
        rc = put_token(options, state, cause);
    if (rc == KS_OK)
        rc = state_save(state, state_phase(state), cause);
    return rc;
}

enum ks_err
command_reconfigure(const struct options *options, struct err_cause *cause)
{
    struct state *state = NULL;
    enum ks_err rc = commands_state_waiting(options, &state, cause);

    if (rc != KS_OK)
        return rc;
    lifetime_warn(state);
    rc = reconfigure(options, state, cause);
    if (rc == KS_OK)
        report_state(state, NULL, options->json);
    state_close(&state);
    return rc;
}
