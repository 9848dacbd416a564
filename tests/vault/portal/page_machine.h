/* SPDX-License-Identifier: Apache-2.0 */
/* The registered machines of a vault, and the pages that ask before something
 * is done to one.  Each returns new text. */
#ifndef VAULT_PORTAL_PAGE_MACHINE_H
#define VAULT_PORTAL_PAGE_MACHINE_H

#include "tests/vault/service/machine.h"
#include "tests/vault/service/person.h"
#include "tests/vault/service/vault.h"

char *portal_page_machines(struct store *store, const struct vault *vault,
                           const struct person_session *session, int64_t now);

struct html;

/* The state in a word, as a badge. */
void portal_page_state(struct html *page, enum machine_state state);

/* What can be done to a machine. */
enum machine_action {
    MACHINE_ACTION_REVOKE = 0,
    MACHINE_ACTION_REPLACE,
    MACHINE_ACTION_PRUNE,
    MACHINE_ACTION_DELETE,
    MACHINE_ACTION__MAX
};

/* The last part of the action's path. */
const char *portal_page_action_word(enum machine_action action);

/* Whether it can be done to a machine in this state. */
bool portal_page_action_fits(enum machine_action action,
                             enum machine_state state);

/* The page that asks before; NOTICE says what was wrong with an answer, or is
 * "". */
char *portal_page_question(enum machine_action action,
                           const struct vault *vault,
                           const struct machine *machine,
                           const struct person_session *session,
                           const char *notice);

#endif
