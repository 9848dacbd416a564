/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection of a handle of agent/net/http.h, for the bytes of another
 * protocol.
 */
#ifndef AGENT_NET_HTTP_STREAM_H
#define AGENT_NET_HTTP_STREAM_H

#include <stddef.h>

#include "agent/net/http.h"

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
