/* SPDX-License-Identifier: Apache-2.0 */
/* M5: a registered machine and its vault. */
#ifndef VAULT_MACHINE_ENDPOINT_H
#define VAULT_MACHINE_ENDPOINT_H

struct exchange;

/* GET and DELETE {E}machines/self */
void machine_endpoint_get(struct exchange *exchange);
void machine_endpoint_delete(struct exchange *exchange);

#endif
