/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of services, vaults, and one vault.  Each returns new text. */
#ifndef VAULT_PORTAL_PAGE_VAULT_H
#define VAULT_PORTAL_PAGE_VAULT_H

#include "tests/vault/service/person.h"
#include "tests/vault/service/place.h"
#include "tests/vault/service/vault.h"

struct store;

char *portal_page_services(const struct person_session *session);
char *portal_page_vaults(struct store *store,
                         const struct person_session *session);

/* The form for a new vault; NOTICE says what was wrong with NAME, or is "". */
char *portal_page_create(const struct person_session *session, const char *name,
                         const char *notice);

char *portal_page_overview(struct store *store, const struct vault *vault,
                           const struct person_session *session);
char *portal_page_properties(const struct place *place, struct store *store,
                             const struct vault *vault,
                             const struct person_session *session);

#endif
