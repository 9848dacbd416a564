/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast register: decides where the registration stands and goes on from
 * there.  Every refusal before the import leaves all as it was. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/holdfast/commands/commands.h"
#include "agent/holdfast/register/registration.h"
#include "agent/holdfast/report/progress.h"
#include "agent/holdfast/report/report.h"
#include "agent/holdfast/settings.h"
#include "keystore/file/medium.h"

/* Was a file given, and is anything there? */
static bool
is_file(const struct options *options)
{
    struct stat status;

    return options->file != NULL && strcmp(options->file, "-") != 0 &&
           lstat(options->file, &status) == 0;
}

/* "y" at the terminal, or the name given before. */
static enum ks_err
confirm_vault(const struct options *options,
              const struct credential *credential, struct err_cause *cause)
{
    const char *name = credential->text[CREDENTIAL_RESOURCE_NAME];
    char answer[16] = "";

    if (options->expect_vault != NULL) {
        if (strcmp(options->expect_vault, name) == 0)
            return KS_OK;
        return err_set(cause, KS_ERR_CRED_VAULT, "\"%s\", not \"%s\"", name,
                       options->expect_vault);
    }
    if (isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1)
        return err_set(cause, KS_ERR_USAGE,
                       "the file is for vault \"%s\" and there is no terminal "
                       "to ask at; give --expect-vault",
                       name);
    (void)fprintf(stderr,
                  "Register this machine with vault \"%s\" (%s, subscription "
                  "%s)? [y/N] ",
                  name, credential->text[CREDENTIAL_LOCATION],
                  credential->text[CREDENTIAL_SUBSCRIPTION_ID]);
    if (fgets(answer, sizeof answer, stdin) == NULL ||
        (strcmp(answer, "y\n") != 0 && strcmp(answer, "yes\n") != 0))
        return err_set(cause, KS_ERR_CRED_VAULT,
                       "\"%s\" was not confirmed; nothing was changed, answer "
                       "y where it is the right one",
                       name);
    return KS_OK;
}

/* A file that cannot be wiped honestly is not taken without a word for it. */
static enum ks_err
check_medium(const struct options *options, const struct intake *intake,
             struct err_cause *cause)
{
    struct medium medium;
    enum ks_err rc;

    if (intake->file == NULL)
        return KS_OK;
    rc = medium_survey(credfile_reader(intake->file), &medium, cause);
    if (rc != KS_OK)
        return rc;
    if (medium.class == MEDIUM_REMOTE && !options->allow_residue)
        return err_set(cause, KS_ERR_FILE_MEDIUM, "%s", medium.reason);
    if (medium.class != MEDIUM_IN_PLACE)
        progress_say("a copy of the file may remain: %s", medium.reason);
    return KS_OK;
}

/* A credential that may have enrolled this machine already may have expired
 * since: the vault answers its repetition. */
static enum ks_err
check_time(const struct state *state, const struct credential *credential,
           struct err_cause *cause)
{
    uint8_t sha256[CREDENTIAL_SHA256_LENGTH];
    uint8_t sha1[CREDENTIAL_SHA1_LENGTH];
    enum ks_err rc = credential_check(credential, time(NULL), cause);
    enum ks_err known;

    if (rc != KS_ERR_CRED_EXPIRED)
        return rc;
    known = credential_thumbprints(credential, sha256, sha1, cause);
    if (known != KS_OK)
        return known;
    return registration_was_asked_with(state, sha256) ? KS_OK : rc;
}

/* A vault that may list this machine is not forgotten for another. */
static enum ks_err
check_vault(const struct state *state, const struct credential *credential,
            struct err_cause *cause)
{
    if (!registration_may_be_listed(state) ||
        strcmp(state_text(state, STATE_VAULT),
               credential->text[CREDENTIAL_RESOURCE_ID]) == 0)
        return KS_OK;
    return err_set(cause, KS_ERR_CRED_VAULT,
                   "vault \"%.100s\" was asked already and may list this "
                   "machine; finish with its file, or 'holdfast unregister'",
                   state_text(state, STATE_VAULT_NAME));
}

static enum ks_err
check_intake(const struct options *options, const struct state *state,
             const struct intake *intake, struct err_cause *cause)
{
    enum ks_err rc = check_time(state, intake->credential, cause);

    if (rc == KS_OK)
        rc = check_vault(state, intake->credential, cause);
    if (rc == KS_OK)
        rc = endpoint_check(intake->credential, &options->hosts, cause);
    if (rc == KS_OK && options->token_endpoint != NULL)
        rc = endpoint_check_token(options->token_endpoint, &options->hosts,
                                  cause);
    if (rc == KS_OK)
        rc = check_medium(options, intake, cause);
    if (rc == KS_OK)
        rc = confirm_vault(options, intake->credential, cause);
    return rc;
}

/* Some kinds of tokens need not be tried, and a certificate that is here was
 * given with proof or without. */
static enum ks_err
check_proof(const struct settings *settings, const struct state *state,
            struct err_cause *cause)
{
    const char *uri = settings->token.text;

