/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks for a page, and what goes with every answer to a browser.  Each
 * need_...() is true, or has answered already. */
#ifndef VAULT_PORTAL_SESSION_H
#define VAULT_PORTAL_SESSION_H

#include "tests/vault/service/exchange.h"
#include "tests/vault/service/form.h"
#include "tests/vault/service/machine.h"
#include "tests/vault/service/person.h"

/* Answer with PAGE (taken over; NULL is a fault), or with a page that says
 * SENTENCE, or with the way to PATH. */
void portal_session_page(struct exchange *exchange, int status, char *page);
void portal_session_refuse(struct exchange *exchange, int status,
                           const char *sentence);
void portal_session_go(struct exchange *exchange, const char *path);

/* Somebody who is signed in; everybody else is led to the login. */
bool portal_session_need(struct exchange *exchange, struct person_session *ret);

/* A form of somebody who is signed in, with the session's own CSRF token; 403
 * otherwise.  form_clear() afterwards in any case. */
bool portal_session_need_form(struct exchange *exchange,
                              struct person_session *ret, struct form *form);

/* The vault, or the machine of that vault, that the path names; 404
 * otherwise.  machine_clear() afterwards in any case. */
bool portal_session_need_vault(struct exchange *exchange, struct vault *ret);
bool portal_session_need_machine(struct exchange *exchange, struct vault *ret,
                                 struct machine *ret_machine);

#endif
