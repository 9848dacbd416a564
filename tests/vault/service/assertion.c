/* SPDX-License-Identifier: Apache-2.0 */
/* In this order: is it by the connection's certificate, is the signature good,
 * how does the credential stand, what does it claim, is it in time.  The
 * standing comes before the time: of an old file "expired" is the truth,
 * however far the clocks are apart. */
#include "tests/vault/service/assertion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tests/vault/service/clock.h"
#include "tests/vault/service/jwt.h"
#include "tests/vault/service/standing.h"
#include "tests/vault/service/store.h"

#define LIFE_MAX 600
#define LEEWAY 60
#define SHA1_LENGTH 20
#define JTI_MAX 128

void
assertion_endpoint(const struct service *service,
                   char ret[static ASSERTION_ENDPOINT_MAX])
{
    (void)snprintf(ret, ASSERTION_ENDPOINT_MAX, "%s/%s/oauth2/v2.0/token",
                   service->url, service->tenant);
}

/* x5t, the old thumbprint (RFC 7515, 4.1.7). */
static bool
is_sha1(X509 *certificate, const char *expected)
{
    uint8_t hash[SHA1_LENGTH];
    unsigned length = 0;
    char *text = NULL;
    bool same = X509_digest(certificate, EVP_sha1(), hash, &length) == 1 &&
                (text = encoding_base64url(hash, length)) != NULL &&
                strcmp(text, expected) == 0;

    free(text);
    return same;
}

static bool
check_thumbprint(struct exchange *exchange, const struct credential *credential,
                 const struct jwt *jwt)
{
    const char *alg = jwt_text(jwt->header, "alg");
    const char *sha256 = jwt_text(jwt->header, "x5t#S256");
    const char *sha1 = jwt_text(jwt->header, "x5t");
    char expected[ENCODING_HASH_URL] = "";

    /* Only RS256, which is for older servers, may do with SHA-1. */
    if (sha256 == NULL &&
        (sha1 == NULL || alg == NULL || strcmp(alg, "RS256") != 0))
        return exchange_refuse(exchange, REFUSAL_ASSERTION,
                               "its header names no certificate by x5t#S256");
    (void)encoding_url_of_hex(credential->sha256, expected);
    if ((sha256 != NULL && strcmp(sha256, expected) != 0) ||
        (sha1 != NULL && !is_sha1(credential->certificate, sha1)))
        return exchange_refuse(
            exchange, REFUSAL_CERTIFICATE_MISMATCH,
            "the assertion is by another certificate than the TLS client's");
    return true;
}

static bool
check_signature(struct exchange *exchange, const struct credential *credential,
                const struct jwt *jwt)
{
    const char *type = jwt_text(jwt->header, "typ");

    if (type == NULL || strcasecmp(type, "JWT") != 0)
        return exchange_refuse(exchange, REFUSAL_ASSERTION,
                               "it is not of the type JWT");
    if (!jwt_verify(jwt, X509_get0_pubkey(credential->certificate)))
        return exchange_refuse(exchange, REFUSAL_ASSERTION,
                               "its signature is not by the credential's key, "
                               "or not by an algorithm for it");
    return true;
}

/* machine_key as the database has it; "" where there is none. */
static bool
read_machine_key(struct exchange *exchange, const json_t *claims,
                 struct access_token *ret)
{
    const json_t *claim = json_object_get(claims, "machine_key");

    return claim == NULL ||
           (json_is_string(claim) &&
            encoding_hex_of_url(json_string_value(claim), ret->machine_key)) ||
           exchange_refuse(exchange, REFUSAL_ASSERTION,
                           "its machine_key is no hash");
}

static bool
check_text(struct exchange *exchange, const json_t *claims, const char *name,
           const char *expected)
{
    const char *text = jwt_text(claims, name);

    if (text == NULL || strcmp(text, expected) != 0)
        return exchange_refuse(exchange, REFUSAL_ASSERTION,
                               "its %s is not this vault's", name);
    return true;
}

static bool
check_claims(struct exchange *exchange, const struct credential *credential,
             const json_t *claims, const char *client)
{
    const struct vault *vault = &credential->vault;
    char endpoint[ASSERTION_ENDPOINT_MAX];
    char audience[VAULT_AUDIENCE_MAX];

    assertion_endpoint(exchange->service, endpoint);
    vault_audience(vault, audience);
    if (strcmp(client, vault->client) != 0)
        return exchange_refuse(exchange, REFUSAL_ASSERTION,
                               "client_id is not this vault's");
    return check_text(exchange, claims, "aud", endpoint) &&
           check_text(exchange, claims, "iss", vault->client) &&
           check_text(exchange, claims, "sub", vault->client) &&
           (exchange->certificate == NULL ||
            (check_text(exchange, claims, "resource", audience) &&
             check_text(exchange, claims, "vault", vault->id)));
}

