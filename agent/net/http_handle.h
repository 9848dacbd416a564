/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of struct http, for the two files that are it. */
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
    bool streams; /* another protocol than ours goes over the connection */
    bool agreed;  /* and the server agreed to it */
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

/* What a failure of libcurl's means. */
enum ks_err http_failure(const struct http *http, CURLcode code,
                         struct err_cause *cause);

/* Where another protocol is to go over HTTP's connection, TLS offers it. */
bool http_stream_offer(SSL_CTX *tls, struct http *http);

#endif
