/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast reconfigure: another way to the same token, or to the vault.  All
 * that is asked for is tried before any of it is recorded. */
#include <string.h>

#include "agent/holdfast/commands/commands.h"
#include "agent/holdfast/register/registration.h"
#include "agent/holdfast/report/report.h"
#include "agent/holdfast/settings.h"

/* A TPM's keys that have no PIN take any. */
static enum ks_err
check_pin_is_wanted(const struct registration *registration,
                    struct err_cause *cause)
{
    const struct state *state = registration->state;
    struct options without = *registration->options;
    struct registration trial;
    struct registration_machine machine = {NULL, NULL};
    enum ks_err rc;

    if (!state_kind(state)->pin_of_keys ||
        state_number(state, STATE_TOKEN_PIN) != 0)
        return KS_OK;
    without.pin_source = NULL;
    rc = registration_open(&trial, &without, registration->state, cause);
    trial.anew = true;
    if (rc == KS_OK)
        rc = registration_open_machine(&trial, REGISTRATION_TOKEN_ONLY, NULL,
                                       &machine, cause);
    if (rc == KS_OK)
        rc = registration_prove_machine(&trial, &machine, cause);
    registration_close_machine(&machine);
    registration_close(&trial);
    if (rc == KS_ERR_PIN_NEEDED)
        return KS_OK;
    return rc != KS_OK
               ? rc
               : err_set(cause, KS_ERR_USAGE,
                         "the registered keys have no PIN; leave --pin-file "
                         "out");
}

static enum ks_err
check_pin(const struct registration *registration, struct err_cause *cause)
{
    const struct preflight *preflight = &registration->preflight;

    if (registration->options->pin_source == NULL)
        return KS_OK;
    if (!preflight->source.is_file)
        return err_set(cause, KS_ERR_USAGE,
                       "later commands could not read the PIN again; give "
                       "--pin-file the path of a file");
    return check_pin_is_wanted(registration, cause);
}

/* Open the token by what was given.  Where there is a key of this machine's it
 * signs: a TPM asks for a PIN only then. */
static enum ks_err
try_token(struct registration *registration, struct err_cause *cause)
{
    struct registration_machine machine = {NULL, NULL};
    struct token_client *token = NULL;
    enum ks_err rc;

    if (*state_text(registration->state, STATE_MACHINE_SPKI) == '\0') {
        rc = registration_run(
            registration, &(struct token_run){STATEMENT_PHASE_IMPORT, -1, -1},
            &token, cause);
        token_client_close(&token);
        return rc;
    }
    rc = registration_open_machine(registration, REGISTRATION_TOKEN_ONLY, NULL,
                                   &machine, cause);
    if (rc == KS_OK)
        rc = registration_prove_machine(registration, &machine, cause);
    registration_close_machine(&machine);
    return rc;
}

static enum ks_err
put_token(const struct options *options, struct state *state,
          struct err_cause *cause)
{
    struct registration registration;
    enum ks_err rc;

    /* Where the module was is no help to find it by the new URI. */
    if (options->token_uri != NULL) {
        state_set_text(state, STATE_TOKEN_MODULE, "");
        state_set_text(state, STATE_TOKEN_MODULE_ASKED, "");
    }
    rc = registration_open(&registration, options, state, cause);
    registration.anew = true;
    if (rc == KS_OK)
        rc = check_pin(&registration, cause);
    if (rc == KS_OK)
        rc = try_token(&registration, cause);
    if (rc == KS_OK && options->token_uri != NULL) {
        registration_put_module(&registration);
        state_set_text(state, STATE_TOKEN_URI, options->token_uri);
        state_set_text(state, STATE_TOKEN_LABEL, registration.store.label);
    }
    if (rc == KS_OK && options->pin_source != NULL)
        rc = settings_put_pin_file(state, options->pin_source, cause);
    registration_close(&registration);
    return rc;
}

static enum ks_err
reconfigure(const struct options *options, struct state *state,
            struct err_cause *cause)
{
    bool token = options->token_uri != NULL || options->pin_source != NULL;
    enum ks_err rc = KS_OK;

    if (!token && options->ca_file == NULL && options->proxy == NULL)
        return err_set(cause, KS_ERR_USAGE,
                       "what is to change? Give --token, --pin-file, --ca-file "
                       "or --proxy");
    if (state_phase(state) == STATE_NONE)
        return err_set(cause, KS_ERR_NOT_REGISTERED, "nothing is recorded");
    if (options->ca_file != NULL)
        rc = settings_put_issuers(state, options->ca_file, cause);
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
    rc = reconfigure(options, state, cause);
    if (rc == KS_OK)
        report_state(state, options->json);
    state_close(&state);
    return rc;
}
