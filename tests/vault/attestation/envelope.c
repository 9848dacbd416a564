/* SPDX-License-Identifier: Apache-2.0 */
/* What the TPM signed goes in as it came.  Only what both sides compute anyway,
 * clientDataJSON and authData, is made anew from what they are computed of. */
#include "tests/vault/attestation/envelope.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tests/vault/attestation/webauthn.h"
#include "tests/vault/service/encoding.h"

#define HASH 32

/* TPM2_ALG_ECDSA, TPM2_ALG_SHA256 (TPM 2.0 Part 2, 11.3.4) */
static const uint8_t ecdsa_sha256[] = {0x00, 0x18, 0x00, 0x0b};

struct bytes {
    uint8_t *bytes; /* for free() */
    size_t length;
};

static bool
decode(const json_t *object, const char *name, struct bytes *ret)
{
    const json_t *text = json_object_get(object, name);

    ret->bytes = NULL;
    if (json_is_string(text))
        ret->bytes = encoding_from_base64url(
            json_string_value(text), json_string_length(text), &ret->length);
    return ret->bytes != NULL;
}

/* The next TPM2B_ECC_PARAMETER at AT, which moves behind it. */
static BIGNUM *
take_number(const struct bytes *signature, size_t *at)
{
    size_t length;
    const uint8_t *start;

    if (signature->length - *at < 2)
        return NULL;
    start = signature->bytes + *at;
    length = (size_t)start[0] << 8 | start[1];
    if (signature->length - *at - 2 < length || length > HASH)
        return NULL;
    *at += 2 + length;
    return BN_bin2bn(start + 2, (int)length, NULL);
}

/* TPMT_SIGNATURE as ECDSA-Sig-Value in DER (RFC 3279, 2.2.3). */
static bool
to_der(const struct bytes *signature, struct bytes *ret)
{
    size_t at = sizeof ecdsa_sha256;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = NULL;
    BIGNUM *s = NULL;
    unsigned char *der = NULL;
    int length = 0;

    *ret = (struct bytes){NULL, 0};
    if (signature->length > at &&
        memcmp(signature->bytes, ecdsa_sha256, at) == 0) {
        r = take_number(signature, &at);
        s = r != NULL ? take_number(signature, &at) : NULL;
    }
    if (pair != NULL && s != NULL && at == signature->length &&
        ECDSA_SIG_set0(pair, r, s) == 1) {
        r = s = NULL;
        length = i2d_ECDSA_SIG(pair, &der);
    }
    if (length > 0 && (ret->bytes = malloc((size_t)length)) != NULL) {
        ret->length = (size_t)length;
        memcpy(ret->bytes, der, ret->length);
    }
    OPENSSL_free(der);
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    return ret->bytes != NULL;
}

/* BYTES in base64url as a member; false without memory. */
static bool
set_bytes(json_t *object, const char *name, const void *bytes, size_t length)
{
    char *text = encoding_base64url(bytes, length);
    bool done = text != NULL &&
                json_object_set_new(object, name, json_string(text)) == 0;

    free(text);
    return done;
}

static bool
set_certificate(json_t *object, const char *name, const X509 *certificate)
{
    unsigned char *der = NULL;
    int length = i2d_X509(certificate, &der);
    bool done = length > 0 && set_bytes(object, name, der, (size_t)length);

    OPENSSL_free(der);
    return done;
}

/* The second encoding of one statement's signature. */
static bool
set_signature(json_t *object, const json_t *evidence, const char *name)
{
    const json_t *statement = json_object_get(evidence, name);
    struct bytes signature = {NULL, 0};
    struct bytes der = {NULL, 0};
    bool done = statement == NULL ||
                (decode(statement, "signature", &signature) &&
                 to_der(&signature, &der) &&
                 set_bytes(object, name, der.bytes, der.length));

    free(der.bytes);
    free(signature.bytes);
    return done;
}

static json_t *
signatures(const json_t *evidence)
{
    static const char *const names[] = {"creation", "machine", "credential",
                                        "quote"};
    json_t *object = json_object();

    for (size_t i = 0; object != NULL && i < sizeof names / sizeof names[0];
         i++)
        if (!set_signature(object, evidence, names[i])) {
            json_decref(object);
            return NULL;
        }
    return object;
}

/* The activation secret was good for one answer and proves nothing to a third
 * party; a file that people hand around has no secret in it. */
static json_t *
without_secret(const json_t *evidence)
{
    json_t *copy = json_deep_copy(evidence);

    if (copy != NULL)
        (void)json_object_del(copy, "secret");
    return copy;
}

static json_t *
verdict(const struct envelope_plan *plan)
{
    static const char *const words[] = {
        [ATTESTATION_UNKNOWN] = "unknown",
        [ATTESTATION_BY_CHAIN] = "chain",
        [ATTESTATION_BY_LIST] = "list",
    };

    return json_pack("{s:s, s:s, s:b, s:s}", "origin", plan->origin, "proof",
                     plan->proof, "emulated", plan->emulated ? 1 : 0,
                     "endorsement", words[plan->trusted]);
}

