/* SPDX-License-Identifier: Apache-2.0 */
/* The registered machines of a vault, and the pages that ask before something
 * is done to one.  Each returns new text. */
#ifndef VAULT_PORTAL_PAGE_MACHINE_H
#define VAULT_PORTAL_PAGE_MACHINE_H

#include "tests/vault/machine.h"
#include "tests/vault/person.h"
#include "tests/vault/vault.h"

char *portal_page_machines(struct store *store, const struct vault *vault,
                           const struct person_session *session);

char *portal_page_revoke(const struct vault *vault,
                         const struct machine *machine,
                         const struct person_session *session);

#endif
