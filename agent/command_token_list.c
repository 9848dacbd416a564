/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast token list: what libp11 sees of tokens without logging in, and what
 * a TPM says of itself. */
#include <stdlib.h>
#include <string.h>

#include "agent/commands.h"
#include "agent/inspect_client.h"
#include "agent/report.h"
#include "agent/tpm_client.h"

#define TPMS_MAX 4

struct listing {
    struct inspect_token *tokens;
    size_t token_count;
    struct tpm_client tpms[TPMS_MAX];
    size_t tpm_count;
};

/* Every TPM of this machine that has a resource manager. */
static enum ks_err
list_tpms(struct listing *listing, struct err_cause *cause)
{
    enum ks_err rc = KS_OK;
    char uri[64];

    for (unsigned i = 0; rc == KS_OK && i < TPMS_MAX; i++) {
        if (!tpm_client_device(i, uri, sizeof uri))
            continue;
        rc = tpm_client_look(uri, &listing->tpms[listing->tpm_count], cause);
        listing->tpm_count += rc == KS_OK;
    }
    return rc;
}

static enum ks_err
list_all(const struct options *options, struct listing *listing,
         struct err_cause *cause)
{
    enum ks_err rc;

    if (options->token_uri != NULL) {
        listing->tpm_count = 1;
        return tpm_client_look(options->token_uri, &listing->tpms[0], cause);
    }
    rc = inspect_tokens(options->module != NULL ? options->module : "",
                        options->allow_emulation, &listing->tokens,
                        &listing->token_count, cause);
    if (rc == KS_OK && options->module == NULL)
        rc = list_tpms(listing, cause);
    return rc;
}

enum ks_err
command_token_list(const struct options *options, struct err_cause *cause)
{
    struct listing listing = {.tokens = NULL};
    enum ks_err rc;

    if (options->token_uri != NULL &&
        strncmp(options->token_uri, "tpm2:", strlen("tpm2:")) != 0)
        return err_set(cause, KS_ERR_USAGE,
                       "--token names a TPM here; tokens of a PKCS#11 module "
                       "are listed with --module");
    rc = list_all(options, &listing, cause);
    if (rc == KS_OK)
        report_tokens(listing.tokens, listing.token_count, listing.tpms,
                      listing.tpm_count, options->json);
    free(listing.tokens);
    return rc;
}
