/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTPS as Holdfast uses it: TLS 1.3 only, a client certificate whose key signs
 * elsewhere, once a connection, no tickets, no redirects, no proxy but the one
 * given, replies of limited length and time.  One handle is one identity:
 * libcurl cannot see that the identity of a pooled connection is another's.
 */
#ifndef AGENT_NET_HTTP_H
#define AGENT_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509.h>

#include "agent/ipc/layout.h"

struct http;

/* Most bytes of a reply. */
#define HTTP_REPLY_MAX (128 * 1024)

/* Who connects, and whom to believe; all borrowed for the handle's life. */
struct http_identity {
    const struct layout_net_connect *target;
    X509 *certificate; /* TARGET's, parsed */
    EVP_PKEY *key;
    const void *authorities; /* PEM */
    size_t authorities_length;
    STACK_OF(X509_CRL) * crls; /* what they have revoked; NULL: nobody looks */
};

struct http_request {
    const char *method; /* "GET", "POST", "DELETE" */
    const char *url;
    const char *bearer; /* access token (RFC 6750), or NULL */
    const char *header; /* one whole further header line, or NULL */
    const char *accept; /* NULL: anything */
    const char *type;   /* of the body; NULL: there is none */
    const char *body;   /* text */
};

struct http_reply {
    long status;
    char *body; /* NUL-terminated; the handle's, until its next call */
    size_t length;
};

/* The first use in a process: before the sandbox, since libraries read their
 * files now. */
ERR_MUST_USE enum ks_err http_init(struct err_cause *cause);

ERR_MUST_USE enum ks_err http_open(const struct http_identity *identity,
                                   struct http **ret, struct err_cause *cause);
void http_close(struct http **http);

/* May the same request succeed later?  So of 408 (RFC 9110, 15.5.9), 425
 * (RFC 8470, 5.2), 429 (RFC 6585, 4) and every 5xx that does not say of itself
 * that the server lacks something for good: 501, 505 (RFC 9110, 15.6), 506
 * (RFC 2295), 507 (RFC 4918, 11.5), 508 (RFC 5842), 510 (RFC 2774) and 511
 * (RFC 6585, 6). */
bool http_is_temporary(long status);

/* One request and its reply, whatever its status; repeated as in
 * agent/ipc/retry.h while that is a failure.  KS_ERR_NET: no connection, or it
 * broke; KS_ERR_NET_TRUST, _NAME, _DATE, _CERTIFICATE: the server is not who it
 * should be (agent/net/server_trust.h); KS_ERR_NET_PROXY: the proxy refuses;
 * KS_ERR_NET_REPLY: too long. */
ERR_MUST_USE enum ks_err http_call(struct http *http,
                                   const struct http_request *request,
                                   struct http_reply *reply,
                                   struct err_cause *cause);

/* Connect to the server of URL as the same identity and no further: the bytes
 * are another protocol's (ALPN "h2", RFC 7301), which the server must agree to.
 * Errors as of http_call(). */
ERR_MUST_USE enum ks_err http_connect(struct http *http, const char *url,
                                      struct err_cause *cause);

/* The connection's descriptor, for poll(2) alone. */
int http_descriptor(const struct http *http);

/* Bytes to and from the server, without waiting.  Return how many, 0 where none
 * can go just now, or -1 at the end of the connection. */
long http_send(struct http *http, const void *bytes, size_t length);
long http_receive(struct http *http, void *bytes, size_t size);

#endif
