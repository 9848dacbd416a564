/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that libcurl makes, trusts and encrypts, for bytes of another
 * protocol.  What they say is never looked at. */
#include "agent/net/http_stream.h"

#include "agent/net/http_handle.h"

/* As ALPN has it: a length before each name. */
static const unsigned char http2[] = {2, 'h', '2'};

static bool
set_stream(struct http *http, const char *url)
{
    bool ok = true;

    http->protocol = http2;
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

    http_forget(http);
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
