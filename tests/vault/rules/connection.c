/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl on OpenSSL; knows nothing of what is said. */
#include "tests/vault/rules/rules.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>
#include <openssl/ssl.h>

#define BODY_MAX ((size_t)1 << 20)
#define PAUSE_BEFORE ((size_t)64 << 10) /* bytes of the body that are left */

struct text {
    char *data; /* NUL behind it */
    size_t length;
};

struct connection {
    CURL *curl;
    struct curl_slist *lines;
    X509 *certificate;
    EVP_PKEY *key; /* NULL: none is shown */
    unsigned tickets;
    struct text headers, body; /* of the request under way */
    const struct request *request;
    size_t sent;
};

static size_t
collect(char *data, size_t size, size_t count, void *user)
{
    struct text *text = user;
    size_t length = size * count;
    char *grown;

    if (text->length + length > BODY_MAX)
        return 0;
    grown = realloc(text->data, text->length + length + 1);
    if (grown == NULL)
        return 0;
    memcpy(grown + text->length, data, length);
    text->data = grown;
    text->length += length;
    grown[text->length] = '\0';
    return length;
}

/* The body of a request that is to be interrupted. */
static size_t
send_piece(char *data, size_t size, size_t count, void *user)
{
    struct connection *connection = user;
    const struct request *request = connection->request;
    size_t left = strlen(request->body) - connection->sent;
    size_t length = size * count < left ? size * count : left;

    if (left > PAUSE_BEFORE && left - length < PAUSE_BEFORE)
        length = left - PAUSE_BEFORE;
    else if (left == PAUSE_BEFORE)
        request->pause(request->context);
    memcpy(data, request->body + connection->sent, length);
    connection->sent += length;
    return length;
}

static int
count_ticket(SSL *ssl, SSL_SESSION *session)
{
    struct connection *connection = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

    (void)session;
    connection->tickets++;
    return 0;
}

/* The key itself, not its bytes: a TPM's has none. */
static CURLcode
prepare_tls(CURL *curl, void *context, void *user)
{
    const struct connection *connection = user;

    (void)curl;
    if (connection->key != NULL) {
        assert_int_equal(
            SSL_CTX_use_certificate(context, connection->certificate), 1);
        assert_int_equal(SSL_CTX_use_PrivateKey(context, connection->key), 1);
    }
    SSL_CTX_set_app_data((SSL_CTX *)context, user);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT);
    SSL_CTX_sess_set_new_cb(context, count_ticket);
    return CURLE_OK;
}

static void
release_connection(void *thing)
{
    struct connection *connection = thing;

    curl_easy_cleanup(connection->curl);
    curl_slist_free_all(connection->lines);
    free(connection->headers.data);
    free(connection->body.data);
    free(connection);
}

struct connection *
connection_new(X509 *certificate, EVP_PKEY *key)
{
    struct connection *new = kept(calloc(1, sizeof *new), release_connection);
    CURL *curl = curl_easy_init();

    assert_non_null(curl);
    new->curl = curl;
    new->certificate = certificate;
    new->key = key;
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_3);
    curl_easy_setopt(curl, CURLOPT_CAINFO, service_ca_file());
    curl_easy_setopt(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, prepare_tls);
    curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, new);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_COOKIEFILE, "");
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &new->headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &new->body);
    return new;
}

void
connection_use_tls12(struct connection *connection)
{
    curl_easy_setopt(connection->curl, CURLOPT_SSLVERSION,
                     CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_2);
}

void
connection_use_http11(struct connection *connection)
{
    curl_easy_setopt(connection->curl, CURLOPT_HTTP_VERSION,
                     (long)CURL_HTTP_VERSION_1_1);
}

unsigned
connection_tickets(const struct connection *connection)
{
    return connection->tickets;
}

static void
add_line(struct connection *connection, const char *line)
{
    struct curl_slist *longer = curl_slist_append(connection->lines, line);

    assert_non_null(longer);
    connection->lines = longer;
}

