/* SPDX-License-Identifier: Apache-2.0 */
/* The statements of holdfast-token: each is built or checked here, after the
 * matrix has let it pass.  Nothing here signs bytes as they came. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/rand.h>
#include <openssl/x509.h>

#include "agent/statement/certificate_request.h"
#include "agent/statement/jws.h"
#include "agent/token/token.h"
#include "keystore/base/hex.h"
#include "keystore/store/signature.h"

#define UUID_LENGTH 36

_Static_assert(LAYOUT_NONCE == STATEMENT_NONCE_LENGTH &&
                   LAYOUT_SIGNATURE_MAX == KEYSTORE_SIGNATURE_MAX &&
                   LAYOUT_REQUEST_MAX == CERTIFICATE_REQUEST_MAX &&
                   LAYOUT_JWS_MAX == JWS_MAX - 1,
               "messages hold what is signed");

/* A random UUID (RFC 9562, version 4). */
static bool
make_uuid(char ret[static UUID_LENGTH + 1])
{
    uint8_t r[16];

    if (RAND_bytes(r, sizeof r) != 1)
        return false;
    r[6] = (uint8_t)((r[6] & 0x0f) | 0x40);
    r[8] = (uint8_t)((r[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof r; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *ret++ = '-';
        hex_write(ret, r + i, 1);
        ret += 2;
    }
    return true;
}

/* x5t#S256, or x5t with the older RS256 (RFC 7515, 4.1.7 and 4.1.8). */
static json_t *
assertion_header(const struct token *token)
{
    X509 *certificate = token->identity[STATEMENT_CREDENTIAL].certificate;
    bool old = token->plan.scheme == KEYSTORE_RS256;
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    char text[4 * EVP_MAX_MD_SIZE / 3 + 4];

    if (X509_digest(certificate, old ? EVP_sha1() : EVP_sha256(), hash,
                    &length) != 1)
        return NULL;
    jws_base64url(hash, length, text);
    return json_pack("{s:s, s:s}", "typ", "JWT", old ? "x5t" : "x5t#S256",
                     text);
}

static json_t *
assertion_claims(const struct token_plan *plan)
{
    char uuid[UUID_LENGTH + 1];
    char hash[JWS_HASH_TEXT_LENGTH + 2];
    json_int_t now = (json_int_t)time(NULL);
    json_t *claims;

    if (!make_uuid(uuid))
        return NULL;
    claims = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:s}", "aud",
                       plan->token_endpoint, "iss", plan->client_id, "sub",
                       plan->client_id, "jti", uuid, "iat", now, "nbf", now,
                       "exp", now + JWS_LIFETIME, "resource", plan->resource,
                       "vault", plan->vault);
    if (claims != NULL && plan->resumes) {
        jws_base64url(plan->machine_key, sizeof plan->machine_key, hash);
        if (json_object_set_new(claims, "machine_key", json_string(hash)) !=
            0) {
            json_decref(claims);
            return NULL;
        }
    }
    return claims;
}

static enum ks_err
sign_assertion(struct token *token, struct msg *msg, struct err_cause *cause)
{
    struct layout_sign_assertion request;
    struct keystore_key *key;
    char *text = NULL;
    enum ks_err rc = layout_sign_assertion_take(msg, &request, cause);

    if (rc == KS_OK &&
        (token->plan.token_endpoint[0] == '\0' ||
         strcmp(request.audience, token->plan.token_endpoint) != 0))
        rc = err_set(cause, KS_ERR_STATEMENT,
                     "an assertion for another audience");
    if (rc == KS_OK)
        rc = token_permit(token, request.identity, STATEMENT_ASSERTION, &key,
                          cause);
    if (rc != KS_OK)
        return rc;
    rc = jws_sign(key, token->plan.scheme, assertion_header(token),
                  assertion_claims(&token->plan), &text, cause);
    if (rc == KS_OK)
        LAYOUT_PUT(msg, sign_assertion_answer, text);
    free(text);
    return rc;
}

