/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast attest: what a TPM could prove, without a state, a PIN, or a change
 * in the TPM; or, of a machine that is registered, the proof itself anew. */
#include <stdlib.h>
#include <string.h>

#include "agent/holdfast/commands/commands.h"
#include "agent/holdfast/register/attest.h"
#include "agent/holdfast/report/lifetime.h"
#include "agent/holdfast/report/report.h"
#include "agent/holdfast/session/tpm_client.h"

/* The token of the registration; *RET stays NULL where there is none. */
static enum ks_err
find_registered(const struct options *options, char **ret,
                struct err_cause *cause)
{
    struct state *state = NULL;
    enum ks_err rc = commands_state(options, false, &state, cause);

    if (rc == KS_ERR_NOT_REGISTERED)
        return KS_OK;
    if (rc == KS_OK && *state_text(state, STATE_TOKEN_URI) != '\0') {
        *ret = strdup(state_text(state, STATE_TOKEN_URI));
        rc = *ret != NULL ? KS_OK
                          : err_set(cause, KS_ERR_RESOURCES, "no memory");
    }
    state_close(&state);
    return rc;
}

/* This machine's TPM: as `token list` finds it, and the only one. */
static enum ks_err
find_device(char **ret, struct err_cause *cause)
{
    char first[64], second[64];

    if (!tpm_client_device(0, first, sizeof first))
        return err_set(cause, KS_ERR_USAGE,
                       "which TPM? There is none at /dev/tpmrm0; give --token "
                       "URI");
    if (tpm_client_device(1, second, sizeof second))
        return err_set(cause, KS_ERR_USAGE,
                       "which TPM? This machine has several; give --token URI, "
                       "'holdfast token list' shows them");
    *ret = strdup(first);
    return *ret != NULL ? KS_OK : err_set(cause, KS_ERR_RESOURCES, "no memory");
}

/* As the options name it, or the registration, or else the machine has it.  The
 * caller frees *RET. */
static enum ks_err
find_token(const struct options *options, char **ret, struct err_cause *cause)
{
    enum ks_err rc;

    if (options->token_uri != NULL) {
        *ret = strdup(options->token_uri);
        return *ret != NULL ? KS_OK
                            : err_set(cause, KS_ERR_RESOURCES, "no memory");
    }
    rc = find_registered(options, ret, cause);
    return rc == KS_OK && *ret == NULL ? find_device(ret, cause) : rc;
}

/* A PKCS#11 token claims what it is, and nobody vouches for that. */
static enum ks_err
check_kind(const char *uri, const char *remedy, struct err_cause *cause)
{
    const struct keystore_kind *kind = keystore_kind_of_uri(uri);

    if (kind == &keystore_kind_tpm2)
        return KS_OK;
    if (kind == &keystore_kind_none)
        return err_set(cause, KS_ERR_TOKEN_URI,
                       "it begins with no kind of token");
    return err_set(cause, KS_ERR_ATTEST,
                   "a %s token only claims where its keys live; %s",
                   kind == &keystore_kind_soft ? "soft" : "PKCS#11", remedy);
}

static enum ks_err
show(const struct options *options, struct err_cause *cause)
{
    struct tpm_endorsement found = {.msg = NULL};
    struct tpm_client tpm;
    char *uri = NULL;
    enum ks_err rc = find_token(options, &uri, cause);

    if (rc == KS_OK)
        rc = check_kind(uri, "name a TPM 2.0 with --token", cause);
    if (rc == KS_OK)
        rc = tpm_client_look(uri, "", &tpm, cause);
    if (rc == KS_OK)
        rc = tpm_client_endorsement(uri, &found, cause);
    if (rc == KS_OK)
        report_attest(uri, tpm.key_types, &found.answer, options->json);
    tpm_endorsement_free(&found);
    free(uri);
    return rc;
}

static enum ks_err
check_registered(const struct state *state, struct err_cause *cause)
{
    if (state_phase(state) < STATE_REGISTERED ||
        state_number(state, STATE_LEFT) != 0)
        return err_set(cause, KS_ERR_NOT_REGISTERED,
                       "there is no vault to give evidence to");
    return check_kind(state_text(state, STATE_TOKEN_URI),
                      "a machine with a TPM 2.0 can prove more, registered "
                      "with that",
                      cause);
}

/* The state stays as it was unless the vault has believed the evidence. */
static enum ks_err
submit_as(const struct options *options, struct state *state,
          struct err_cause *cause)
{
    struct pair machine = {NULL, NULL};
    struct session session;
    enum ks_err rc = session_open(&session, options, state, cause);

    if (rc == KS_OK)
        rc = settings_put_attest(&session.settings, state, cause);
    if (rc == KS_OK)
        rc = pair_open_machine(&session, PAIR_CALLS, NULL, &machine, cause);
    if (rc == KS_OK)
        rc = attest_anew(&session, &machine, cause);
    if (rc == KS_OK)
        rc = state_save(state, state_phase(state), cause);
    pair_close(&machine);
    session_close(&session);
    return rc;
}

static enum ks_err
submit(const struct options *options, struct err_cause *cause)
{
    struct state *state = NULL;
    enum ks_err rc = commands_state_waiting(options, &state, cause);

    if (rc != KS_OK)
        return rc;
    rc = check_registered(state, cause);
    lifetime_warn(state);
    if (rc == KS_OK)
        rc = submit_as(options, state, cause);
    if (rc == KS_OK)
        report_state(state, NULL, options->json);
    state_close(&state);
    return rc;
}

enum ks_err
command_attest(const struct options *options, struct err_cause *cause)
{
    if (options->submit)
        return options->token_uri == NULL
                   ? submit(options, cause)
                   : err_set(cause, KS_ERR_USAGE,
                             "--submit is of the registered token, and goes "
                             "without --token");
    if (options->pin_source != NULL || options->ca_file != NULL ||
        options->crl_file != NULL || options->attest_pcrs != NULL)
        return err_set(cause, KS_ERR_USAGE,
                       "--pin-file, --ca-file, --crl-file and --attest-pcrs "
                       "are for --submit, for nothing is sent without it");
    return show(options, cause);
}
