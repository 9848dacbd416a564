/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.1 as far as one known client speaks it. */
#include "tests/programs/hostile_connection.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "tests/programs/hostile_challenge.h"

#define REQUEST_MAX 65536
#define SLOW_MILLISECONDS 200

struct request {
    char text[REQUEST_MAX + 1]; /* head and body */
    const char *body;
    char host[128];
    char path[512];
    enum hostile_step step;
};

/* By how the request line goes; the first that fits counts. */
static const struct {
    const char *method;
    const char *in_path;
} steps[] = {
    [HOSTILE_DISCOVERY] = {"GET ", "/.well-known/openid-configuration"},
    [HOSTILE_TOKEN] = {"POST ", "/oauth2/v2.0/token"},
    [HOSTILE_EVIDENCE] = {"POST ", "/evidence"},
    [HOSTILE_NONCE] = {"POST ", "/enrolments"},
    [HOSTILE_AUTHORITIES] = {"GET ", "/cacerts"},
    [HOSTILE_ENROL] = {"POST ", "/simpleenroll"},
    [HOSTILE_SELF] = {"GET ", "/machines/self"},
    [HOSTILE_LEAVE] = {"DELETE ", "/machines/self"},
};

_Static_assert(sizeof steps / sizeof steps[0] == HOSTILE__MAX,
               "every step has its row");

static size_t
content_length(const char *head)
{
    const char *found = strcasestr(head, "\r\nContent-Length: ");

    return found != NULL ? strtoul(found + 18, NULL, 10) : 0;
}

/* One whole request; false at the end of the connection. */
static bool
read_request(SSL *ssl, struct request *request)
{
    size_t length = 0;
    char *end = NULL;
    int n;

    while (end == NULL || length < (size_t)(end - request->text) +
                                       content_length(request->text)) {
        n = SSL_read(ssl, request->text + length, (int)(REQUEST_MAX - length));
        if (n <= 0)
            return false;
        length += (size_t)n;
        request->text[length] = '\0';
        end = strstr(request->text, "\r\n\r\n");
        if (end != NULL)
            end += 4;
    }
    request->body = end;
    return true;
}

static bool
understand(struct request *request)
{
    const char *host = strcasestr(request->text, "\r\nHost: ");

    if (host == NULL || sscanf(host + 8, "%127[^\r]", request->host) != 1 ||
        sscanf(request->text, "%*s %511s", request->path) != 1)
        return false;
    for (int i = 0; i < HOSTILE__MAX; i++)
        if (strncmp(request->text, steps[i].method, strlen(steps[i].method)) ==
                0 &&
            strstr(request->path, steps[i].in_path) != NULL) {
            request->step = (enum hostile_step)i;
            return true;
        }
    return false;
}

/* With the challenge where there is an offer. */
static char *
make_nonce(const struct request *request, struct hostile_script *script)
{
    char *challenge, *body = NULL;

    (void)snprintf(script->offer, sizeof script->offer, "%s", request->body);
    challenge = hostile_challenge_make(script->offer, script->challenge);
    if (asprintf(&body,
                 "{\"nonce\": \"" HOSTILE_NONCE_TEXT "\"%s%s%s, "
                 "\"expires\": 4000000000}",
                 challenge != NULL ? ", \"challenge\": \"" : "",
                 challenge != NULL ? challenge : "",
                 challenge != NULL ? "\"" : "") < 0)
        abort();
    free(challenge);
    return body;
}

static void
keep_proof(const struct request *request, struct hostile_script *script)
{
    const char *header = strcasestr(request->text, "\r\nEnrolment-Proof: ");

    if (header != NULL)
        (void)sscanf(header + 19, "%8191[^\r]", script->proof);
}

/* What a vault says, without the head; the caller frees it. */
static char *
make_body(const struct request *request, struct hostile_script *script,
          const struct hostile_pki *pki)
{
    char tenant[128] = "";
    char *body = NULL;

    switch (request->step) {
    case HOSTILE_DISCOVERY:
        (void)sscanf(request->path, "/%127[^/]", tenant);
        if (asprintf(&body,
                     "{\"issuer\": \"https://%s/%s/v2.0\", "
                     "\"token_endpoint\": \"https://%s/%s/oauth2/v2.0/token\"}",
                     request->host, tenant, request->host, tenant) < 0)
            abort();
        return body;
    case HOSTILE_TOKEN:
        return strdup("{\"token_type\": \"Bearer\", \"expires_in\": 600, "
                      "\"access_token\": \"a.hostile.token\"}");
    case HOSTILE_EVIDENCE:
        (void)snprintf(script->given, sizeof script->given, "%s",
                       request->body);
        return strdup("{\"origin\": \"emulated\", \"proof\": "
                      "\"certified\", \"emulated\": true}");
    case HOSTILE_NONCE:
        return make_nonce(request, script);
    case HOSTILE_AUTHORITIES:
        return hostile_pki_authorities(pki);
    case HOSTILE_ENROL:
        (void)sscanf(request->path, "/.well-known/est/%63[^/]", script->vault);
        keep_proof(request, script);
        return hostile_pki_enrol(pki, request->body, script->vault);
    case HOSTILE_SELF:
        if (asprintf(&body,
                     "{\"machine\": \"" HOSTILE_MACHINE "\", "
                     "\"name\": \"n\", \"vault\": \"%s\", "
                     "\"vault_name\": \"lab1\"}",
                     script->vault) < 0)
            abort();
        return body;
    case HOSTILE_LEAVE:
        return strdup("");
    case HOSTILE__MAX:
        break;
    }
    abort();
}