static enum ks_err
sign_handshake(struct token *token, struct msg *msg, struct err_cause *cause)
{
    struct keystore_signature signature, standard;
    struct layout_sign_handshake request;
    enum ks_err rc = layout_sign_handshake_take(msg, &request, cause);
    const struct layout_bytes *content = &request.content;
    enum keystore_scheme scheme = scheme_of_tls(request.scheme);
    struct keystore_key *key;

    if (rc == KS_OK &&
        (scheme == 0 || !statement_is_handshake(content->at, content->length)))
        rc = err_set(cause, KS_ERR_STATEMENT,
                     "not a TLS 1.3 client CertificateVerify");
    if (rc == KS_OK)
        rc = token_permit(token, request.identity, STATEMENT_HANDSHAKE, &key,
                          cause);
    if (rc == KS_OK)
        rc = statement_sign(
            key, scheme,
            &(struct statement_bytes){.content = content->at,
                                      .length = content->length},
            &signature, cause);
    if (rc == KS_OK && !signature_standard(scheme, &signature, &standard))
        rc = err_set(cause, KS_ERR_TOKEN_FAILED, "its signature is malformed");
    if (rc == KS_OK)
        LAYOUT_PUT(msg, sign_handshake_answer,
                   {standard.bytes, standard.length});
    return rc;
}

enum ks_err
token_net(void *context, struct msg *msg, struct err_cause *cause)
{
    switch (msg_type(msg)) {
    case SIGN_HANDSHAKE:
        return sign_handshake(context, msg, cause);
    case SIGN_ASSERTION:
        return sign_assertion(context, msg, cause);
    default:
        return err_set(cause, KS_ERR_STATEMENT, "not on the net channel");
    }
}

/* The store's description of itself and of the machine key, for the vault. */
static json_t *
describe_store(struct token *token, struct keystore_key *key)
{
    const struct keystore_info *store = keystore_info(token->ks);
    struct keystore_key_info info;

    if (keystore_describe(key, &info, NULL) != KS_OK)
        return NULL;
    return json_pack("{s:s, s:s, s:b}", "kind", store->kind->scheme, "origin",
                     info.origin == KEYSTORE_BORN ? "born" : "imported",
                     "emulated", (int)store->emulated);
}

static bool
spki_text(struct keystore_key *key, char ret[static JWS_HASH_TEXT_LENGTH + 2])
{
    uint8_t hash[32];

    if (jws_spki_hash(keystore_key_public(key), hash, NULL) != KS_OK)
        return false;
    jws_base64url(hash, sizeof hash, ret);
    return true;
}

enum ks_err
token_enrolment_proof(struct token *token, struct msg *msg,
                      struct err_cause *cause)
{
    struct layout_token_enrol request;
    struct keystore_key *machine = token->identity[STATEMENT_MACHINE].key;
    struct keystore_key *key;
    json_int_t now = (json_int_t)time(NULL);
    char spki[JWS_HASH_TEXT_LENGTH + 2];
    json_t *claims;
    char *text = NULL;
    enum ks_err rc = layout_token_enrol_take(msg, &request, cause);

    if (rc == KS_OK && (machine == NULL || !spki_text(machine, spki)))
        rc = err_set(cause, KS_ERR_STATEMENT, "no machine key to vouch for");
    if (rc == KS_OK)
        rc = token_permit(token, STATEMENT_CREDENTIAL, STATEMENT_ENROLMENT,
                          &key, cause);
    if (rc != KS_OK)
        return rc;
    claims = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:o}", "purpose",
                       "enrol", "vault", token->plan.vault, "spki_sha256", spki,
                       "nonce", request.nonce, "iat", now, "exp",
                       now + JWS_LIFETIME, "key_store",
                       describe_store(token, machine), "attestation",
                       token_attestation_claim(token));
    rc = jws_sign(key, token->plan.scheme,
                  json_pack("{s:s}", "typ", "enrolment-proof+jwt"), claims,
                  &text, cause);
    if (rc == KS_OK)
        LAYOUT_PUT(msg, token_enrol_answer, text);
    free(text);
    return rc;
}

/* The vault's words on the machine's key, and whose EK stood behind them. */
static json_t *
receipt_proof(const struct layout_token_receipt *receipt)
{
    char ek[JWS_HASH_TEXT_LENGTH + 2];
    json_t *proof = json_pack("{s:s}", "word", receipt->proof);

    if (proof == NULL || receipt->ek_sha256.length != LAYOUT_HASH)
        return proof;
    jws_base64url(receipt->ek_sha256.at, LAYOUT_HASH, ek);
    if (json_object_set_new(proof, "ek_sha256", json_string(ek)) == 0)
        return proof;
    json_decref(proof);
    return NULL;
}

