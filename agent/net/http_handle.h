/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of struct http, for http.c and what goes over its connections. */
#ifndef AGENT_NET_HTTP_HANDLE_H
#define AGENT_NET_HTTP_HANDLE_H

#include <stdbool.h>

#include <curl/curl.h>
#include <openssl/ssl.h>

#include "agent/net/http.h"
#include "agent/ipc/retry.h"
#include "agent/net/server_trust.h"

#define HTTP_CONNECT_SECONDS 15L

struct http {
    CURL *curl;
    /* Another protocol than ours goes over the connection, and TLS offers it:
     * as ALPN has it, the length before the name; or NULL. */
    const unsigned char *protocol;
    bool agreed; /* and the server agreed to it */
    struct http_identity identity;
    struct curl_blob authorities;
    char *body;
    size_t length;
    bool too_long;
    struct retry retry;
    struct server_trust trust;
    char error[CURL_ERROR_SIZE];
};

/* Set an option of HTTP's, a variable of that name, if OK is still true. */
#define SET(option, value)                                                     \
    (ok = ok && curl_easy_setopt(http->curl, option, value) == CURLE_OK)

/* Before each attempt: nothing of the last one is left to be told. */
void http_forget(struct http *http);

/* The error that a failure of libcurl's stands for: libcurl has fewer numbers
 * than there are reasons. */
enum ks_err http_failure(const struct http *http, CURLcode code,
                         struct err_cause *cause);

#endif
