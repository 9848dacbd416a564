/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a vault credentials file, before and after its download. */
#ifndef VAULT_PORTAL_PAGE_CREDENTIAL_H
#define VAULT_PORTAL_PAGE_CREDENTIAL_H

#include <stdint.h>

#include "tests/vault/service/html.h"
#include "tests/vault/service/person.h"
#include "tests/vault/service/vault.h"

struct store;

/* What to know before, without a heading. */
void portal_page_warning(struct html *page);

/* That, and the form to download. */
void portal_page_download(struct html *page, const struct vault *vault,
                          const char *csrf);

/* The page below Properties: the form, and every file there has been.  New
 * text. */
char *portal_page_credentials(struct store *store, const struct vault *vault,
                              const struct person_session *session,
                              int64_t now);

#endif
