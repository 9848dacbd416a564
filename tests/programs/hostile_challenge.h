/* SPDX-License-Identifier: Apache-2.0 */
/* Challenges of a server in a vault's place, the right ones by the vault's own
 * code. */
#ifndef TESTS_PROGRAMS_HOSTILE_CHALLENGE_H
#define TESTS_PROGRAMS_HOSTILE_CHALLENGE_H

#include "tests/programs/hostile.h"

/* The one nonce of such a server: 32 zero bytes. */
#define HOSTILE_NONCE_TEXT "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* For M3's BODY; NULL where there is no offer in it or none is wanted.  The
 * caller frees it. */
char *hostile_challenge_make(const char *body, enum hostile_challenge wanted);

#endif
