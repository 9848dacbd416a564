/* SPDX-License-Identifier: Apache-2.0 */
/* The vault's own clock: real time and an offset that tests set (lever.h).
 * Every rule, and every certificate that the vault makes for others, goes by
 * it. */
#ifndef VAULT_CLOCK_H
#define VAULT_CLOCK_H

#include <stdint.h>

struct store;

int64_t clock_now(struct store *store);

/* "2026-11-23T10:20:30Z" */
#define CLOCK_TEXT 32
const char *clock_text(int64_t at, char ret[static CLOCK_TEXT]);

#endif