static bool
check_time(struct exchange *exchange, const json_t *claims)
{
    char now[CLOCK_TEXT], begin[CLOCK_TEXT], end[CLOCK_TEXT];
    int64_t iat, nbf, exp;

    if (!jwt_time(claims, "iat", &iat) || !jwt_time(claims, "nbf", &nbf) ||
        !jwt_time(claims, "exp", &exp))
        return exchange_refuse(exchange, REFUSAL_ASSERTION,
                               "iat, nbf or exp is no number");
    if (exp < nbf || exp - nbf > LIFE_MAX)
        return exchange_refuse(exchange, REFUSAL_ASSERTION,
                               "it lives longer than %d seconds", LIFE_MAX);
    if (iat > exchange->now + LEEWAY || nbf > exchange->now + LEEWAY ||
        exp < exchange->now - LEEWAY)
        return exchange_refuse(exchange, REFUSAL_CLOCK,
                               "the assertion is for %s to %s, and by the "
                               "vault's clock it is %s",
                               clock_text(nbf, begin), clock_text(exp, end),
                               clock_text(exchange->now, now));
    return true;
}

/* A jti belongs to the certificate that used it first, until its exp. */
static bool
check_reuse(struct exchange *exchange, const struct credential *credential,
            const json_t *claims)
{
    struct store *store = exchange->service->store;
    const char *jti = jwt_text(claims, "jti");
    struct sqlite3_stmt *rows;
    bool foreign;
    int64_t exp;

    if (jti == NULL || *jti == '\0' || strlen(jti) > JTI_MAX ||
        !jwt_time(claims, "exp", &exp))
        return exchange_refuse(exchange, REFUSAL_ASSERTION, "it has no jti");
    if (!store_run(store, "DELETE FROM assertion WHERE expires < $1", "i",
                   exchange->now - LEEWAY) ||
        !store_run(store,
                   "INSERT INTO assertion (jti, sha256, expires)"
                   " VALUES ($1, $2, $3) ON CONFLICT (jti) DO NOTHING",
                   "ssi", jti, credential->sha256, exp))
        return exchange_fault(exchange);
    rows = store_rows(store,
                      "SELECT 1 FROM assertion"
                      " WHERE jti = $1 AND sha256 <> $2",
                      "ss", jti, credential->sha256);
    foreign = store_next(rows);
    store_done(&rows);
    return !foreign ||
           exchange_refuse(exchange, REFUSAL_ASSERTION,
                           "its jti was used with another certificate");
}

static bool
find_named(struct exchange *exchange, const struct jwt *jwt,
           struct credential *ret)
{
    const char *sha256 = jwt_text(jwt->header, "x5t#S256");
    char hex[ENCODING_HASH_HEX];

    if (json_object_get(jwt->claims, "resource") != NULL ||
        json_object_get(jwt->claims, "vault") != NULL)
        return exchange_refuse(exchange, REFUSAL_UNKNOWN_CERTIFICATE,
                               "the TLS client showed no certificate, as an "
                               "assertion for a vault demands");
    if (sha256 == NULL || !encoding_hex_of_url(sha256, hex) ||
        !credential_find(exchange->service->store, hex, NULL, ret))
        return exchange_refuse(exchange, REFUSAL_UNKNOWN_CERTIFICATE,
                               "no vault knows the assertion's certificate");
    (void)strcpy(exchange->record.vault, ret->vault.id);
    return true;
}

bool
assertion_credential(struct exchange *exchange, const char *text,
                     struct credential *ret)
{
    struct jwt jwt;
    bool parsed = jwt_parse(text, &jwt);
    bool found;

    *ret = (struct credential){0};
    found = parsed ? find_named(exchange, &jwt, ret)
                   : exchange_refuse(exchange, REFUSAL_ASSERTION,
                                     "it is no compact JWS");
    jwt_clear(&jwt);
    return found;
}

bool
assertion_check(struct exchange *exchange, const struct credential *credential,
                const char *text, const char *client, struct access_token *ret)
{
    struct jwt jwt;
    bool good = jwt_parse(text, &jwt);

    *ret = (struct access_token){.generation = credential->generation,
                                 .plain = exchange->certificate == NULL};
    jwt_signature_hash(&jwt, exchange->record.assertion_signature);
    if (good)
        good = check_thumbprint(exchange, credential, &jwt) &&
               check_signature(exchange, credential, &jwt) &&
               read_machine_key(exchange, jwt.claims, ret) &&
               standing_check(exchange, credential, ret->machine_key,
                              &ret->repeat) &&
               check_claims(exchange, credential, jwt.claims, client) &&
               check_time(exchange, jwt.claims) &&
               check_reuse(exchange, credential, jwt.claims);
    else
        exchange_refuse(exchange, REFUSAL_ASSERTION, "it is no compact JWS");
    jwt_clear(&jwt);
    return good;
}
