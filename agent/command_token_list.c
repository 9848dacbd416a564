/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast token list: what libp11 sees, without logging in. */
#include <stdlib.h>

#include "agent/commands.h"
#include "agent/inspect_client.h"
#include "agent/report.h"

enum ks_err
command_token_list(const struct options *options, struct err_cause *cause)
{
    struct inspect_token *tokens = NULL;
    size_t count = 0;
    enum ks_err rc = inspect_tokens(
        options->module != NULL ? options->module : "",
        options->allow_emulation, &tokens, &count, cause);

    if (rc == KS_OK)
        report_tokens(tokens, count, options->json);
    free(tokens);
    return rc;
}
