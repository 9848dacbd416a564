/* SPDX-License-Identifier: Apache-2.0 */
/* Is it the token that was registered?  By what it says of itself. */
#include <stdio.h>
#include <string.h>

#include "agent/holdfast/session/preflight.h"

static bool
is_as_recorded(const char *recorded, const char *found)
{
    return *recorded == '\0' || strcmp(recorded, found) == 0;
}

bool
preflight_is_same(const struct preflight *preflight,
                  const struct preflight_identity *found)
{
    if (*preflight->serial != '\0')
        return strcmp(preflight->serial, found->serial) == 0;
    return is_as_recorded(preflight->maker, found->maker) &&
           is_as_recorded(preflight->model, found->model);
}

void
preflight_match_registered(const struct preflight *preflight,
                           struct preflight_match *match)
{
    (void)snprintf(match->maker, sizeof match->maker, "%s", preflight->maker);
    (void)snprintf(match->model, sizeof match->model, "%s", preflight->model);
    (void)snprintf(match->serial, sizeof match->serial, "%.*s",
                   (int)sizeof match->serial - 1, preflight->serial);
    *match->module_name = '\0';
}

enum ks_err
preflight_check_registered(const struct preflight *preflight,
                           const struct inspect_token *token,
                           struct err_cause *cause)
{
    const struct preflight_identity found = {token->maker, token->model,
                                             token->serial};

    if (preflight_is_same(preflight, &found))
        return KS_OK;
    if (*preflight->serial != '\0')
        return err_set(cause, KS_ERR_TOKEN_OTHER, "serial %s instead of %s",
                       token->serial, preflight->serial);
    return err_set(cause, KS_ERR_TOKEN_OTHER, "%s %s instead of %s %s",
                   token->maker, token->model, preflight->maker,
                   preflight->model);
}
