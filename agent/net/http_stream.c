/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that libcurl makes, trusts and encrypts, for bytes of another
 * protocol.  What they say is never looked at. */
#include "agent/net/http_handle.h"

#include <string.h>

/* As ALPN has it: a length before each name. */
static const unsigned char http2[] = {2, 'h', '2'};

/* Where a TLS context has its struct http; set once. */
static int context_index = -1;

/* libcurl keeps its TLS connection to itself once that stands. */
static void
look_at_protocol(const SSL *tls, int where, int unused)
{
    struct http *http = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(tls),
                                            context_index);
    const unsigned char *chosen = NULL;
    unsigned length = 0;

    (void)unused;
    if ((where & SSL_CB_HANDSHAKE_DONE) == 0)
        return;
    SSL_get0_alpn_selected(tls, &chosen, &length);
    http->agreed = length == sizeof http2 - 1 &&
                   memcmp(chosen, http2 + 1, length) == 0;
}

bool
http_stream_offer(SSL_CTX *tls, struct http *http)
{
    if (!http->streams)
        return true;
    if (context_index < 0)
        context_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    SSL_CTX_set_info_callback(tls, look_at_protocol);
    return SSL_CTX_set_ex_data(tls, context_index, http) == 1 &&
           SSL_CTX_set_alpn_protos(tls, http2, sizeof http2) == 0;
}

static bool
set_stream(struct http *http, const char *url)
{
    bool ok = true;

    http->streams = true;
    SET(CURLOPT_URL, url);
    SET(CURLOPT_CONNECT_ONLY, 1L);
    SET(CURLOPT_SSL_ENABLE_ALPN, 0L); /* the callback's business */
    SET(CURLOPT_TIMEOUT, HTTP_CONNECT_SECONDS);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    return ok;
}

enum ks_err
http_connect(struct http *http, const char *url, struct err_cause *cause)
{
    CURLcode code = CURLE_OUT_OF_MEMORY;

    http->error[0] = '\0';
    http->trust.fault = KS_OK;
    if (set_stream(http, url))
        code = curl_easy_perform(http->curl);
    if (code != CURLE_OK)
        return http_failure(http, code, cause);
    return http->agreed ? KS_OK
                        : err_set(cause, KS_ERR_NET_REPLY,
                                  "the server does not speak HTTP/2");
}

int
http_descriptor(const struct http *http)
{
    curl_socket_t socket = CURL_SOCKET_BAD;

    (void)curl_easy_getinfo(http->curl, CURLINFO_ACTIVESOCKET, &socket);
    return socket;
}

long
http_send(struct http *http, const void *bytes, size_t length)
{
    size_t sent = 0;
    CURLcode code = curl_easy_send(http->curl, bytes, length, &sent);

    if (code == CURLE_OK)
        return (long)sent;
    return code == CURLE_AGAIN ? 0 : -1;
}

long
http_receive(struct http *http, void *bytes, size_t size)
{
    size_t received = 0;
    CURLcode code = curl_easy_recv(http->curl, bytes, size, &received);

    if (code == CURLE_AGAIN)
        return 0;
    return code == CURLE_OK && received > 0 ? (long)received : -1;
}
