/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTPS as Holdfast uses it: TLS 1.3 only, a client certificate whose key signs
 * elsewhere, once a connection, no tickets, no redirects, no proxy but the one
 * given, replies of limited length and time.  One handle is one identity:
 * libcurl cannot see that the identity of a pooled connection is another's.
 */
#ifndef AGENT_NET_HTTP_H
#define AGENT_NET_HTTP_H

#include <stddef.h>

#include <openssl/x509.h>

#include "agent/ipc/layout.h"

struct http;

/* Most bytes of a reply. */
#define HTTP_REPLY_MAX (128 * 1024)

/* The identity that connects, and the authorities to believe; all borrowed for
 * the handle's life. */
struct http_identity {
    const struct layout_net_connect *target;
    X509 *certificate; /* TARGET's, parsed */
    EVP_PKEY *key;
    const void *authorities; /* PEM */
    size_t authorities_length;
    STACK_OF(X509_CRL) * crls; /* what they have revoked; NULL: nobody looks */
};

/* The first use in a process: before the sandbox, since libraries read their
 * files now. */
ERR_MUST_USE enum ks_err http_init(struct err_cause *cause);

ERR_MUST_USE enum ks_err http_open(const struct http_identity *identity,
                                   struct http **ret, struct err_cause *cause);
void http_close(struct http **http);

#endif
