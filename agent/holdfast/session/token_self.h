/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A token's identity, by its own words.
 */
#ifndef AGENT_HOLDFAST_SESSION_TOKEN_SELF_H
#define AGENT_HOLDFAST_SESSION_TOKEN_SELF_H

#include <stdbool.h>

#include "keystore/base/err.h"

/* Borrowed. */
struct token_self {
    const char *maker, *model, *serial;
};

/* Is the token that says FOUND of itself the one that was RECORDED?  A recorded
 * serial number alone decides: a vendor's update may give the maker or the
 * model another name.  Without one, maker and model must be the same, as far as
 * they are recorded. */
bool token_self_is_same(const struct token_self *recorded,
                        const struct token_self *found);

/* The same as an error: KS_ERR_TOKEN_OTHER says what differs. */
ERR_MUST_USE enum ks_err token_self_check(const struct token_self *recorded,
                                          const struct token_self *found,
                                          struct err_cause *cause);

#endif