static json_t *
binding_inputs(const struct envelope_plan *plan, const struct bytes *spki,
               const struct attestation_binding *binding)
{
    json_t *object = json_pack("{s:s, s:s}", "nonce", plan->expected->nonce,
                               "vault", plan->expected->vault);

    if (object != NULL &&
        set_bytes(object, "machine_spki", spki->bytes, spki->length) &&
        set_bytes(object, "certificate_sha256",
                  plan->expected->certificate_sha256, HASH) &&
        set_bytes(object, "client_data", binding->client_data,
                  binding->client_data_length) &&
        set_bytes(object, "authenticator_data", binding->authenticator_data,
                  binding->authenticator_data_length))
        return object;
    json_decref(object);
    return NULL;
}

static json_t *
ak_certificates(const struct envelope_plan *plan)
{
    json_t *object = json_object();

    if (object != NULL &&
        set_certificate(object, "certificate", plan->ak_certificate) &&
        set_certificate(object, "authority", plan->authority))
        return object;
    json_decref(object);
    return NULL;
}

static json_t *
registration_of(const struct envelope_plan *plan, const struct bytes *spki,
                const struct attestation_binding *binding)
{
    const json_t *machine = json_object_get(plan->evidence, "machine");
    uint8_t id[HASH];
    struct bytes signature = {NULL, 0};
    struct bytes der = {NULL, 0};
    struct bytes statement = {NULL, 0};
    struct bytes area = {NULL, 0};
    unsigned char *certificate = NULL;
    int length = i2d_X509(plan->ak_certificate, &certificate);
    json_t *json = NULL;

    if (length > 0 && decode(machine, "signature", &signature) &&
        to_der(&signature, &der) && decode(machine, "statement", &statement) &&
        decode(machine, "public", &area) &&
        EVP_Digest(spki->bytes, spki->length, id, NULL, EVP_sha256(), NULL) ==
            1)
        json = webauthn_registration(&(struct webauthn_plan){
            .binding = binding,
            .id = {id, sizeof id},
            .statement = {statement.bytes, statement.length},
            .area = {area.bytes, area.length},
            .signature = {der.bytes, der.length},
            .certificate = {certificate, (size_t)length}});
    OPENSSL_free(certificate);
    free(area.bytes);
    free(statement.bytes);
    free(der.bytes);
    free(signature.bytes);
    return json;
}

/* Takes VALUE over; false where it is NULL. */
static bool
set(json_t *object, const char *name, json_t *value)
{
    return value != NULL && json_object_set_new(object, name, value) == 0;
}

static bool
fill(json_t *file, const struct envelope_plan *plan, const struct bytes *spki)
{
    struct attestation_binding binding;

    if (!attestation_bind(plan->expected, plan->machine_key, &binding))
        return false;
    return set(file, "verdict", verdict(plan)) &&
           set(file, "binding", binding_inputs(plan, spki, &binding)) &&
           set(file, "offer", json_deep_copy(plan->offer)) &&
           set(file, "evidence", without_secret(plan->evidence)) &&
           set(file, "signatures_der", signatures(plan->evidence)) &&
           (plan->ak_certificate == NULL ||
            (set(file, "attestation_key", ak_certificates(plan)) &&
             set(file, "webauthn", registration_of(plan, spki, &binding))));
}

static json_t *
head(const struct envelope_plan *plan)
{
    char text[sizeof "2026-11-30T12:00:00Z"];
    time_t at = (time_t)plan->time;
    struct tm utc;

    if (gmtime_r(&at, &utc) == NULL ||
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        return NULL;
    return json_pack("{s:s, s:i, s:s, s:s, s:s, s:{s:s, s:s}}", "format",
                     ENVELOPE_FORMAT, "version", ENVELOPE_VERSION, "vault",
                     plan->expected->vault, "machine", plan->machine, "time",
                     text, "verifier", "name", "vaultd", "version",
                     ATTESTATION_VERIFIER);
}

/* With a newline, as text files end. */
static char *
print(const json_t *file)
{
    char *text = json_dumps(file, JSON_INDENT(1));
    size_t length = text != NULL ? strlen(text) : 0;
    char *grown = text != NULL ? realloc(text, length + 2) : NULL;

    if (grown == NULL) {
        free(text);
        return NULL;
    }
    memcpy(grown + length, "\n", 2);
    return grown;
}

char *
envelope_make(const struct envelope_plan *plan)
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(plan->machine_key, &der);
    json_t *file = length > 0 ? head(plan) : NULL;
    char *text = NULL;

    if (file != NULL && fill(file, plan, &(struct bytes){der, (size_t)length}))
        text = print(file);
    json_decref(file);
    OPENSSL_free(der);
    return text;
}
