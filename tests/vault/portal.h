/* SPDX-License-Identifier: Apache-2.0 */
/* The portal: a person logs in, looks at the vaults and downloads credentials.
 * Plain pages, rendered here, without a script. */
#ifndef VAULT_PORTAL_H
#define VAULT_PORTAL_H

struct exchange;

/* GET / */
void portal_home(struct exchange *exchange);

/* GET and POST /login, POST /logout */
void portal_login_form(struct exchange *exchange);
void portal_login(struct exchange *exchange);
void portal_logout(struct exchange *exchange);

/* GET /vaults and /vaults/V */
void portal_vaults(struct exchange *exchange);
void portal_vault(struct exchange *exchange);

/* POST /vaults/V/credentials: M0 */
void portal_download(struct exchange *exchange);

#endif
