/* SPDX-License-Identifier: Apache-2.0 */
/* The token is kept in one buffer of ours and wiped with it. */
#include "agent/net/oauth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <openssl/crypto.h>

#include "agent/net/http_call.h"
#include "agent/net/reply.h"

#define TOKEN_LENGTH_MAX 16384
#define TYPE_LENGTH_MAX 16

enum ks_err
vault_token_discover(struct http *http, const struct layout_net_connect *target,
                     struct err_cause *cause)
{
    const char *authority = target->authority;
    size_t length = strlen(authority);
    struct http_request request = {.method = "GET",
                                   .accept = "application/json"};
    json_t *reply = NULL;
    char *url = NULL;
    const char *named;
    enum ks_err rc;

    while (length > 0 && authority[length - 1] == '/')
        length--;
    if (strncmp(target->token_endpoint, authority, length) != 0 ||
        target->token_endpoint[length] != '/')
        return KS_OK;
    if (asprintf(&url, "%.*s/%s/v2.0/.well-known/openid-configuration",
                 (int)length, authority, target->tenant) < 0)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    request.url = url;
    rc = vault_reply_call(http, &request, 200, "discovery", &reply, cause);
    if (rc == KS_OK) {
        named = vault_reply_text(reply, "token_endpoint", HTTP_REPLY_MAX);
        if (named == NULL || strcmp(named, target->token_endpoint) != 0)
            rc = err_set(cause, KS_ERR_NET_REPLY,
                         "discovery names another token endpoint");
    }
    json_decref(reply);
    free(url);
    return rc;
}

/* The form of RFC 7523, 2.2; a JWT needs no encoding. */
static char *
token_form(const struct layout_net_connect *target, const char *assertion)
{
    char *client_id = curl_easy_escape(NULL, target->client_id, 0);
    char *audience = curl_easy_escape(NULL, target->audience, 0);
    char *form = NULL;

    if (client_id == NULL || audience == NULL ||
        asprintf(
            &form,
            "grant_type=client_credentials&client_id=%s&scope=%s%%2F.default"
            "&client_assertion_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3A"
            "client-assertion-type%%3Ajwt-bearer&client_assertion=%s",
            client_id, audience, assertion) < 0)
        form = NULL;
    curl_free(client_id);
    curl_free(audience);
    return form;
}

static enum ks_err
take_token(json_t *reply, char **ret, struct err_cause *cause)
{
    const char *type = vault_reply_text(reply, "token_type", TYPE_LENGTH_MAX);
    const char *token = vault_reply_text(reply, "access_token",
                                         TOKEN_LENGTH_MAX);

    if (type == NULL || strcasecmp(type, "Bearer") != 0 || token == NULL)
        return err_set(cause, KS_ERR_NET_REPLY, "it holds no bearer token");
    *ret = strdup(token);
    OPENSSL_cleanse((char *)(uintptr_t)token, strlen(token));
    return *ret != NULL ? KS_OK : err_set(cause, KS_ERR_RESOURCES, "no memory");
}

enum ks_err
vault_token_get(struct http *http, const struct layout_net_connect *target,
                const char *assertion, char **ret, struct err_cause *cause)
{
    char *form = token_form(target, assertion);
    struct http_request post = {.method = "POST",
                                .url = target->token_endpoint,
                                .accept = "application/json",
                                .type = "application/x-www-form-urlencoded",
                                .body = form};
    json_t *reply = NULL;
    enum ks_err rc;

    if (form == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    rc = vault_reply_call(http, &post, 200, "token request", &reply, cause);
    if (rc == KS_OK)
        rc = take_token(reply, ret, cause);
    json_decref(reply);
    free(form);
    return rc;
}

void
vault_token_free(char **token)
{
    if (*token != NULL)
        OPENSSL_cleanse(*token, strlen(*token));
    free(*token);
    *token = NULL;
}
