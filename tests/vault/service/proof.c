/* SPDX-License-Identifier: Apache-2.0 */
/* Without it a hostile network process could enrol a key of its own over the
 * rightful connection. */
#include "tests/vault/service/proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

#include "tests/vault/service/clock.h"
#include "tests/vault/service/jwt.h"

#define HEADER "Enrolment-Proof"
#define TYPE "enrolment-proof+jwt"
#define LIFE_MAX 600
#define LEEWAY 60

static bool
check_text(struct exchange *exchange, const json_t *claims, const char *name,
           const char *expected)
{
    const char *text = jwt_text(claims, name);

    if (text == NULL || strcmp(text, expected) != 0)
        return exchange_refuse(exchange, REFUSAL_PROOF,
                               "its %s is another than this enrolment's", name);
    return true;
}

static bool
check_signature(struct exchange *exchange, const struct credential *credential,
                const struct jwt *jwt)
{
    const char *type = jwt_text(jwt->header, "typ");

    if (type == NULL || strcmp(type, TYPE) != 0)
        return exchange_refuse(exchange, REFUSAL_PROOF,
                               "it is not of the type " TYPE);
    return jwt_verify(jwt, X509_get0_pubkey(credential->certificate)) ||
           exchange_refuse(exchange, REFUSAL_PROOF,
                           "its signature is not by the credential's key");
}

static bool
read_time(struct exchange *exchange, const json_t *claims, struct proof *ret)
{
    if (!jwt_time(claims, "iat", &ret->from) ||
        !jwt_time(claims, "exp", &ret->to))
        return exchange_refuse(exchange, REFUSAL_PROOF,
                               "iat or exp is no number");
    if (ret->to < ret->from || ret->to - ret->from > LIFE_MAX)
        return exchange_refuse(exchange, REFUSAL_PROOF,
                               "it lives longer than %d seconds", LIFE_MAX);
    return true;
}

bool
proof_check_time(struct exchange *exchange, const struct proof *proof)
{
    char now[CLOCK_TEXT], begin[CLOCK_TEXT], end[CLOCK_TEXT];

    if (proof->from > exchange->now + LEEWAY ||
        proof->to < exchange->now - LEEWAY)
        return exchange_refuse(exchange, REFUSAL_CLOCK,
                               "the proof is for %s to %s, and by the vault's "
                               "clock it is %s",
                               clock_text(proof->from, begin),
                               clock_text(proof->to, end),
                               clock_text(exchange->now, now));
    return true;
}

static bool
is_one_of(const char *text, const char *const *words)
{
    while (text != NULL && *words != NULL)
        if (strcmp(text, *words++) == 0)
            return true;
    return false;
}

/* The three members that docs/protocol.md names, and no others. */
static bool
read_key_store(struct exchange *exchange, const json_t *claims,
               struct proof *ret)
{
    static const char *const kinds[] = {"pkcs11", "tpm2", "soft", NULL};
    static const char *const origins[] = {"born", "imported", NULL};
    const json_t *claim = json_object_get(claims, "key_store");
    const char *kind = jwt_text(claim, "kind");
    const char *origin = jwt_text(claim, "origin");
    const json_t *emulated = json_object_get(claim, "emulated");
    size_t length;

    if (!is_one_of(kind, kinds) || !is_one_of(origin, origins) ||
        !json_is_boolean(emulated))
        return exchange_refuse(exchange, REFUSAL_PROOF,
                               "it does not say where the machine key lives");
    exchange->record.key_store = json_pack("{s:s, s:s, s:b}", "kind", kind,
                                           "origin", origin, "emulated",
                                           (int)json_is_true(emulated));
    length = json_dumpb(exchange->record.key_store, ret->key_store,
                        sizeof ret->key_store - 1, JSON_COMPACT);
    return (length > 0 && length < sizeof ret->key_store) ||
           exchange_fault(exchange);
}

/* Absent, as of agents that know none, or as docs/attestation.md has it. */
static bool
read_attestation(struct exchange *exchange, const json_t *claims,
                 struct proof *ret)
{
    static const char *const modes[] = {"off", "try", "require", NULL};
    const json_t *claim = json_object_get(claims, "attestation");
    const json_t *name = json_object_get(claim, "ak_name");
    const json_t *hash = json_object_get(claim, "evidence_sha256");
    const char *mode = jwt_text(claim, "mode");

    if (claim == NULL)
        return true;
    if (!is_one_of(mode, modes) || (name != NULL && !json_is_string(name)) ||
        json_string_length(name) >= sizeof ret->ak_name ||
        (hash != NULL &&
         (!json_is_string(hash) ||
          !encoding_hex_of_url(json_string_value(hash), ret->evidence))))
        return exchange_refuse(exchange, REFUSAL_PROOF,
                               "its claim attestation is none");
    if (name != NULL)
        (void)strcpy(ret->ak_name, json_string_value(name));
    ret->require = strcmp(mode, "require") == 0;
    return true;
}

static bool
read_nonce(struct exchange *exchange, const json_t *claims, struct proof *ret)
{
    const char *nonce = jwt_text(claims, "nonce");

    if (nonce == NULL || strlen(nonce) >= sizeof ret->nonce)
        return exchange_refuse(exchange, REFUSAL_PROOF, "it has no nonce");
    (void)strcpy(ret->nonce, nonce);
    return true;
}

bool
proof_check(struct exchange *exchange, const struct credential *credential,
            const char *key, struct proof *ret)
{
    const char *text = exchange_get(exchange, HEADER);
    char spki[ENCODING_HASH_URL] = "";
    struct jwt jwt = {0};
    bool good;

    *ret = (struct proof){0};
    if (text == NULL)
        return exchange_refuse(exchange, REFUSAL_PROOF,
                               "there is no " HEADER " header");
    good = jwt_parse(text, &jwt) && encoding_url_of_hex(key, spki);
    jwt_signature_hash(&jwt, exchange->record.proof_signature);
    if (good)
        good = check_signature(exchange, credential, &jwt) &&
               check_text(exchange, jwt.claims, "purpose", "enrol") &&
               check_text(exchange, jwt.claims, "vault",
                          credential->vault.id) &&
               check_text(exchange, jwt.claims, "spki_sha256", spki) &&
               read_nonce(exchange, jwt.claims, ret) &&
               read_key_store(exchange, jwt.claims, ret) &&
               read_attestation(exchange, jwt.claims, ret) &&
               read_time(exchange, jwt.claims, ret);
    else
        exchange_refuse(exchange, REFUSAL_PROOF, "it is no compact JWS");
    jwt_clear(&jwt);
    return good;
}
