/* SPDX-License-Identifier: Apache-2.0 */
/* Which handler answers which method and path. */
#ifndef VAULT_ROUTE_H
#define VAULT_ROUTE_H

struct exchange;

/* Answers EXCHANGE, with a refusal where nothing is there. */
void route_dispatch(struct exchange *exchange);

#endif
