/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast token list: what libp11 sees of tokens without logging in, and what
 * a TPM says of itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/holdfast/commands/commands.h"
#include "agent/holdfast/session/inspect_client.h"
#include "agent/holdfast/session/modules.h"
#include "agent/holdfast/report/report.h"
#include "agent/holdfast/session/tpm_client.h"

#define TPMS_MAX 4

struct listing {
    struct inspect_listing pkcs11;
    struct tpm_client tpms[TPMS_MAX];
    size_t tpm_count;
};

static enum ks_err
list_module(const struct options *options, struct listing *listing,
            struct err_cause *cause)
{
    return inspect_tokens(options->module, options->allow_emulation,
                          &listing->pkcs11, cause);
}

static enum ks_err
list_configured(const struct options *options, struct listing *listing,
                struct err_cause *cause)
{
    struct modules_listing modules;
    enum ks_err rc = modules_list("", options->allow_emulation, &modules,
                                  cause);

    if (rc != KS_OK)
        return rc;
    listing->pkcs11 = (struct inspect_listing){modules.tokens, modules.count};
    modules.tokens = NULL; /* transferred */
    rc = modules.failed;
    if (rc != KS_OK)
        *cause = modules.why;
    modules_free(&modules);
    return rc;
}

static enum ks_err
list_tpm(const char *uri, struct listing *listing, struct err_cause *cause)
{
    enum ks_err rc = tpm_client_look(uri, "",
                                     &listing->tpms[listing->tpm_count], cause);

    listing->tpm_count += rc == KS_OK;
    return rc;
}

/* Also every TPM of this machine that has a resource manager.  What one of them
 * cannot tell hides nothing of the others; the first failure is the answer. */
static enum ks_err
list_all(const struct options *options, struct listing *listing,
         struct err_cause *cause)
{
    enum ks_err rc = list_configured(options, listing, cause);
    struct err_cause later;
    char uri[64];

    for (unsigned i = 0; i < TPMS_MAX; i++) {
        enum ks_err looked = KS_OK;

        if (tpm_client_device(i, uri, sizeof uri))
            looked = list_tpm(uri, listing, rc == KS_OK ? cause : &later);
        rc = rc == KS_OK ? looked : rc;
    }
    return rc;
}

static enum ks_err
check_options(const struct options *options, struct err_cause *cause)
{
    if (options->token_uri == NULL)
        return KS_OK;
    if (options->module != NULL)
        return err_set(cause, KS_ERR_USAGE,
                       "either a module or a TPM: --module or --token");
    if (keystore_kind_of_uri(options->token_uri) != &keystore_kind_tpm2)
        return err_set(cause, KS_ERR_USAGE,
                       "--token names a TPM here; tokens of a PKCS#11 module "
                       "are listed with --module");
    return KS_OK;
}

/* An empty list prints nothing: standard error says where nothing was. */
static void
say_what_is_missing(const struct options *options,
                    const struct listing *listing)
{
    bool empty = listing->pkcs11.count == 0 && listing->tpm_count == 0;

    if (empty && options->module != NULL)
        (void)fprintf(stderr, "holdfast: token list: %s shows no token\n",
                      options->module);
    else if (empty)
        (void)fputs("holdfast: token list: no TPM 2.0 at /dev/tpmrm0, and no "
                    "token in the modules that p11-kit is set up with; --token "
                    "and --module name others\n",
                    stderr);
}

enum ks_err
command_token_list(const struct options *options, struct err_cause *cause)
{
    struct listing listing = {.tpm_count = 0};
    bool all = options->token_uri == NULL && options->module == NULL;
    enum ks_err rc = check_options(options, cause);

    if (rc != KS_OK)
        return rc;
    if (options->token_uri != NULL)
        rc = list_tpm(options->token_uri, &listing, cause);
    else if (options->module != NULL)
        rc = list_module(options, &listing, cause);
    else
        rc = list_all(options, &listing, cause);
    if (rc == KS_OK || all)
        report_tokens(listing.pkcs11.tokens, listing.pkcs11.count, listing.tpms,
                      listing.tpm_count, options->json);
    if (rc == KS_OK && options->token_uri == NULL)
        say_what_is_missing(options, &listing);
    free(listing.pkcs11.tokens);
    return rc;
}
