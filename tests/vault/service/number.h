/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers on the command lines of the vault's programs. */
#ifndef VAULT_NUMBER_H
#define VAULT_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* TEXT, a decimal number and nothing else; false after a fault. */
bool number_read(const char *text, int64_t *ret);

#endif
