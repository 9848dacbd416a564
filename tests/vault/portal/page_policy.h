/* SPDX-License-Identifier: Apache-2.0 */
/* Which machines a vault lets in: what the owner has said, and the page to say
 * it. */
#ifndef VAULT_PORTAL_PAGE_POLICY_H
#define VAULT_PORTAL_PAGE_POLICY_H

#include "tests/vault/service/person.h"
#include "tests/vault/service/place.h"
#include "tests/vault/service/policy.h"
#include "tests/vault/service/vault.h"

struct html;

/* A section of another page. */
void portal_page_admission(struct html *page, const struct place *place,
                           struct store *store, const struct vault *vault);

/* The page with the choice, of which LEVEL is the present one; new text.
 * NOTICE says what was wrong with an answer, or is "". */
char *portal_page_policy(const struct vault *vault, enum policy_level level,
                         const struct person_session *session,
                         const char *notice);

#endif
