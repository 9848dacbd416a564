/* SPDX-License-Identifier: Apache-2.0 */
/* Opaque to the agent; only this file makes and reads it. */
#include "tests/vault/service/access_token.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/x509.h>

#include "tests/vault/service/jwt.h"

#define TYPE "at+jwt" /* RFC 9068, 2.1 */
#define LEEWAY 60

bool
access_token_credential(struct exchange *exchange,
                        struct credential *credential)
{
    *credential = (struct credential){0};
    if (exchange->certificate == NULL)
        return exchange_refuse(exchange, REFUSAL_UNKNOWN_CERTIFICATE,
                               "the TLS client showed no certificate");
    if (!credential_find(exchange->service->store, exchange->record.certificate,
                         exchange->certificate, credential))
        return exchange_refuse(exchange, REFUSAL_UNKNOWN_CERTIFICATE,
                               "no vault knows the TLS client's certificate");
    (void)strcpy(exchange->record.vault, credential->vault.id);
    return true;
}

char *
access_token_make(const struct exchange *exchange,
                  const struct credential *credential,
                  const struct access_token *token, int64_t *ret)
{
    char audience[VAULT_AUDIENCE_MAX];
    char thumbprint[ENCODING_HASH_URL];
    char key[ENCODING_HASH_URL];
    int64_t life = ACCESS_TOKEN_SECONDS;
    int64_t left = credential_end(credential) - exchange->now;
    json_t *claims;
    char *text;

    if (!token->repeat && left < life)
        life = left > 0 ? left : 1;
    vault_audience(&credential->vault, audience);
    if (!encoding_url_of_hex(credential->sha256, thumbprint))
        return NULL;
    claims = json_pack("{s:s, s:s, s:I, s:I, s:{s:s}, s:s, s:I, s:b, s:b}",
                       "iss", exchange->service->url, "aud", audience, "iat",
                       (json_int_t)exchange->now, "exp",
                       (json_int_t)(exchange->now + life), "cnf", "x5t#S256",
                       thumbprint, "vault", credential->vault.id, "generation",
                       (json_int_t)token->generation, "repeat",
                       (int)token->repeat, "plain", (int)token->plain);
    if (encoding_url_of_hex(token->machine_key, key))
        (void)json_object_set_new(claims, "machine_key", json_string(key));
    text = jwt_sign(exchange->service->token_key, TYPE, claims);
    json_decref(claims);
    *ret = life;
    return text;
}

static bool
is_text(const json_t *claims, const char *name, const char *expected)
{
    const char *text = jwt_text(claims, name);

    return text != NULL && strcmp(text, expected) == 0;
}

static bool
is_bound(const json_t *claims, const struct credential *credential)
{
    char thumbprint[ENCODING_HASH_URL];

    return encoding_url_of_hex(credential->sha256, thumbprint) &&
           is_text(json_object_get(claims, "cnf"), "x5t#S256", thumbprint);
}

static bool
check_claims(struct exchange *exchange, const struct credential *credential,
             const json_t *claims, struct access_token *ret)
{
    char audience[VAULT_AUDIENCE_MAX];
    const json_t *key = json_object_get(claims, "machine_key");

    if (!is_bound(claims, credential))
        return exchange_refuse(
            exchange, REFUSAL_CERTIFICATE_MISMATCH,
            "the access token is for another certificate than the TLS "
            "client's");
    vault_audience(&credential->vault, audience);
    if (!is_text(claims, "iss", exchange->service->url) ||
        !is_text(claims, "aud", audience) ||
        !is_text(claims, "vault", credential->vault.id) ||
        !jwt_time(claims, "generation", &ret->generation) ||
        ret->generation != credential->generation ||
        !jwt_time(claims, "iat", &ret->from) ||
        !jwt_time(claims, "exp", &ret->to) ||
        (json_is_string(key) &&
         !encoding_hex_of_url(json_string_value(key), ret->machine_key)))
        return exchange_refuse(
            exchange, REFUSAL_TOKEN,
            "the access token is for something else; ask for one "
            "for this vault and credential");
    ret->repeat = json_is_true(json_object_get(claims, "repeat"));
    return !json_is_true(json_object_get(claims, "plain")) ||
           exchange_refuse(exchange, REFUSAL_TOKEN,
                           "the access token came of an assertion that names "
                           "no vault; ask for one with resource and vault");
}

bool
access_token_check_time(struct exchange *exchange,
                        const struct access_token *token)
{
    return (token->from <= exchange->now + LEEWAY &&
            token->to >= exchange->now) ||
           exchange_refuse(exchange, REFUSAL_TOKEN,
                           "the access token has expired; ask for another");
}

bool
access_token_check(struct exchange *exchange,
                   const struct credential *credential,
                   struct access_token *ret)
{
    const char *header = exchange_get(exchange, "Authorization");
    struct jwt jwt = {0};
    bool good;

    *ret = (struct access_token){0};
    if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0)
        return exchange_refuse(
            exchange, REFUSAL_TOKEN,
            "there is no access token; ask the token endpoint for "
            "one");
    good = jwt_parse(header + 7, &jwt) && is_text(jwt.header, "typ", TYPE) &&
           is_text(jwt.header, "alg", "ES256") &&
           jwt_verify(&jwt, exchange->service->token_key);
    if (good)
        good = check_claims(exchange, credential, jwt.claims, ret);
    else
        good = exchange_refuse(
            exchange, REFUSAL_TOKEN,
            "the access token is none of this vault's; ask its "
            "token endpoint for one");
    jwt_clear(&jwt);
    return good;
}
