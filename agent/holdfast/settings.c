/* SPDX-License-Identifier: Apache-2.0 */
/* Must never record what a later command could not use. */
#include "agent/holdfast/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/holdfast/policy/crl_file.h"
#include "agent/holdfast/policy/issuers.h"
#include "agent/holdfast/policy/proxy.h"

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
settings_put_issuers(struct state *state, const char *given,
                     struct err_cause *cause)
{
    const char *recorded = state_text(state, STATE_CA_FILE);
    enum ks_err rc;

    if (given == NULL && *recorded == '\0')
        return check_systems_issuers(cause);
    if (given == NULL)
        return issuers_check(recorded, cause);
    rc = issuers_check(given, cause);
    return rc == KS_OK ? put_path(state, STATE_CA_FILE, given, cause) : rc;
}

enum ks_err
settings_put_crls(struct state *state, const char *given,
                  struct err_cause *cause)
{
    const char *recorded = state_text(state, STATE_CRL_FILE);
    enum ks_err rc;

    if (given == NULL)
        return *recorded != '\0' ? crl_file_check(recorded, cause) : KS_OK;
    if (crl_file_is_none(given)) {
        state_set_text(state, STATE_CRL_FILE, "");
        return KS_OK;
    }
    rc = crl_file_check(given, cause);
    return rc == KS_OK ? put_path(state, STATE_CRL_FILE, given, cause) : rc;
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

enum ks_err
settings_put_pin_file(struct state *state, const char *path,
                      struct err_cause *cause)
{
    return put_path(state, STATE_PIN_SOURCE, path, cause);
}

struct net_trust
settings_trust(const struct options *options, const struct state *state)
{
    const char *ca = options->ca_file;
    const char *crl = options->crl_file;

    if (ca == NULL) {
        ca = state_text(state, STATE_CA_FILE);
        if (*ca == '\0')
            ca = ISSUERS_SYSTEM_FILE;
    }
    if (crl == NULL) {
        crl = state_text(state, STATE_CRL_FILE);
        if (*crl == '\0')
            crl = NULL;
    } else if (crl_file_is_none(crl)) {
        crl = NULL;
    }
    return (struct net_trust){ca, crl};
}

const char *
settings_pin_source(const struct options *options, const struct state *state)
{
    const char *recorded = state_text(state, STATE_PIN_SOURCE);

    if (options->pin_source != NULL)
        return options->pin_source;
    if (*recorded == '\0' || access(recorded, F_OK) != 0)
        return NULL;
    return recorded;
}
