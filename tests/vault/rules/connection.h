/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One TLS 1.3 connection to the service under one identity, or under none, and
 * what came back on it.  One handle for each identity: libcurl would reuse a
 * connection for another.
 */
#ifndef TESTS_VAULT_RULES_CONNECTION_H
#define TESTS_VAULT_RULES_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#define CONNECTION_HEADERS 8

struct connection;

struct request {
    const char *step; /* "M0" to "M7", or "" */
    const char *method;
    const char *url;
    const char *type; /* Content-Type */
    const char *body;
    const char *headers[CONNECTION_HEADERS]; /* whole lines */
    void (*pause)(void *context); /* called when most of the body is sent */
    void *context;
};

struct reply {
    const char *step;
    long status;     /* 0 when no HTTP came back */
    bool handshake;  /* a new connection was made for it */
    bool failed_tls; /* and failed in the handshake */
    bool cut_off;    /* the connection ended before an answer */
    double seconds;  /* that it took, handshake and all */
    char *headers;   /* every line */
    char *body;
    size_t length;
    json_t *json; /* the body when it is a JSON object, or NULL */
};

/* Released with the test, and before CERTIFICATE and KEY, which may both be
 * NULL. */
struct connection *connection_new(X509 *certificate, EVP_PKEY *key);

/* Offer TLS 1.2 at most. */
void connection_use_tls12(struct connection *connection);

/* Speak HTTP/1.1, which libcurl does not choose by itself. */
void connection_use_http11(struct connection *connection);

/* How many session tickets the server has sent on this connection. */
unsigned connection_tickets(const struct connection *connection);

const struct reply *connection_send(struct connection *connection,
                                    const struct request *request);

/* COUNT requests at the same time, each on its own connection. */
void connection_send_together(struct connection *const *connections,
                              const struct request *requests,
                              const struct reply **ret_replies, size_t count);

/* A header's value, or NULL. */
const char *reply_header(const struct reply *reply, const char *name);

/* A string of the JSON body, which must be there. */
const char *reply_text(const struct reply *reply, const char *name);

#endif
