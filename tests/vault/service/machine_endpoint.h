/* SPDX-License-Identifier: Apache-2.0 */
/* M5: a registered machine and its vault. */
#ifndef VAULT_MACHINE_ENDPOINT_H
#define VAULT_MACHINE_ENDPOINT_H

#include <stdbool.h>

struct exchange;
struct machine;

/* The machine whose certificate the TLS client shows, registered and in date;
 * false after a refusal.  machine_clear() afterwards in any case. */
bool machine_endpoint_caller(struct exchange *exchange, struct machine *ret);

/* GET and DELETE {E}machines/self */
void machine_endpoint_get(struct exchange *exchange);
void machine_endpoint_delete(struct exchange *exchange);

#endif
