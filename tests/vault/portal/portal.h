/* SPDX-License-Identifier: Apache-2.0 */
/* The portal: what people see, and M0.  Handlers of route.c. */
#ifndef VAULT_PORTAL_H
#define VAULT_PORTAL_H

#include "tests/vault/service/exchange.h"

/* portal/session.c: signing in and out */
void portal_login_form(struct exchange *exchange);
void portal_login(struct exchange *exchange);
void portal_logout(struct exchange *exchange);

/* portal/vault.c: services and vaults */
void portal_home(struct exchange *exchange);
void portal_services(struct exchange *exchange);
void portal_vaults(struct exchange *exchange);
void portal_create_form(struct exchange *exchange);
void portal_create(struct exchange *exchange);
void portal_overview(struct exchange *exchange);
void portal_properties(struct exchange *exchange);

/* portal/credential.c: the vault credentials file (M0) */
void portal_credentials(struct exchange *exchange);
void portal_download(struct exchange *exchange);
void portal_replace(struct exchange *exchange);

/* portal/machine.c: registered machines */
void portal_machines(struct exchange *exchange);
void portal_question(struct exchange *exchange);
void portal_revoke(struct exchange *exchange);
void portal_prune(struct exchange *exchange);
void portal_delete(struct exchange *exchange);

/* portal/attestation.c: whom a vault lets in, and what a machine proved */
void portal_policy_form(struct exchange *exchange);
void portal_policy(struct exchange *exchange);
void portal_machine(struct exchange *exchange);
void portal_evidence(struct exchange *exchange);

/* portal/asset.c: the files that all pages refer to */
void portal_css(struct exchange *exchange);
void portal_js(struct exchange *exchange);
void portal_svg(struct exchange *exchange);

/* The page for an address where nothing is. */
void portal_nothing(struct exchange *exchange);

#endif
