/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection of the hostile server: requests read, right replies made, and
 * then what the script says.
 */
#ifndef TESTS_PROGRAMS_HOSTILE_CONNECTION_H
#define TESTS_PROGRAMS_HOSTILE_CONNECTION_H

#include <openssl/types.h>

#include "tests/programs/hostile_pki.h"

/* Answer on SSL until either side ends it. */
void hostile_connection(SSL *ssl, struct hostile_script *script,
                        const struct hostile_pki *pki);

#endif
