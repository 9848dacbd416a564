/* SPDX-License-Identifier: Apache-2.0 */
/* How the vault's programs report what went wrong with themselves: one line on
 * stderr, said where it happened.  What went wrong with a request is a
 * refusal (refusal.h), never a fault. */
#ifndef VAULT_FAULT_H
#define VAULT_FAULT_H

#include <stdbool.h>

/* The name before every line; "vault" until set. */
void fault_program(const char *name);

/* Print one line; always false, so that callers can return it. */
__attribute__((format(printf, 1, 2))) bool fault(const char *format, ...);

/* The same, followed by what OpenSSL says of its last error. */
__attribute__((format(printf, 1, 2))) bool fault_openssl(const char *format,
                                                         ...);

#endif
