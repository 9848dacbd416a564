/* SPDX-License-Identifier: Apache-2.0 */
/* How many passwords may be guessed wrong in a quarter of an hour: five for one
 * name from one address, twenty from one address.  One address cannot shut a
 * name's owner out at another. */
#ifndef VAULT_LOGIN_LIMIT_H
#define VAULT_LOGIN_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct store;

#define LOGIN_LIMIT_SECONDS 900
#define LOGIN_LIMIT_NAME 5
#define LOGIN_LIMIT_ADDRESS 20

/* An attempt: whose name it gives, where from, when.  Texts are borrowed. */
struct login_limit {
    struct store *store;
    const char *name;
    const char *address;
    int64_t now;
};

/* Whether it may not even be tried. */
bool login_limit_reached(const struct login_limit *limit);

/* Count it as failed; or forget what this name failed at from here, because it
 * succeeded. */
bool login_limit_count(const struct login_limit *limit);
bool login_limit_forget(const struct login_limit *limit);

#endif
