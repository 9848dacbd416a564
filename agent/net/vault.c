/* SPDX-License-Identifier: Apache-2.0 */
/* Each function makes one request of docs/protocol.md, M4 and M5. */
#include "agent/net/vault.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "agent/net/http_call.h"
#include "agent/net/reply.h"
#include "agent/net/vault_client.h"

char *
vault_client_format(const char *form, ...)
{
    char *text = NULL;
    va_list args;
    int length;

    va_start(args, form);
    length = vasprintf(&text, form, args);
    va_end(args);
    return length >= 0 ? text : NULL;
}

/* scheme://host[:port] of URL (RFC 6454, 4). */
static int
origin_length(const char *url)
{
    const char *host = strstr(url, "://");

    host = host != NULL ? host + 3 : url;
    return (int)(host - url + (ptrdiff_t)strcspn(host, "/"));
}

enum ks_err
vault_client_open(struct http *http, const struct layout_net_connect *target,
                  struct vault_client **ret, struct err_cause *cause)
{
    const char *endpoint = target->endpoint;
    struct vault_client *client = calloc(1, sizeof *client);

    if (client == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    client->http = http;
    client->endpoint = vault_client_format("%s", endpoint);
    client->est = vault_client_format("%.*s/.well-known/est/%s",
                                      origin_length(endpoint), endpoint,
                                      target->vault);
    if (client->endpoint == NULL || client->est == NULL) {
        vault_client_close(&client);
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    }
    *ret = client;
    return KS_OK;
}

void
vault_client_close(struct vault_client **client)
{
    if (*client == NULL)
        return;
    json_decref((*client)->nonce);
    json_decref((*client)->verdict);
    json_decref((*client)->self);
    free((*client)->endpoint);
    free((*client)->est);
    free(*client);
    *client = NULL;
}

/* Ask for certificates. */
static enum ks_err
call_est(struct vault_client *client, const char *operation,
         struct http_request *request, STACK_OF(X509) * *ret,
         struct err_cause *cause)
{
    char *url = vault_client_format("%s/%s", client->est, operation);
    struct http_reply reply;
    enum ks_err rc;

    if (url == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    request->url = url;
    request->accept = "application/pkcs7-mime";
    rc = http_call(client->http, request, &reply, cause);
    if (rc == KS_OK)
        rc = vault_reply_status(&reply, 200, operation, cause);
    if (rc == KS_OK)
        rc = vault_reply_certificates(&reply, ret, cause);
    free(url);
    return rc;
}

enum ks_err
vault_client_authorities(struct vault_client *client, STACK_OF(X509) * *ret,
                         struct err_cause *cause)
{
    struct http_request request = {.method = "GET"};

    return call_est(client, "cacerts", &request, ret, cause);
}

/* The certificate for the key of REQUEST, or else the first: that it is ours is
 * found out where it can be trusted, in holdfast. */
static X509 *
choose_certificate(const STACK_OF(X509) * certificates,
                   struct layout_bytes request)
{
    X509_REQ *parsed = d2i_X509_REQ(NULL, &request.at, (long)request.length);
    X509 *chosen = sk_X509_value(certificates, 0);

    for (int i = 0; parsed != NULL && i < sk_X509_num(certificates); i++) {
        X509 *one = sk_X509_value(certificates, i);

        if (X509_check_private_key(one, X509_REQ_get0_pubkey(parsed)) == 1)
            chosen = one;
    }
    X509_REQ_free(parsed);
    (void)X509_up_ref(chosen);
    return chosen;
}

static enum ks_err
post_request(struct vault_client *client, const char *token,
             const struct layout_net_enrol *enrol, STACK_OF(X509) * *ret,
             struct err_cause *cause)
{
    size_t length = enrol->request.length;
    char *body = malloc(4 * ((length + 2) / 3) + 1);
    char *header = vault_client_format("Enrolment-Proof: %s", enrol->proof);
    struct http_request post = {.method = "POST",
                                .bearer = token,
                                .header = header,
                                .type = "application/pkcs10",
                                .body = body};
    enum ks_err rc;

    if (body == NULL || header == NULL) {
        rc = err_set(cause, KS_ERR_RESOURCES, "no memory");
    } else {
        (void)EVP_EncodeBlock((unsigned char *)body, enrol->request.at,
                              (int)length);
        rc = call_est(client, "simpleenroll", &post, ret, cause);
    }
    free(body);
    free(header);
    return rc;
}

enum ks_err
vault_client_enrol(struct vault_client *client, const char *token,
                   const struct layout_net_enrol *enrol, X509 **ret,
                   struct err_cause *cause)
{
    STACK_OF(X509) *certificates = NULL;
    enum ks_err rc = post_request(client, token, enrol, &certificates, cause);

    if (rc == KS_OK)
        *ret = choose_certificate(certificates, enrol->request);
    sk_X509_pop_free(certificates, X509_free);
    return rc;
}

enum ks_err
vault_client_self(struct vault_client *client,
                  struct layout_net_self_answer *ret, struct err_cause *cause)
{
    char *url = vault_client_format("%smachines/self", client->endpoint);
    struct http_request request = {.method = "GET",
                                   .url = url,
                                   .accept = "application/json",
                                   .machine = true};
    json_t *self = NULL;
    enum ks_err rc = KS_ERR_INTERNAL;

    if (url != NULL)
        rc = vault_reply_call(client->http, &request, 200, "machine", &self,
                              cause);
    free(url);
    if (rc != KS_OK)
        return rc;
    json_decref(client->self);
    client->self = self;
    ret->machine = vault_reply_text(self, "machine", LAYOUT_NAME_MAX);
    ret->name = vault_reply_text(self, "name", LAYOUT_NAME_MAX);
    ret->vault = vault_reply_text(self, "vault", LAYOUT_NAME_MAX);
    if (ret->machine == NULL || ret->name == NULL || ret->vault == NULL)
        return err_set(cause, KS_ERR_NET_REPLY, "it does not say who we are");
    return KS_OK;
}

enum ks_err
vault_client_leave(struct vault_client *client, struct err_cause *cause)
{
    char *url = vault_client_format("%smachines/self", client->endpoint);
    struct http_request request = {
        .method = "DELETE", .url = url, .machine = true};
    struct http_reply reply;
    enum ks_err rc = KS_ERR_INTERNAL;

    if (url != NULL)
        rc = http_call(client->http, &request, &reply, cause);
    /* Told before, by us or by somebody in the portal, it answers that. */
    if (rc == KS_OK &&
        !(reply.status == 403 && vault_reply_begins(&reply, "revoked:")))
        rc = vault_reply_status(&reply, 204, "leaving", cause);
    free(url);
    return rc;
}