static void
prepare(struct connection *connection, const struct request *request)
{
    CURL *curl = connection->curl;

    curl_slist_free_all(connection->lines);
    connection->lines = NULL;
    add_line(connection, "Expect:");
    if (request->type != NULL)
        add_line(connection, kept_format("Content-Type: %s", request->type));
    for (size_t i = 0; i < CONNECTION_HEADERS; i++)
        if (request->headers[i] != NULL)
            add_line(connection, request->headers[i]);
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_NOBODY,
                     strcmp(request->method, "HEAD") == 0 ? 1L : 0L);
    if (strcmp(request->method, "HEAD") != 0)
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    if (request->pause != NULL) {
        connection->request = request;
        connection->sent = 0;
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE,
                         (long)strlen(request->body));
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, send_piece);
        curl_easy_setopt(curl, CURLOPT_READDATA, connection);
    } else if (request->body != NULL) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE,
                         (long)strlen(request->body));
        curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, request->body);
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, connection->lines);
}

/* What was collected goes over to the test. */
static char *
take(struct text *text)
{
    char *data = text->data != NULL ? kept_memory(text->data) : kept_new(1);

    *text = (struct text){NULL, 0};
    return data;
}

static const struct reply *
take_reply(struct connection *connection, const char *step, CURLcode code)
{
    struct reply *reply = kept_new(sizeof *reply);
    long connects = 0;

    reply->cut_off = code == CURLE_SEND_ERROR || code == CURLE_HTTP2 ||
                     code == CURLE_HTTP2_STREAM || code == CURLE_GOT_NOTHING;
    if (code != CURLE_OK && code != CURLE_SSL_CONNECT_ERROR &&
        code != CURLE_RECV_ERROR && !reply->cut_off)
        fail_msg("%s: %s", step, curl_easy_strerror(code));
    curl_easy_getinfo(connection->curl, CURLINFO_RESPONSE_CODE, &reply->status);
    curl_easy_getinfo(connection->curl, CURLINFO_NUM_CONNECTS, &connects);
    reply->step = step;
    curl_easy_getinfo(connection->curl, CURLINFO_TOTAL_TIME, &reply->seconds);
    reply->handshake = connects > 0;
    reply->failed_tls = code != CURLE_OK && !reply->cut_off;
    reply->length = connection->body.length;
    reply->headers = take(&connection->headers);
    reply->body = take(&connection->body);
    reply->json = json_loadb(reply->body, reply->length, JSON_REJECT_DUPLICATES,
                             NULL);
    if (reply->json != NULL)
        (void)kept_json(reply->json);
    return reply;
}

const struct reply *
connection_send(struct connection *connection, const struct request *request)
{
    prepare(connection, request);
    return take_reply(connection, request->step,
                      curl_easy_perform(connection->curl));
}

void
connection_send_together(struct connection *const *connections,
                         const struct request *requests,
                         const struct reply **ret_replies, size_t count)
{
    CURLM *multi = curl_multi_init();
    CURLMsg *message;
    int running = 1, left;

    assert_non_null(multi);
    for (size_t i = 0; i < count; i++) {
        prepare(connections[i], &requests[i]);
        assert_int_equal(curl_multi_add_handle(multi, connections[i]->curl),
                         CURLM_OK);
    }
    while (running > 0) {
        assert_int_equal(curl_multi_perform(multi, &running), CURLM_OK);
        assert_int_equal(curl_multi_poll(multi, NULL, 0, 1000, NULL), CURLM_OK);
    }
    while ((message = curl_multi_info_read(multi, &left)) != NULL)
        assert_int_equal(message->data.result, CURLE_OK);
    for (size_t i = 0; i < count; i++) {
        curl_multi_remove_handle(multi, connections[i]->curl);
        ret_replies[i] = take_reply(connections[i], requests[i].step, CURLE_OK);
    }
    curl_multi_cleanup(multi);
}

const char *
reply_header(const struct reply *reply, const char *name)
{
    size_t length = strlen(name);
    const char *line = reply->headers;

    while (line != NULL && *line != '\0') {
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            const char *value = line + length + 1;

            value += strspn(value, " ");
            return kept_format("%.*s", (int)strcspn(value, "\r\n"), value);
        }
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    return NULL;
}

const char *
reply_text(const struct reply *reply, const char *name)
{
    const char *text = json_string_value(json_object_get(reply->json, name));

    if (text == NULL)
        fail_msg("%s: no \"%s\" in %s", reply->step, name, reply->body);
    return text;
}