static json_t *
receipt_claims(struct token *token, struct keystore_key *key,
               const struct layout_token_receipt *receipt)
{
    const struct keystore_info *store = keystore_info(token->ks);
    char file[JWS_HASH_TEXT_LENGTH + 2];
    char certificate[JWS_HASH_TEXT_LENGTH + 2];
    char spki[JWS_HASH_TEXT_LENGTH + 2];

    if (!spki_text(key, spki))
        return NULL;
    jws_base64url(receipt->file_sha256, LAYOUT_HASH, file);
    jws_base64url(receipt->certificate_sha256, LAYOUT_HASH, certificate);
    return json_pack(
        "{s:s, s:s, s:s, s:I, s:{s:s, s:s}, s:{s:I, s:s}, s:s, s:o, s:o, "
        "s:{s:s, s:s, s:s, s:s}, s:s}",
        "vault", receipt->vault, "vault_name", receipt->vault_name, "machine",
        receipt->machine, "registered", (json_int_t)receipt->registered_at,
        "credential", "file_sha256", file, "certificate_sha256", certificate,
        "wipe", "at", (json_int_t)receipt->wiped_at, "outcome",
        receipt->wipe_outcome, "spki_sha256", spki, "key_store",
        describe_store(token, key), "proof", receipt_proof(receipt), "token",
        "label", store->label, "maker", store->maker, "model", store->model,
        "serial", store->serial, "software", "holdfast " HOLDFAST_VERSION);
}

enum ks_err
token_receipt(struct token *token, struct msg *msg, struct err_cause *cause)
{
    struct layout_token_receipt request;
    struct keystore_key *key;
    enum keystore_scheme scheme;
    char *text = NULL;
    enum ks_err rc = layout_token_receipt_take(msg, &request, cause);

    if (rc == KS_OK)
        rc = token_permit(token, STATEMENT_MACHINE, STATEMENT_RECEIPT, &key,
                          cause);
    if (rc != KS_OK)
        return rc;
    scheme = scheme_of_key(keystore_key_public(key));
    rc = jws_sign(key, scheme,
                  json_pack("{s:s}", "typ", "holdfast-receipt+jwt"),
                  receipt_claims(token, key, &request), &text, cause);
    if (rc == KS_OK)
        LAYOUT_PUT(msg, token_receipt_answer, text);
    free(text);
    return rc;
}

enum ks_err
token_request(struct token *token, struct msg *msg, struct err_cause *cause)
{
    uint8_t der[CERTIFICATE_REQUEST_MAX];
    size_t length;
    struct keystore_key *key;
    enum keystore_scheme scheme;
    enum ks_err rc = layout_bare_take(msg, cause);

    if (rc == KS_OK)
        rc = token_permit(token, STATEMENT_MACHINE, STATEMENT_REQUEST, &key,
                          cause);
    if (rc != KS_OK)
        return rc;
    /* PKCS#1 v1.5 in a request: what every certification authority reads; PSS
     * where the token has nothing else. */
    scheme = scheme_of_key(keystore_key_public(key));
    if (scheme == KEYSTORE_PS256)
        scheme = KEYSTORE_RS256;
    rc = certificate_request_make(key, scheme, der, &length, cause);
    if (rc == KS_ERR_TOKEN_UNSUPPORTED && scheme == KEYSTORE_RS256)
        rc = certificate_request_make(key, KEYSTORE_PS256, der, &length, cause);
    if (rc == KS_OK)
        LAYOUT_PUT(msg, token_request_answer, {der, length});
    return rc;
}

enum ks_err
token_prove(struct token *token, struct msg *msg, struct err_cause *cause)
{
    struct layout_token_prove request;
    struct keystore_signature signature;
    struct keystore_key *key;
    enum keystore_scheme scheme;
    enum ks_err rc = layout_token_prove_take(msg, &request, cause);

    if (rc == KS_OK)
        rc = token_permit(token, request.identity, STATEMENT_PROOF, &key,
                          cause);
    if (rc != KS_OK)
        return rc;
    scheme = scheme_of_key(keystore_key_public(key));
    rc = statement_sign(key, scheme,
                        &(struct statement_bytes){STATEMENT_PROOF_PREFIX,
                                                  request.nonce,
                                                  STATEMENT_NONCE_LENGTH},
                        &signature, cause);
    if (rc == KS_OK)
        LAYOUT_PUT(msg, token_prove_answer, scheme,
                   {signature.bytes, signature.length});
    return rc;
}