/* The whole right reply; the caller frees it. */
static char *
make_reply(const struct request *request, struct hostile_script *script,
           const struct hostile_pki *pki)
{
    const char *status = request->step == HOSTILE_NONCE   ? "201 Created"
                         : request->step == HOSTILE_LEAVE ? "204 No Content"
                                                          : "200 OK";
    char *body = make_body(request, script, pki);
    char *reply = NULL;
    const char *end = script->closes ? HOSTILE_CLOSE : "";
    bool empty = body == NULL || *body == '\0';

    if ((empty ? asprintf(&reply, "HTTP/1.1 %s\r\n%s\r\n", status, end)
               : asprintf(&reply,
                          "HTTP/1.1 %s\r\nContent-Type: x/y\r\n%s"
                          "Content-Length: %zu\r\n\r\n%s",
                          status, end, strlen(body), body)) < 0)
        abort();
    free(body);
    return reply;
}

static bool
put(SSL *ssl, const char *text, size_t length)
{
    return length == 0 || SSL_write(ssl, text, (int)length) > 0;
}

static void
put_for_ever(SSL *ssl, const char *first, const char *then)
{
    if (put(ssl, first, strlen(first)))
        while (put(ssl, then, strlen(then)))
            ;
}

static void
put_slowly(SSL *ssl, const char *text)
{
    while (put(ssl, text, 1) && text[1] != '\0') {
        (void)poll(NULL, 0, SLOW_MILLISECONDS);
        text++;
    }
    (void)pause();
}

/* What the script has instead of REPLY; whether the connection goes on. */
static bool
go_the_way(SSL *ssl, const struct hostile_script *script, const char *reply)
{
    switch (script->way) {
    case HOSTILE_NOT:
    case HOSTILE_FOREIGN:
        return put(ssl, reply, strlen(reply)) && !script->closes;
    case HOSTILE_REPLY:
        return put(ssl, script->reply, strlen(script->reply)) &&
               !script->closes;
    case HOSTILE_CUT:
        (void)put(ssl, reply, script->cut);
        if (script->closes)
            (void)SSL_shutdown(ssl);
        return false;
    case HOSTILE_SILENT:
        (void)pause();
        return false;
    case HOSTILE_SLOW:
        put_slowly(ssl, reply);
        return false;
    case HOSTILE_BODY:
        put_for_ever(ssl, "HTTP/1.1 200 OK\r\n\r\n{\"a\": \"",
                     "more and more ");
        return false;
    case HOSTILE_HEADERS:
        put_for_ever(ssl, "HTTP/1.1 200 OK\r\n", "More: and more\r\n");
        return false;
    case HOSTILE_CONTINUE:
        put_for_ever(ssl, "", "HTTP/1.1 100 Continue\r\n\r\n");
        return false;
    }
    return false;
}

/* OpenSSL sends no such request to a client that has not offered to answer it
 * (RFC 8446, 4.2.6). */
static void
ask_again(SSL *ssl, struct hostile_script *script)
{
    if (SSL_verify_client_post_handshake(ssl) == 1) {
        script->offered++;
        (void)SSL_do_handshake(ssl);
    }
    ERR_clear_error();
}

void
hostile_connection(SSL *ssl, struct hostile_script *script,
                   const struct hostile_pki *pki)
{
    static struct request request;
    bool on = true;

    while (on && read_request(ssl, &request) && understand(&request)) {
        unsigned asked = ++script->asked[request.step];
        char *reply = make_reply(&request, script, pki);
        bool hostile = (request.step == script->step ||
                        script->step == HOSTILE_EVERY) &&
                       (script->times == 0 || asked <= script->times);

        if (script->asks_again)
            ask_again(ssl, script);
        if (hostile && script->way == HOSTILE_FOREIGN) {
            free(reply);
            request.step = HOSTILE_AUTHORITIES;
            reply = make_reply(&request, script, pki);
        }
        script->length[request.step] = strlen(reply);
        on = hostile ? go_the_way(ssl, script, reply)
                     : put(ssl, reply, strlen(reply)) && !script->closes;
        free(reply);
    }
}
