/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is recorded here that a later command could not use. */
#include "agent/holdfast/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/holdfast/policy/crl_file.h"
#include "agent/holdfast/policy/issuers.h"
#include "agent/holdfast/policy/pcr_list.h"
#include "agent/holdfast/policy/proxy.h"

static struct setting
choose(const char *option, const char *recorded, const char *usual)
{
    if (option != NULL)
        return (struct setting){option, SETTINGS_OPTION};
    if (*recorded != '\0')
        return (struct setting){recorded, SETTINGS_STATE};
    return (struct setting){usual, SETTINGS_DEFAULT};
}

void
settings_resolve(const struct options *options, const struct state *state,
                 struct settings *ret)
{
    const char *pin_file = state_text(state, STATE_PIN_SOURCE);

    if (*pin_file != '\0' && access(pin_file, F_OK) != 0)
        pin_file = "";
    ret->token = choose(options->token_uri, state_text(state, STATE_TOKEN_URI),
                        "");
    ret->pin_source = choose(options->pin_source, pin_file, NULL);
    ret->issuers = choose(options->ca_file, state_text(state, STATE_CA_FILE),
                          ISSUERS_SYSTEM_FILE);
    ret->crls = choose(options->crl_file, state_text(state, STATE_CRL_FILE),
                       NULL);
    if (ret->crls.text != NULL && crl_file_is_none(ret->crls.text))
        ret->crls.text = NULL;
    ret->attest = choose(options->attest, state_text(state, STATE_ATTEST_MODE),
                         attestation_mode_word(ATTESTATION_TRY));
    ret->pcrs = choose(options->attest_pcrs,
                       state_text(state, STATE_ATTEST_PCRS), "none");
    ret->emulation = options->allow_emulation ||
                     state_number(state, STATE_TOKEN_EMULATED) != 0;
}

/* With its links, as what renews a file may move them.  The caller frees it. */
static char *
full_name(const char *path)
{
    char *directory = NULL;
    char *name = NULL;

    if (*path == '/')
        return strdup(path);
    directory = getcwd(NULL, 0);
    if (directory != NULL && asprintf(&name, "%s/%s", directory, path) < 0)
        name = NULL;
    free(directory);
    return name;
}

static enum ks_err
put_path(struct state *state, enum state_text which, const char *path,
         struct err_cause *cause)
{
    char *name = full_name(path);

    if (name == NULL)
        return err_set_errno(cause, KS_ERR_FILE_MISSING, path);
    state_set_text(state, which, name);
    free(name);
    return KS_OK;
}

/* Nobody gave this path: there is none to be checked. */
static enum ks_err
check_systems_issuers(struct err_cause *cause)
{
    enum ks_err rc = issuers_check(ISSUERS_SYSTEM_FILE, cause);

    if (rc == KS_ERR_FILE_MISSING)
        rc = err_set(cause, rc,
                     ISSUERS_SYSTEM_FILE
                     "; install the system's issuers (Debian's package "
                     "ca-certificates), or give --ca-file");
    return rc;
}

enum ks_err
settings_put_issuers(const struct setting *issuers, struct state *state,
                     struct err_cause *cause)
{
    enum ks_err rc;

    if (issuers->origin == SETTINGS_DEFAULT)
        return check_systems_issuers(cause);
    rc = issuers_check(issuers->text, cause);
    if (rc != KS_OK || issuers->origin != SETTINGS_OPTION)
        return rc;
    return put_path(state, STATE_CA_FILE, issuers->text, cause);
}

enum ks_err
settings_put_crls(const struct setting *crls, struct state *state,
                  struct err_cause *cause)
{
    enum ks_err rc = crls->text != NULL ? crl_file_check(crls->text, cause)
                                        : KS_OK;

    if (rc != KS_OK || crls->origin != SETTINGS_OPTION)
        return rc;
    if (crls->text != NULL)
        return put_path(state, STATE_CRL_FILE, crls->text, cause);
    state_set_text(state, STATE_CRL_FILE, "");
    return KS_OK;
}

enum ks_err
settings_put_proxy(struct state *state, const char *chosen,
                   struct err_cause *cause)
{
    struct proxy proxy;
    enum ks_err rc = proxy_choose(chosen, &proxy, cause);

    if (rc != KS_OK)
        return rc;
    state_set_text(state, STATE_PROXY, proxy.url);
    state_set_text(state, STATE_PROXY_EXCEPT, proxy.except);
    return KS_OK;
}

enum attestation_mode
settings_attest(const struct settings *settings)
{
    enum attestation_mode mode = ATTESTATION_REQUIRE;

    (void)attestation_mode_find(settings->attest.text, &mode);
    return mode;
}

uint32_t
settings_pcrs(const struct settings *settings)
{
    uint32_t pcrs = 0;

    (void)pcr_list_read(settings->pcrs.text, &pcrs);
    return pcrs;
}

/* Options were looked at when they were parsed. */
enum ks_err
settings_put_attest(const struct settings *settings, struct state *state,
                    struct err_cause *cause)
{
    enum attestation_mode mode;
    uint32_t pcrs;

    if (!attestation_mode_find(settings->attest.text, &mode) ||
        !pcr_list_read(settings->pcrs.text, &pcrs))
        return err_set(cause, KS_ERR_STATE_BROKEN, "no mode of attestation");
    if (settings->attest.origin == SETTINGS_OPTION)
        state_set_text(state, STATE_ATTEST_MODE, settings->attest.text);
    if (settings->pcrs.origin == SETTINGS_OPTION)
        state_set_text(state, STATE_ATTEST_PCRS, settings->pcrs.text);
    return KS_OK;
}

enum ks_err
settings_put_pin_file(struct state *state, const char *path,
                      struct err_cause *cause)
{
    return put_path(state, STATE_PIN_SOURCE, path, cause);
}
