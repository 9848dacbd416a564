/* SPDX-License-Identifier: Apache-2.0 */
/* The form of M2 is checked here, the assertion in assertion.c.  Unknown fields
 * are passed over: Microsoft's client libraries send many. */
#include "tests/vault/service/token_endpoint.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "tests/vault/service/assertion.h"
#include "tests/vault/service/form.h"

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#define COORDINATE 32

/* A/T and PATH */
static json_t *
make_url(const struct service *service, const char *path)
{
    return json_sprintf("%s/%s/%s", service->url, service->tenant, path);
}

void
token_endpoint_discovery(struct exchange *exchange)
{
    const struct service *service = exchange->service;

    exchange_json(
        exchange, 200,
        json_pack("{s:o, s:o, s:o, s:o, s:[s], s:[s, s, s, s], s:b, s:[s],"
                  " s:[s], s:[s], s:[s]}",
                  "issuer", make_url(service, "v2.0"), "token_endpoint",
                  make_url(service, "oauth2/v2.0/token"), "jwks_uri",
                  make_url(service, "discovery/v2.0/keys"),
                  /* Must be named, and is of no use here */
                  "authorization_endpoint",
                  make_url(service, "oauth2/v2.0/authorize"),
                  "token_endpoint_auth_methods_supported", "private_key_jwt",
                  "token_endpoint_auth_signing_alg_values_supported", "PS256",
                  "RS256", "ES256", "ES384",
                  "tls_client_certificate_bound_access_tokens", 1,
                  "grant_types_supported", "client_credentials",
                  "response_types_supported", "token",
                  "subject_types_supported", "pairwise",
                  "id_token_signing_alg_values_supported", "RS256"));
}

/* A coordinate of the token key (RFC 7518, 6.2.1.2); NULL after a fault. */
static json_t *
make_coordinate(const EVP_PKEY *key, const char *name)
{
    uint8_t bytes[COORDINATE];
    BIGNUM *number = NULL;
    char *text = NULL;
    json_t *json;

    if (EVP_PKEY_get_bn_param(key, name, &number) == 1 &&
        BN_bn2binpad(number, bytes, sizeof bytes) == sizeof bytes)
        text = encoding_base64url(bytes, sizeof bytes);
    json = json_string(text);
    BN_free(number);
    free(text);
    return json;
}

void
token_endpoint_keys(struct exchange *exchange)
{
    const EVP_PKEY *key = exchange->service->token_key;

    exchange_json(exchange, 200,
                  json_pack("{s:[{s:s, s:s, s:s, s:s, s:o, s:o}]}", "keys",
                            "kty", "EC", "use", "sig", "alg", "ES256", "crv",
                            "P-256", "x",
                            make_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X), "y",
                            make_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y)));
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
        (exchange->certificate != NULL
             ? access_token_credential(exchange, &credential)
             : assertion_credential(exchange,
                                    form_get(&form, "client_assertion"),
                                    &credential)) &&
        assertion_check(exchange, &credential,
                        form_get(&form, "client_assertion"),
                        form_get(&form, "client_id"), &token) &&
        check_scope(exchange, &credential, form_get(&form, "scope")))
        issue(exchange, &credential, &token);
    credential_clear(&credential);
    form_clear(&form);
}
