/* SPDX-License-Identifier: Apache-2.0 */
/* The form of M2 is checked here, the assertion in assertion.c.  Unknown fields
 * are passed over: Microsoft's client libraries send many. */
#include "tests/vault/token_endpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/vault/assertion.h"
#include "tests/vault/form.h"

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

void
token_endpoint_discovery(struct exchange *exchange)
{
    const struct service *service = exchange->service;
    char endpoint[ASSERTION_ENDPOINT_MAX];
    char issuer[ASSERTION_ENDPOINT_MAX];

    assertion_endpoint(service, endpoint);
    (void)snprintf(issuer, sizeof issuer, "%s/%s/v2.0", service->url,
                   service->tenant);
    exchange_json(
        exchange, 200,
        json_pack("{s:s, s:s, s:s, s:[s], s:[s, s, s, s], s:b, s:[s], s:[s],"
                  " s:[s], s:[s]}",
                  "issuer", issuer, "token_endpoint", endpoint,
                  /* OpenID Connect wants one; this service has no use for it */
                  "authorization_endpoint", issuer,
                  "token_endpoint_auth_methods_supported", "private_key_jwt",
                  "token_endpoint_auth_signing_alg_values_supported", "PS256",
                  "RS256", "ES256", "ES384",
                  "tls_client_certificate_bound_access_tokens", 1,
                  "grant_types_supported", "client_credentials",
                  "response_types_supported", "token",
                  "subject_types_supported", "pairwise",
                  "id_token_signing_alg_values_supported", "RS256"));
}

static bool
read_form(struct exchange *exchange, struct form *form)
{
    static const char *const names[] = {"grant_type", "client_id", "scope",
                                        "client_assertion_type",
                                        "client_assertion"};
    bool parsed = form_parse(exchange->body, exchange->length, form);

    if (!exchange_is(exchange, "application/x-www-form-urlencoded") || !parsed)
        return exchange_refuse(exchange, REFUSAL_REQUEST,
                               "the body is no URL-encoded form");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (form_get(form, names[i]) == NULL)
            return exchange_refuse(exchange, REFUSAL_REQUEST,
                                   "%s must be there once", names[i]);
    if (strcmp(form_get(form, "grant_type"), "client_credentials") != 0)
        return exchange_refuse(exchange, REFUSAL_REQUEST,
                               "the grant type is not client_credentials");
    if (strcmp(form_get(form, "client_assertion_type"), ASSERTION_TYPE) != 0)
        return exchange_refuse(exchange, REFUSAL_REQUEST,
                               "the client assertion is not of the JWT type");
    return true;
}

static bool
check_scope(struct exchange *exchange, const struct credential *credential,
            const char *scope)
{
    char expected[VAULT_AUDIENCE_MAX + 16];

    vault_audience(&credential->vault, expected);
    (void)strcat(expected, "/.default");
    if (strcmp(scope, expected) != 0)
        return exchange_refuse(exchange, REFUSAL_REQUEST,
                               "the scope is not this vault's");
    return true;
}

static void
issue(struct exchange *exchange, const struct credential *credential,
      const struct access_token *token)
{
    int64_t life;
    char *text = access_token_make(exchange, credential, token, &life);

    if (text == NULL)
        exchange_fault(exchange);
    else
        exchange_json(exchange, 200,
                      json_pack("{s:s, s:I, s:I, s:s}", "token_type", "Bearer",
                                "expires_in", (json_int_t)life,
                                "ext_expires_in", (json_int_t)life,
                                "access_token", text));
    free(text);
}

void
token_endpoint_token(struct exchange *exchange)
{
    struct form form = {0};
    struct credential credential = {0};
    struct access_token token;

    if (read_form(exchange, &form) &&
        access_token_credential(exchange, &credential) &&
        assertion_check(exchange, &credential,
                        form_get(&form, "client_assertion"),
                        form_get(&form, "client_id"), &token) &&
        check_scope(exchange, &credential, form_get(&form, "scope")))
        issue(exchange, &credential, &token);
    credential_clear(&credential);
    form_clear(&form);
}
