/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real holdfast-token in the credential's run, and the test in holdfast's
 * place and holdfast-net's.  Whatever cannot be had fails the test.
 */
#ifndef TESTS_PROGRAMS_TOKEN_SEAT_H
#define TESTS_PROGRAMS_TOKEN_SEAT_H

#include <openssl/x509.h>

#include "agent/holdfast/session/token_client.h"
#include "tests/support/store_fixture.h"

/* The one audience of assertions. */
#define TOKEN_SEAT_ENDPOINT "https://login.example/tenant/oauth2/v2.0/token"

struct token_seat {
    struct store_fixture *store;
    struct token_access access;
    struct token_client *client;
    X509 *certificate; /* the credential's */
    EVP_PKEY *machine; /* public half, once there */
    struct msg *msg;
    int net; /* our end: we are holdfast-net */
};

/* With a store of KIND, the credential's P-256 key imported and bound, and the
 * statements pinned. */
struct token_seat *token_seat_new(const char *kind);
void token_seat_free(struct token_seat *seat);

/* End the run; begin another in which no key is bound; bind the credential's.
 */
void token_seat_end(struct token_seat *seat);
void token_seat_begin(struct token_seat *seat);
void token_seat_bind(struct token_seat *seat);

/* Make the machine's key. */
void token_seat_generate(struct token_seat *seat);

#endif
