/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine's backup data (M7), request by request: what restic sends, and what
 * it never would.
 */
#ifndef TESTS_VAULT_RULES_DATA_H
#define TESTS_VAULT_RULES_DATA_H

#include "tests/vault/rules/browser.h"
#include "tests/vault/rules/customer.h"

/* SHA-256 of CONTENT as an object's name. */
const char *data_name(const char *content);

/* METHOD on /TYPE/NAME; the config has neither slash nor name: "config", "". */
const struct reply *data_ask(struct connection *line, const char *method,
                             const char *type, const char *name);

/* Upload CONTENT under its name, or under another. */
const struct reply *data_put(struct connection *line, const char *type,
                             const char *content);
const struct reply *data_put_as(struct connection *line, const char *type,
                                const char *name, const char *content);
struct request data_put_request(const char *type, const char *name,
                                const char *content);

/* METHOD on a path as it is, with a body where BODY is not NULL. */
const struct reply *data_send(struct connection *line, const char *method,
                              const char *path, const char *body);

/* The object is there for this machine, with this content; or it is not. */
void data_expect(struct connection *line, const char *type,
                 const char *content);
void data_expect_absent(struct connection *line, const char *type,
                        const char *content);

/* A machine of a vault: registered, and its connection. */
struct connection *data_machine(struct vault vault,
                                struct customer **ret_customer);

/* In the portal: sign in; do ACTION ("revoke", "prune"...) to a machine; get
 * the file for its replacement. */
struct connection *data_portal(void);
const struct reply *data_do(struct connection *browser, const char *action,
                            const struct customer *customer);
const char *data_replacement(struct connection *browser,
                             const struct customer *customer);

#endif
