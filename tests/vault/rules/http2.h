/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP/2 connection (RFC 9113) frame by frame, for what libcurl does not
 * send: trailers.  Requests go out one at a time.
 */
#ifndef TESTS_VAULT_RULES_HTTP2_H
#define TESTS_VAULT_RULES_HTTP2_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tests/vault/rules/connection.h"

struct http2;

/* How a request ended. */
struct http2_end {
    bool answered; /* with HEADERS of a reply, and END_STREAM */
    bool reset;    /* the stream was, by RST_STREAM */
    bool goaway;   /* the connection was ended, in so many words */
    bool closed;   /* without a word */
    uint32_t code; /* of RST_STREAM or GOAWAY */
};

/* A new connection under this identity; both may be NULL.  Released with the
 * test. */
struct http2 *http2_new(X509 *certificate, EVP_PKEY *key);

/* Send REQUEST to the service, its header lines with names in lower case, and
 * TRAILER ("name: value"; NULL: none) behind the body.  Waits for its end. */
struct http2_end http2_send(struct http2 *http2, const struct request *request,
                            const char *trailer);

#endif
