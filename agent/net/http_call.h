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
};

struct http_reply {
    long status;
    char *body; /* NUL-terminated; the handle's, until its next call */
    size_t length;
};

/* Has the server failed, or asked for a pause (429), so that the same request
 * may succeed later? */
bool http_is_failure(long status);

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
