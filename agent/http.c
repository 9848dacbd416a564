/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl, told everything: no default that another version could change. */
#include "agent/http.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include "agent/keyless.h"

#define CONNECT_SECONDS 15L
#define TOTAL_SECONDS 60L

/* As ALPN has it: a length before each name. */
static const unsigned char http2[] = {2, 'h', '2'};

/* Where a TLS context has its struct http; set once. */
static int context_index = -1;

struct http {
    CURL *curl;
    bool streams; /* another protocol than ours goes over the connection */
    bool agreed;  /* and the server agreed to it */
    struct http_identity identity;
    struct curl_blob authorities;
    char *body;
    size_t length;
    bool too_long;
    char error[CURL_ERROR_SIZE];
};

static size_t
take_body(char *bytes, size_t size, size_t count, void *data)
{
    struct http *http = data;
    size_t length = size * count;

    if (length > HTTP_REPLY_MAX - http->length) {
        http->too_long = true;
        return 0;
    }
    memcpy(http->body + http->length, bytes, length);
    http->length += length;
    return length;
}

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

/* Only a connection that another protocol is for says so. */
static bool
offer_protocol(SSL_CTX *tls, struct http *http)
{
    if (!http->streams)
        return true;
    SSL_CTX_set_info_callback(tls, look_at_protocol);
    return SSL_CTX_set_ex_data(tls, context_index, http) == 1 &&
           SSL_CTX_set_alpn_protos(tls, http2, sizeof http2) == 0;
}

/* The identity goes into libcurl's TLS context: there is no file for it. */
static CURLcode
prepare_tls(CURL *curl, void *context, void *data)
{
    static char schemes[] = KEYLESS_SCHEMES; /* the macro wants it so */
    struct http *http = data;
    SSL_CTX *tls = context;

    (void)curl;
    (void)SSL_CTX_set_options(tls, SSL_OP_NO_TICKET);
    (void)SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    if (SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set1_client_sigalgs_list(tls, schemes) != 1 ||
        SSL_CTX_use_certificate(tls, http->identity.certificate) != 1 ||
        SSL_CTX_use_PrivateKey(tls, http->identity.key) != 1 ||
        SSL_CTX_check_private_key(tls) != 1)
        return CURLE_SSL_CERTPROBLEM;
    return offer_protocol(tls, http) ? CURLE_OK : CURLE_OUT_OF_MEMORY;
}

enum ks_err
http_init(struct err_cause *cause)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_set(cause, KS_ERR_INTERNAL, "libcurl");
    context_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    return keyless_init(cause);
}

#define SET(option, value)                                                     \
    (ok = ok && curl_easy_setopt(http->curl, option, value) == CURLE_OK)

static bool
set_trust(struct http *http)
{
    bool ok = true;

    SET(CURLOPT_PROTOCOLS_STR, "https");
    SET(CURLOPT_SSLVERSION,
        (long)CURL_SSLVERSION_TLSv1_3 | CURL_SSLVERSION_MAX_TLSv1_3);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_CAINFO, NULL);
    SET(CURLOPT_CAPATH, NULL);
    SET(CURLOPT_CAINFO_BLOB, &http->authorities);
    SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    SET(CURLOPT_SSL_CTX_FUNCTION, prepare_tls);
    SET(CURLOPT_SSL_CTX_DATA, http);
    return ok;
}

static bool
set_limits(struct http *http)
{
    bool ok = true;

    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    SET(CURLOPT_TIMEOUT, TOTAL_SECONDS);
    SET(CURLOPT_USERAGENT, "holdfast/" HOLDFAST_VERSION);
    SET(CURLOPT_ERRORBUFFER, http->error);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, http);
    return ok;
}

enum ks_err
http_open(const struct http_identity *identity, struct http **ret,
          struct err_cause *cause)
{
    struct http *http = calloc(1, sizeof *http);

    if (http == NULL)
        return err_set(cause, KS_ERR_INTERNAL, "no memory");
    http->identity = *identity;
    http->authorities.data = (void *)(uintptr_t)identity->authorities;
    http->authorities.len = identity->authorities_length;
    http->authorities.flags = CURL_BLOB_NOCOPY;
    http->body = malloc(HTTP_REPLY_MAX + 1);
    http->curl = curl_easy_init();
    if (http->body == NULL || http->curl == NULL || !set_trust(http) ||
        !set_limits(http)) {
        http_close(&http);
        return err_set(cause, KS_ERR_INTERNAL, "libcurl's options");
    }
    *ret = http;
    return KS_OK;
}