    if (settings_attest(settings) != ATTESTATION_REQUIRE)
        return KS_OK;
    if (state_phase(state) >= STATE_REGISTERED)
        return *state_text(state, STATE_PROOF) != '\0'
                   ? KS_OK
                   : err_set(cause, KS_ERR_ATTEST,
                             "the vault has this machine already, without "
                             "proof; give that with 'holdfast attest "
                             "--submit', or finish with --attest off");
    if (*uri == '\0' || keystore_kind_of_uri(uri)->attests)
        return KS_OK;
    return err_set(cause, KS_ERR_ATTEST,
                   "%.100s is no TPM, which alone proves it", uri);
}

/* From the file to the machine's certificate. */
static enum ks_err
import_and_enrol(struct registration *registration, struct intake *intake,
                 struct err_cause *cause)
{
    bool first = state_phase(registration->session.state) == STATE_NONE;
    enum ks_err rc = registration_import(registration, intake, cause);

    /* The key is in the token now, or nowhere. */
    (void)close(intake->material);
    intake->material = -1;
    if (rc == KS_OK)
        rc = registration_enrol(registration, cause);
    if (rc != KS_OK && first &&
        (state_phase(registration->session.state) == STATE_IMPORTING ||
         registration->no_machine_key))
        registration_undo_import(registration);
    return rc;
}

/* Take a further file, when none is needed any more: it has a key in it, and is
 * wiped with the others.  Of one that was given before there may be a part
 * left, or nothing, as after a wipe that was cut short. */
static enum ks_err
take_further(const struct options *options, struct state *state,
             struct err_cause *cause)
{
    struct intake intake = INTAKE_EMPTY;
    enum ks_err rc = intake_read(options->file, false, &intake, cause);

    if (rc != KS_OK) {
        if (registration_knows_file(state, options->file))
            rc = state_save(state, state_phase(state), cause);
        return rc;
    }
    rc = check_vault(state, intake.credential, cause);
    if (rc == KS_OK)
        rc = check_medium(options, &intake, cause);
    if (rc == KS_OK)
        rc = registration_add_file(state, &intake, cause);
    if (rc == KS_OK)
        rc = state_save(state, state_phase(state), cause);
    intake_close(&intake);
    return rc;
}

/* The wipe is done, and nobody would wipe this one. */
static enum ks_err
refuse_further(const struct options *options, struct err_cause *cause)
{
    if (!is_file(options))
        return KS_OK;
    return err_set(cause, KS_ERR_USAGE,
                   "this machine is registered and its files are wiped: %.100s "
                   "stays, with its key; remove it, and give 'register' no "
                   "file",
                   options->file);
}

static enum ks_err
refuse_finished(const struct options *options, const struct state *state,
                struct err_cause *cause)
{
    return err_set(cause, KS_ERR_REGISTERED, "machine %s of vault \"%s\"%s",
                   state_text(state, STATE_MACHINE),
                   state_text(state, STATE_VAULT_NAME),
                   is_file(options) ? ", and the file stays as it is, with its "
                                      "key"
                                    : "");
}

static enum ks_err
take_file(const struct options *options, struct state *state,
          struct intake *intake, struct err_cause *cause)
{
    enum ks_err rc;

    if (state_phase(state) == STATE_DONE)
        return refuse_further(options, cause);
    if (state_phase(state) >= STATE_REGISTERED)
        return options->file != NULL ? take_further(options, state, cause)
                                     : KS_OK;
    if (options->file == NULL)
        return err_set(cause, KS_ERR_USAGE, "no credential file is given");
    rc = intake_read(options->file, true, intake, cause);
    return rc == KS_OK ? check_intake(options, state, intake, cause) : rc;
}

static enum ks_err
register_machine(const struct options *options, struct state *state,
                 struct err_cause *cause)
{
    struct registration registration = {.options = options,
                                        .session = SESSION_EMPTY};
    struct settings settings;
    struct intake intake = INTAKE_EMPTY;
    enum ks_err rc;

    if (state_number(state, STATE_LEFT) != 0)
        return err_set(cause, KS_ERR_REGISTERED,
                       "it is just leaving; finish that with "
                       "'holdfast unregister'");
    if (registration_is_finished(state))
        return refuse_finished(options, state, cause);
    settings_resolve(options, state, &settings);
    rc = settings_put_attest(&settings, state, cause);
    if (rc == KS_OK)
        rc = check_proof(&settings, state, cause);
    if (rc == KS_OK)
        rc = take_file(options, state, &intake, cause);
    if (rc == KS_OK)
        rc = settings_put_issuers(&settings.issuers, state, cause);
    if (rc == KS_OK)
        rc = settings_put_crls(&settings.crls, state, cause);
    if (rc == KS_OK)
        rc = session_open(&registration.session, options, state, cause);
    if (rc == KS_OK && state_phase(state) < STATE_REGISTERED)
        rc = import_and_enrol(&registration, &intake, cause);
    if (rc == KS_OK)
        rc = registration_finish(&registration, &intake, cause);
    session_close(&registration.session);
    intake_close(&intake);
    return rc;
}

enum ks_err
command_register(const struct options *options, struct err_cause *cause)
{
    struct state *state = NULL;
    enum ks_err rc = commands_state(options, true, &state, cause);

    if (rc != KS_OK)
        return rc;
    rc = register_machine(options, state, cause);
    if (rc == KS_OK) {
        const char *residue = registration_residue(state);

        report_state(state, NULL, options->json);
        if (options->strict_wipe && residue != NULL)
            rc = err_set(cause, KS_ERR_RESIDUE, "%s", residue);
    }
    state_close(&state);
    return rc;
}
