/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/holdfast/session/token_self.h"

#include <string.h>

static bool
is_as_recorded(const char *recorded, const char *found)
{
    return *recorded == '\0' || strcmp(recorded, found) == 0;
}

bool
token_self_is_same(const struct token_self *recorded,
                   const struct token_self *found)
{
    if (*recorded->serial != '\0')
        return strcmp(recorded->serial, found->serial) == 0;
    return is_as_recorded(recorded->maker, found->maker) &&
           is_as_recorded(recorded->model, found->model);
}

enum ks_err
token_self_check(const struct token_self *recorded,
                 const struct token_self *found, struct err_cause *cause)
{
    if (token_self_is_same(recorded, found))
        return KS_OK;
    if (*recorded->serial != '\0')
        return err_set(cause, KS_ERR_TOKEN_OTHER, "serial %s instead of %s",
                       found->serial, recorded->serial);
    return err_set(cause, KS_ERR_TOKEN_OTHER, "%s %s instead of %s %s",
                   found->maker, found->model, recorded->maker,
                   recorded->model);
}