void
http_close(struct http **http)
{
    if (*http == NULL)
        return;
    curl_easy_cleanup((*http)->curl);
    if ((*http)->body != NULL)
        OPENSSL_cleanse((*http)->body, HTTP_REPLY_MAX);
    free((*http)->body);
    free(*http);
    *http = NULL;
}

static bool
add_header(struct curl_slist **list, const char *name, const char *value)
{
    struct curl_slist *longer;
    char *line;

    if (value == NULL)
        return true;
    if (asprintf(&line, "%s%s", name, value) < 0)
        return false;
    longer = curl_slist_append(*list, line);
    free(line);
    if (longer != NULL)
        *list = longer;
    return longer != NULL;
}

static bool
set_request(struct http *http, const struct http_request *request,
            struct curl_slist **headers)
{
    bool posts = request->type != NULL;
    bool ok = add_header(headers, "", request->header) &&
              add_header(headers, "Accept: ", request->accept) &&
              add_header(headers, "Content-Type: ", request->type) &&
              add_header(headers, "Expect:", "");

    SET(CURLOPT_URL, request->url);
    SET(CURLOPT_HTTPAUTH,
        request->bearer != NULL ? (long)CURLAUTH_BEARER : (long)CURLAUTH_NONE);
    SET(CURLOPT_XOAUTH2_BEARER, request->bearer);
    SET(CURLOPT_HTTPHEADER, *headers);
    if (posts) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE, (long)strlen(request->body));
        SET(CURLOPT_POSTFIELDS, request->body);
    } else {
        SET(CURLOPT_HTTPGET, 1L);
    }
    SET(CURLOPT_CUSTOMREQUEST, request->method);
    return ok;
}

static enum ks_err
failure(const struct http *http, CURLcode code, struct err_cause *cause)
{
    const char *text = http->error[0] != '\0' ? http->error
                                              : curl_easy_strerror(code);

    if (http->too_long)
        return err_set(cause, KS_ERR_NET_REPLY, "it is longer than %d KiB",
                       HTTP_REPLY_MAX / 1024);
    switch ((int)code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return err_set(cause, KS_ERR_NET_TRUST, "%s", text);
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_URL_MALFORMAT:
        return err_set(cause, KS_ERR_INTERNAL, "libcurl: %s", text);
    default:
        return err_set(cause, KS_ERR_NET, "%s", text);
    }
}

enum ks_err
http_call(struct http *http, const struct http_request *request,
          struct http_reply *reply, struct err_cause *cause)
{
    struct curl_slist *headers = NULL;
    CURLcode code = CURLE_OUT_OF_MEMORY;

    http->length = 0;
    http->too_long = false;
    http->error[0] = '\0';
    if (set_request(http, request, &headers))
        code = curl_easy_perform(http->curl);
    (void)curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, NULL);
    (void)curl_easy_setopt(http->curl, CURLOPT_XOAUTH2_BEARER, NULL);
    curl_slist_free_all(headers);
    if (code != CURLE_OK)
        return failure(http, code, cause);
    (void)curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &reply->status);
    http->body[http->length] = '\0';
    reply->body = http->body;
    reply->length = http->length;
    return KS_OK;
}

static bool
set_stream(struct http *http, const char *url)
{
    bool ok = true;

    http->streams = true;
    SET(CURLOPT_URL, url);
    SET(CURLOPT_CONNECT_ONLY, 1L);
    SET(CURLOPT_SSL_ENABLE_ALPN, 0L); /* the callback's business */
    SET(CURLOPT_TIMEOUT, CONNECT_SECONDS);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    return ok;
}

enum ks_err
http_connect(struct http *http, const char *url, struct err_cause *cause)
{
    CURLcode code = CURLE_OUT_OF_MEMORY;

    http->error[0] = '\0';
    if (set_stream(http, url))
        code = curl_easy_perform(http->curl);
    if (code != CURLE_OK)
        return failure(http, code, cause);
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
