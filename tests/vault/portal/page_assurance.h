/* SPDX-License-Identifier: Apache-2.0 */
/* The page of one machine: where its key lives, and what proves that.  Returns
 * new text. */
#ifndef VAULT_PORTAL_PAGE_ASSURANCE_H
#define VAULT_PORTAL_PAGE_ASSURANCE_H

#include "tests/vault/service/machine.h"
#include "tests/vault/service/person.h"
#include "tests/vault/service/vault.h"

char *portal_page_machine(struct store *store, const struct vault *vault,
                          const struct machine *machine,
                          const struct person_session *session);

/* The kind of token that the machine's key is in, for people. */
const char *portal_page_key_store(const struct machine *machine);

#endif
