/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that Holdfast's back end imports into a fresh SoftHSM token, and what
 * other software wants beside them: URIs and certificates.  Whatever goes wrong
 * here fails the test.
 */
#ifndef TESTS_PROGRAMS_ENGINE_KEY_H
#define TESTS_PROGRAMS_ENGINE_KEY_H

#include "tests/support/samples.h"

struct engine_key {
    char uri[320]; /* for libp11's engine, with the PIN in it */
    char id[2 * KEYSTORE_ID_LENGTH + 1];
};

/* Make the token, and a server's key and certificate ("server.key",
 * "server.pem"); returns 0 or -1. */
int engine_key_begin(void);
void engine_key_end(void);

/* Import SAMPLE; "public.pem" and "client.pem" are its public key and a
 * certificate that it signed itself. */
void engine_key_make(const struct sample *sample, struct engine_key *ret);

/* NAME in the token's directory; good for the next eight calls. */
const char *engine_key_path(const char *name);

#endif
