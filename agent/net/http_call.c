/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl's options for one request; what holds for all of them is set when the
 * handle is opened. */
#include "agent/net/http_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/ipc/retry.h"
#include "agent/net/http_handle.h"

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
attempt(struct http *http, const struct http_request *request,
        struct http_reply *reply, struct err_cause *cause)
{
    struct curl_slist *headers = NULL;
    CURLcode code = CURLE_OUT_OF_MEMORY;

    http_forget(http);
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

/* A status that is not known counts as 500 (RFC 9110, 15). */
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

    reply->machine = request->machine;
    retry_begin(&http->retry);
    rc = attempt(http, request, reply, cause);
    while (rc == KS_OK && http_is_temporary(reply->status) &&
           retry_pause(&http->retry, asked_pause(http))) {
        rc = attempt(http, request, reply, cause);
        /* A failed server may close the connection and not open it again;
         * the status that there was still says how it failed. */
        if (rc == KS_ERR_NET) {
            rc = KS_OK;
            break;
        }
    }
    retry_end(&http->retry);
    return rc;
}
