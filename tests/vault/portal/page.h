/* SPDX-License-Identifier: Apache-2.0 */
/* What all pages of the portal share: head, way back, tabs, foot, forms.  Text
 * that is returned is new, and NULL without memory. */
#ifndef VAULT_PORTAL_PAGE_H
#define VAULT_PORTAL_PAGE_H

#include "tests/vault/service/html.h"
#include "tests/vault/service/vault.h"

enum portal_tab {
    PORTAL_TAB_NONE = 0,
    PORTAL_TAB_OVERVIEW,
    PORTAL_TAB_PROPERTIES,
    PORTAL_TAB_MACHINES
};

/* Where a page stands.  Texts are borrowed. */
struct portal_view {
    const char *title;
    const char *person;        /* who is signed in; NULL: nobody */
    const char *csrf;          /* of the session */
    bool vaults;               /* below the list of vaults */
    const struct vault *vault; /* a page of this vault's, or NULL */
    enum portal_tab tab;       /* which of its tabs leads here */
    bool deeper;               /* below that tab */
};

/* A page up to its heading, and the rest of it. */
struct html *portal_page_begin(const struct portal_view *view);
char *portal_page_end(struct html **page);

/* A form to ACTION, with the session's token, left open. */
void portal_page_form(struct html *page, const char *csrf, const char *action);

/* The page to sign in; NOTICE says what went wrong, or is "". */
char *portal_page_login(const char *csrf, const char *notice);

/* A page that says that something was refused, and why. */
char *portal_page_refusal(const char *sentence);

#endif
