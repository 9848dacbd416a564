/* SPDX-License-Identifier: Apache-2.0 */
/* Written from docs/attestation.md alone. */
#include "tests/vault/rules/attestation.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/x509.h>
#include <tss2/tss2_mu.h>

#include "tests/vault/rules/attestation_binding.h"
#include "tests/vault/rules/rules.h"

/* --- the offer --- */

struct attestation *
attestation_new(struct tpm *tpm)
{
    struct attestation *new = kept_new(sizeof *new);
    size_t length;
    const uint8_t *certificate = tpm_endorsement_certificate(tpm, &length);

    new->tpm = tpm;
    new->ak = tpm_create(tpm, TPM_ATTESTATION_KEY);
    new->machine = tpm_create(tpm, TPM_MACHINE_KEY);
    new->offer = kept_json(
        json_pack("{s:{s:s, s:s}, s:s}", "endorsement", "public",
                  attestation_public(tpm_endorsement(tpm)), "certificate",
                  statement_base64url(certificate, length), "key",
                  attestation_public(&new->ak->public)));
    return new;
}

void
attestation_ask_quote(struct attestation *attestation)
{
    assert_int_equal(
        json_object_set_new(attestation->offer, "pcrs", json_pack("[i]", 0)),
        0);
}

void
attestation_offer_key(struct attestation *attestation,
                      const struct tpm_key *key)
{
    statement_set(attestation->offer, "key", attestation_public(&key->public));
}

bool
attestation_opens(struct tpm *tpm, const struct tpm_key *ak,
                  const char *challenge)
{
    size_t length;
    uint8_t *bytes = attestation_decode(challenge, &length);
    uint8_t secret[32];

    return tpm_activate(tpm, ak, bytes, length, secret) == TSS2_RC_SUCCESS;
}

const char *
attestation_ek(const struct tpm *tpm)
{
    uint8_t digest[32];
    size_t length;
    uint8_t *der = attestation_key(tpm_endorsement_key(tpm), &length);

    attestation_hash(der, length, digest);
    return machine_hex(digest, sizeof digest);
}

const struct reply *
attestation_offer(struct customer *customer, const json_t *offer)
{
    struct request request = customer_nonce_request(customer);
    json_t *body = kept_json(json_loads(request.body, 0, NULL));
    const struct reply *reply;

    assert_int_equal(
        json_object_set_new(body, "attestation", json_deep_copy(offer)), 0);
    request.body = kept_memory(json_dumps(body, JSON_COMPACT));
    reply = connection_send(customer->line, &request);
    if (reply->status == 201)
        customer->nonce = reply_text(reply, "nonce");
    return reply;
}

void
attestation_open(struct attestation *attestation, const char *challenge)
{
    uint8_t secret[32];
    size_t length;
    uint8_t *bytes = attestation_decode(challenge, &length);

    attestation->challenge = challenge;
    tpm_succeed(
        tpm_activate(attestation->tpm, attestation->ak, bytes, length, secret));
    attestation->secret = statement_base64url(secret, sizeof secret);
}

const struct reply *
attestation_begin(struct customer *customer, struct attestation *attestation)
{
    const struct reply *reply = attestation_offer(customer, attestation->offer);

    if (reply->status == 201)
        attestation_open(attestation, reply_text(reply, "challenge"));
    return reply;
}

/* --- the evidence --- */

static json_t *
pack_statement(const struct tpm_statement *statement)
{
    uint8_t bytes[256];
    size_t length = 0;

    tpm_succeed(Tss2_MU_TPMT_SIGNATURE_Marshal(&statement->signature, bytes,
                                               sizeof bytes, &length));
    return json_pack("{s:s, s:s}", "statement",
                     statement_base64url(statement->statement.attestationData,
                                         statement->statement.size),
                     "signature", statement_base64url(bytes, length));
}

static json_t *
pack_creation(struct attestation *attestation,
              const uint8_t qualifying[static 32])
{
    struct tpm_statement statement = tpm_certify_creation(
        attestation->tpm, attestation->ak, qualifying);
    json_t *part = pack_statement(&statement);
    uint8_t bytes[512];
    size_t length = 0;

    tpm_succeed(Tss2_MU_TPMS_CREATION_DATA_Marshal(
        &attestation->ak->creation.creationData, bytes, sizeof bytes, &length));
    assert_int_equal(
        json_object_set_new(part, "data",
                            json_string(statement_base64url(bytes, length))),
        0);
    return part;
}

