/* SPDX-License-Identifier: Apache-2.0 */
/* Part of holdfast-inspect: what libp11 does not tell of a token. */
#ifndef AGENT_INSPECT_MECHANISM_H
#define AGENT_INSPECT_MECHANISM_H

#include <stdbool.h>

/* Whether the token in SLOT of the module LIBRARY, as dlopen(3) gave it and
 * libp11 has initialised it, offers what a wrapped import needs
 * (hsm/pkcs11/unwrap.h).  Its mechanism list is a claim: what it takes shows
 * when it is asked to. */
bool inspect_unwraps(void *library, unsigned long slot);

/* Whether it says that it is hardware, and that this signs: the slot's flag
 * alone many set without a thought.  A claim, too. */
bool inspect_says_hardware(void *library, unsigned long slot);

#endif
