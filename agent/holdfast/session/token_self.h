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

/* Is the token that says FOUND of itself the one that was RECORDED?  Where the
 * module is the one that was asked for, the serial number decides: a vendor's
 * update may give the maker or the model another name.  Maker and model must be
 * the same of a token without a serial number, as far as they are recorded. */
bool token_self_is_same(const struct token_self *recorded,
                        const struct token_self *found);

/* KS_ERR_TOKEN_OTHER where it is not. */
ERR_MUST_USE enum ks_err token_self_check(const struct token_self *recorded,
                                          const struct token_self *found,
                                          struct err_cause *cause);

#endif
