/* SPDX-License-Identifier: Apache-2.0 */
/* The portal's HTML.  Each is new text, or NULL without memory; whatever comes
 * from outside is escaped. */
#ifndef VAULT_PORTAL_PAGE_H
#define VAULT_PORTAL_PAGE_H

struct store;
struct vault;

/* NOTICE is a sentence above the form, or "". */
char *portal_page_login(const char *csrf, const char *notice);
char *portal_page_vaults(struct store *store, const char *csrf);
char *portal_page_vault(struct store *store, const struct vault *vault,
                        const char *csrf);
char *portal_page_refusal(const char *sentence);

#endif
