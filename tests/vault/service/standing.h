/* SPDX-License-Identifier: Apache-2.0 */
/* Rules 1 to 3 with the exception of rule 6, as M2 and M3 apply them. */
#ifndef VAULT_STANDING_H
#define VAULT_STANDING_H

#include "tests/vault/service/credential.h"
#include "tests/vault/service/exchange.h"

/* May CREDENTIAL go on?  A superseded, retired or expired one may where KEY (a
 * hash; "": none) is that of a machine it enrolled; RET is true then, and what
 * follows is good for that machine's repeated enrolment alone. */
bool standing_check(struct exchange *exchange,
                    const struct credential *credential, const char *key,
                    bool *ret);

#endif
