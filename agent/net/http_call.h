/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests and their replies over a handle of agent/net/http.h.
 */
#ifndef AGENT_NET_HTTP_CALL_H
#define AGENT_NET_HTTP_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/net/http.h"

struct http_request {
    const char *method; /* "GET", "POST", "DELETE" */
    const char *url;
    const char *bearer; /* access token (RFC 6750), or NULL */
    const char *header; /* one whole further header line, or NULL */
    const char *accept; /* NULL: anything */
    const char *type;   /* of the body; NULL: there is none */
    const char *body;   /* text */
    bool machine;       /* the machine speaks of itself */
};

struct http_reply {
    long status;
    char *body; /* NUL-terminated; the handle's, until its next call */
    size_t length;
    bool machine; /* the request's */
};

/* May the same request succeed later?  So of 408 (RFC 9110, 15.5.9), 425
 * (RFC 8470, 5.2), 429 (RFC 6585, 4) and every 5xx that does not say of itself
 * that the server lacks something for good: 501, 505 (RFC 9110, 15.6), 506
 * (RFC 2295), 507 (RFC 4918, 11.5), 508 (RFC 5842), 510 (RFC 2774) and 511
 * (RFC 6585, 6). */
bool http_is_temporary(long status);

/* Make REQUEST and take its reply, whatever its status; repeated as in
 * agent/ipc/retry.h while that is a failure.  KS_ERR_NET: no connection, or it
 * broke; KS_ERR_NET_TRUST, _NAME, _DATE, _CERTIFICATE: the server is not who it
 * should be (agent/net/server_trust.h); KS_ERR_NET_PROXY: the proxy refuses;
 * KS_ERR_NET_REPLY: too long. */
ERR_MUST_USE enum ks_err http_call(struct http *http,
                                   const struct http_request *request,
                                   struct http_reply *reply,
                                   struct err_cause *cause);

#endif
