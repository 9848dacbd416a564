/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A person's browser on the portal: follows redirects, keeps cookies, fills in
 * the form that a page shows.  Runs no scripts.
 */
#ifndef TESTS_VAULT_RULES_BROWSER_H
#define TESTS_VAULT_RULES_BROWSER_H

#include <jansson.h>

#include "tests/vault/rules/connection.h"

struct form {
    const char *action;
    json_t *fields;       /* as the page fills them */
    const char *name;     /* of the field for a name, or NULL */
    const char *password; /* of the field for a password, or NULL */
};

/* A browser is a connection without certificate, but with cookies. */
struct connection *browser_new(void);

const struct reply *browser_get(struct connection *browser, const char *path);

/* The page's form whose action contains PART; it must have one. */
struct form browser_form(const struct reply *page, const char *part);

/* Send a form, and do not follow where the answer leads. */
const struct reply *browser_submit(struct connection *browser,
                                   struct form form);

/* The same with an address made up in the header that nginx tells it in. */
const struct reply *browser_submit_from(struct connection *browser,
                                        struct form form, const char *address);

/* Log in with this password; the answer to the form. */
const struct reply *browser_log_in(struct connection *browser,
                                   const char *password);

#endif