json_t *
attestation_evidence(struct attestation *attestation, const char *nonce,
                     const uint8_t qualifying[static 32])
{
    struct tpm_statement certified = tpm_certify(
        attestation->tpm, attestation->ak, attestation->machine, qualifying);
    json_t *machine = pack_statement(&certified);
    json_t *evidence, *part;
    struct tpm_statement quoted;
    uint8_t value[32];

    assert_int_equal(json_object_set_new(machine, "public",
                                         json_string(attestation_public(
                                             &attestation->machine->public))),
                     0);
    evidence = kept_json(json_pack("{s:s, s:s, s:o, s:o}", "nonce", nonce,
                                   "secret", attestation->secret, "creation",
                                   pack_creation(attestation, qualifying),
                                   "machine", machine));
    if (json_object_get(attestation->offer, "pcrs") != NULL) {
        quoted = tpm_quote(attestation->tpm, attestation->ak, qualifying,
                           value);
        part = pack_statement(&quoted);
        assert_int_equal(
            json_object_set_new(
                part, "values",
                json_pack("[s]", statement_base64url(value, sizeof value))),
            0);
        assert_int_equal(json_object_set_new(evidence, "quote", part), 0);
    }
    return evidence;
}

json_t *
attestation_rightful(struct attestation *attestation,
                     const struct customer *customer)
{
    uint8_t qualifying[32];

    attestation_qualify(customer->nonce, customer->vault.id,
                        attestation->machine->key,
                        customer->credential->certificate, qualifying);
    return attestation_evidence(attestation, customer->nonce, qualifying);
}

struct request
attestation_request(const struct customer *customer, const char *body)
{
    struct request request = customer_nonce_request(customer);

    request.url = kept_format("%senrolments/evidence",
                              customer->credential->endpoint);
    request.body = body;
    return request;
}

const struct reply *
attestation_send(struct customer *customer, struct attestation *attestation,
                 json_t *evidence)
{
    struct request request;

    attestation->evidence = evidence;
    attestation->body = kept_memory(json_dumps(evidence, JSON_COMPACT));
    request = attestation_request(customer, attestation->body);
    return connection_send(customer->line, &request);
}

/* --- M4 --- */

static const char *
name_key(const struct tpm_key *key)
{
    uint8_t bytes[1024];
    uint8_t name[34] = {0x00, 0x0b};
    size_t length = 0;

    tpm_succeed(Tss2_MU_TPMT_PUBLIC_Marshal(&key->public.publicArea, bytes,
                                            sizeof bytes, &length));
    attestation_hash(bytes, length, name + 2);
    return statement_base64url(name, sizeof name);
}

struct statement
attestation_proof(const struct customer *customer,
                  const struct attestation *attestation, const char *mode)
{
    struct statement proof = statement_proof(
        customer->credential, attestation->machine->key, customer->nonce);
    json_t *claim = json_pack("{s:s, s:s}", "mode", mode, "ak_name",
                              name_key(attestation->ak));
    uint8_t digest[32];

    if (attestation->body != NULL) {
        attestation_hash(attestation->body, strlen(attestation->body), digest);
        statement_set(claim, "evidence_sha256",
                      statement_base64url(digest, sizeof digest));
    }
    assert_int_equal(json_object_set_new(proof.claims, "attestation", claim),
                     0);
    assert_int_equal(
        json_object_set_new(proof.claims, "key_store",
                            json_pack("{s:s, s:s, s:b}", "kind", "tpm2",
                                      "origin", "born", "emulated", 1)),
        0);
    return proof;
}

const struct reply *
attestation_enrol_with(struct customer *customer,
                       struct attestation *attestation, struct statement proof)
{
    struct request request = customer_enrol_request(customer,
                                                    statement_sign(proof));
    const struct reply *reply;

    request.body = tpm_request(attestation->tpm, attestation->machine);
    reply = connection_send(customer->line, &request);
    if (reply->status == 200)
        customer->machine = machine_certificate(reply->body);
    return reply;
}

const struct reply *
attestation_enrol(struct customer *customer, struct attestation *attestation)
{
    return attestation_enrol_with(
        customer, attestation,
        attestation_proof(customer, attestation, "require"));
}

void
attestation_reach_evidence(struct customer *customer,
                           struct attestation *attestation)
{
    customer_reach_token(customer);
    expect_status(attestation_begin(customer, attestation), 201);
    expect_status(attestation_send(customer, attestation,
                                   attestation_rightful(attestation, customer)),
                  200);
}

void
attestation_register(struct customer *customer, struct attestation *attestation)
{
    attestation_reach_evidence(customer, attestation);
    expect_status(attestation_enrol(customer, attestation), 200);
}

struct customer *
attestation_customer(struct attestation *attestation)
{
    struct customer *customer = customer_with_token();

    expect_status(attestation_begin(customer, attestation), 201);
    return customer;
}

void
attestation_refuse(struct customer *customer, struct attestation *attestation,
                   json_t *evidence)
{
    expect_refused(attestation_send(customer, attestation, evidence),
                   "evidence");
    expect_status(attestation_send(customer, attestation,
                                   attestation_rightful(attestation, customer)),
                  200);
    expect_status(attestation_enrol(customer, attestation), 200);
}
