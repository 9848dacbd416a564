/* SPDX-License-Identifier: Apache-2.0 */
/* Which handler answers which method and path. */
#ifndef VAULT_ROUTE_H
#define VAULT_ROUTE_H

#include <stdbool.h>

struct exchange;

/* Answers EXCHANGE, with a refusal where nothing is there. */
void route_dispatch(struct exchange *exchange);

/* Whether the body of EXCHANGE is an object of M7; its type and name are then
 * filled in. */
bool route_is_upload(struct exchange *exchange);

#endif
