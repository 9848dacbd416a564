/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl, told everything: no default that another version could change. */
#include "agent/net/http_handle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include "agent/net/keyless.h"
#include "agent/ipc/retry.h"

#define TOTAL_SECONDS 60L
#define CONNECTIONS 2L /* to the authority and to the vault */

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

/* The host of the URL that CURL connects for, as libcurl reads it */
static bool
read_host(CURL *curl, struct http *http)
{
    CURLU *parts = curl_url();
    const char *url = NULL;
    char *host = NULL;
    bool read = parts != NULL &&
                curl_easy_getinfo(curl, CURLINFO_EFFECTIVE_URL, &url) ==
                    CURLE_OK &&
                curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
                curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                (size_t)snprintf(http->trust.host, sizeof http->trust.host,
                                 "%s", host) < sizeof http->trust.host;

    curl_free(host);
    curl_url_cleanup(parts);
    return read;
}

/* The identity goes into libcurl's TLS context: there is no file for it.
 * libcurl offers to sign in the middle of a connection, too, as often as the
 * server asks (RFC 8446, 4.6.2); without the offer OpenSSL takes such a request
 * for an unexpected message. */
static CURLcode
prepare_tls(CURL *curl, void *context, void *data)
{
    struct http *http = data;
    const char *scheme = keyless_scheme(http->identity.key);
    SSL_CTX *tls = context;

    if (!read_host(curl, http))
        return CURLE_URL_MALFORMAT;
    (void)SSL_CTX_set_options(tls, SSL_OP_NO_TICKET);
    (void)SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_post_handshake_auth(tls, 0);
    if (SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION) != 1 ||
        scheme == NULL || /* the macro is not const */
        SSL_CTX_set1_client_sigalgs_list(tls, (char *)(uintptr_t)scheme) != 1 ||
        SSL_CTX_use_certificate(tls, http->identity.certificate) != 1 ||
        SSL_CTX_use_PrivateKey(tls, http->identity.key) != 1 ||
        SSL_CTX_check_private_key(tls) != 1)
        return CURLE_SSL_CERTPROBLEM;
    return server_trust_prepare(tls, &http->trust) &&
                   http_stream_offer(tls, http)
               ? CURLE_OK
               : CURLE_OUT_OF_MEMORY;
}

enum ks_err
http_init(struct err_cause *cause)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_set(cause, KS_ERR_INTERNAL, "libcurl");
    return keyless_init(cause);
}

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
    /* Where it is NULL libcurl looks into the environment. */
    SET(CURLOPT_PROXY, http->identity.target->proxy);
    SET(CURLOPT_NOPROXY, http->identity.target->proxy_except);
    SET(CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_MAXCONNECTS, CONNECTIONS);
    SET(CURLOPT_CONNECTTIMEOUT, HTTP_CONNECT_SECONDS);
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
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    http->identity = *identity;
    http->trust.crls = identity->crls;
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

enum ks_err
http_failure(const struct http *http, CURLcode code, struct err_cause *cause)
{
    const char *text = http->error[0] != '\0' ? http->error
                                              : curl_easy_strerror(code);

    long connected = 0;

    (void)curl_easy_getinfo(http->curl, CURLINFO_HTTP_CONNECTCODE, &connected);
    if (connected >= 300)
        return err_set(cause, KS_ERR_NET_PROXY, "%s answers %ld",
                       http->identity.target->proxy, connected);
    if (http->too_long)
        return err_set(cause, KS_ERR_NET_REPLY, "it is longer than %d KiB",
                       HTTP_REPLY_MAX / 1024);
    if (http->trust.fault != KS_OK)
        return err_pass(cause, http->trust.fault, "%s", http->trust.cause.text);
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

static enum ks_err
attempt(struct http *http, const struct http_request *request,
        struct http_reply *reply, struct err_cause *cause)
{
    struct curl_slist *headers = NULL;
    CURLcode code = CURLE_OUT_OF_MEMORY;

    http->length = 0;
    http->too_long = false;
    http->error[0] = '\0';
    http->trust.fault = KS_OK;
    if (set_request(http, request, &headers))
        code = curl_easy_perform(http->curl);
    (void)curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, NULL);
    (void)curl_easy_setopt(http->curl, CURLOPT_XOAUTH2_BEARER, NULL);
    curl_slist_free_all(headers);
    if (code != CURLE_OK)
        return http_failure(http, code, cause);
    (void)curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &reply->status);
    http->body[http->length] = '\0';
    reply->body = http->body;
    reply->length = http->length;
    return KS_OK;
}

/* The pause that the last reply asks for (RFC 9110, 10.2.3). */
static uint64_t
asked_pause(struct http *http)
{
    curl_off_t seconds = 0;

    (void)curl_easy_getinfo(http->curl, CURLINFO_RETRY_AFTER, &seconds);
    return seconds > 0 ? (uint64_t)seconds * 1000 : 0;
}

/* One that is not known counts as 500 (RFC 9110, 15). */
bool
http_is_temporary(long status)
{
    switch (status) {
    case 408:
    case 425:
    case 429:
        return true;
    case 501:
    case 505:
    case 506:
    case 507:
    case 508:
    case 510:
    case 511:
        return false;
    default:
        return status >= 500;
    }
}

enum ks_err
http_call(struct http *http, const struct http_request *request,
          struct http_reply *reply, struct err_cause *cause)
{
    enum ks_err rc;

    retry_begin(&http->retry);
    rc = attempt(http, request, reply, cause);
    while (rc == KS_OK && http_is_temporary(reply->status) &&
           retry_pause(&http->retry, asked_pause(http))) {
        rc = attempt(http, request, reply, cause);
        /* What a failed server closed may not open again; it has still
         * failed. */
        if (rc == KS_ERR_NET) {
            rc = KS_OK;
            break;
        }
    }
    retry_end(&http->retry);
    return rc;
}
