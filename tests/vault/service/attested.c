/* SPDX-License-Identifier: Apache-2.0 */
/* The network process of the agent carries offer and evidence, and could leave
 * either out or bring another's: the proof, which the credential's key signs,
 * says what there must be. */
#include "tests/vault/service/attested.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

#include "tests/vault/attestation/ak_certificate.h"
#include "tests/vault/service/fault.h"

#define TAKEN "; somebody on the way took it away"

/* The parts of ATTESTED that follow from the challenge. */
static bool
prove(struct exchange *exchange, struct attested *attested)
{
    json_t *evidence = json_loads(attested->challenge.evidence,
                                  JSON_REJECT_DUPLICATES, NULL);
    bool good = admission_prove(exchange, &attested->admission,
                                &attested->challenge, evidence);

    json_decref(evidence);
    return good;
}

static bool
describe(struct exchange *exchange, struct attested *attested,
         const char *key_store)
{
    if (!admission_evidence(exchange, &attested->admission,
                            &attested->challenge, &attested->evidence))
        return exchange_fault(exchange);
    evidence_assure(key_store, &attested->evidence, &attested->assurance);
    return true;
}

/* --- evidence that comes --- */

static bool
check_challenge(struct exchange *exchange, const struct challenge *challenge,
                bool found)
{
    if (!found)
        return exchange_refuse(exchange, REFUSAL_NONCE,
                               "this vault made no challenge with such a "
                               "nonce; ask for one with an offer");
    if (strcmp(challenge->caller, exchange->record.certificate) != 0)
        return exchange_refuse(exchange, REFUSAL_EVIDENCE,
                               "its nonce was given to another certificate");
    if (exchange->now > challenge->expires)
        return exchange_refuse(exchange, REFUSAL_NONCE,
                               "the nonce is past its time; ask for another");
    if (challenge->evidence[0] != '\0' &&
        strcmp(challenge->evidence, exchange->body) != 0)
        return exchange_refuse(exchange, REFUSAL_NONCE,
                               "the challenge has been answered with other "
                               "evidence; ask for another nonce");
    return true;
}

static bool
read_nonce(struct exchange *exchange, char ret[static PROOF_NONCE_MAX])
{
    json_t *body;
    const char *nonce;
    bool good;

    if (!exchange_is(exchange, "application/json"))
        return exchange_refuse_type(exchange, "application/json");
    body = json_loadb(exchange->body, exchange->length, JSON_REJECT_DUPLICATES,
                      NULL);
    nonce = json_string_value(json_object_get(body, "nonce"));
    good = nonce != NULL && strlen(nonce) < PROOF_NONCE_MAX;
    if (good)
        (void)strcpy(ret, nonce);
    json_decref(body);
    return good || exchange_refuse(exchange, REFUSAL_REQUEST,
                                   "the body is no JSON with a nonce in it");
}

bool
attested_read_body(struct exchange *exchange, const char *vault,
                   struct attested *ret, bool *ret_known)
{
    char nonce[PROOF_NONCE_MAX];
    bool found;

    *ret = (struct attested){0};
    if (!read_nonce(exchange, nonce))
        return false;
    if (!challenge_find(exchange, nonce, &ret->challenge, &found))
        return exchange_fault(exchange);
    if (!check_challenge(exchange, &ret->challenge, found))
        return false;
    *ret_known = ret->challenge.evidence[0] != '\0';
    free(ret->challenge.evidence);
    ret->challenge.evidence = strdup(exchange->body);
    if (ret->challenge.evidence == NULL)
        return exchange_fault(exchange);
    return admission_begin(exchange, vault, ret->challenge.offer,
                           &ret->admission) &&
           prove(exchange, ret) && describe(exchange, ret, "");
}

/* --- what the proof says --- */

static bool
check_key_named(struct exchange *exchange, const struct proof *proof,
                const struct attested *attested)
{
    size_t length = 0;
    const uint8_t *name;
    char *text;
    bool same;

    if (attested->admission.offer == NULL)
        return proof->ak_name[0] == '\0' ||
               exchange_refuse(exchange, REFUSAL_PROOF,
                               "it names an attestation key, and no offer came "
                               "with its nonce" TAKEN);
    name = attestation_offer_ak_name(attested->admission.offer, &length);
    text = encoding_base64url(name, length);
    if (text == NULL)
        return exchange_fault(exchange);
    same = strcmp(text, proof->ak_name) == 0;
    free(text);
    return same ||
           exchange_refuse(exchange, REFUSAL_PROOF,
                           "it names no attestation key, or another than the "
                           "offer that came with its nonce; somebody on the "
                           "way changed that");
}

static bool
check_evidence_named(struct exchange *exchange, const struct proof *proof,
                     const struct attested *attested)
{
    const char *evidence = attested->challenge.evidence;
    char hash[ENCODING_HASH_HEX] = "";

    if (evidence == NULL || *evidence == '\0') {
        if (proof->evidence[0] != '\0')
            return exchange_refuse(exchange, REFUSAL_EVIDENCE,
                                   "the proof names evidence, and none came "
                                   "for its nonce" TAKEN);
        return !proof->require ||
               exchange_refuse(exchange, REFUSAL_EVIDENCE,
                               "the machine is to register with evidence "
                               "alone, and none came for its nonce" TAKEN);
    }
    if (!encoding_hash(evidence, strlen(evidence), hash))
        return exchange_fault(exchange);
    return strcmp(hash, proof->evidence) == 0 ||
           exchange_refuse(exchange, REFUSAL_EVIDENCE,
                           "the proof names no evidence, or other than came "
                           "for its nonce; somebody on the way changed that");
}

bool
attested_read_proof(struct exchange *exchange, const struct proof *proof,
                    const char *vault, const char *key, struct attested *ret)
{
    bool found;

    *ret = (struct attested){0};
    if (!challenge_find(exchange, proof->nonce, &ret->challenge, &found))
        return exchange_fault(exchange);
    if (!admission_begin(exchange, vault, ret->challenge.offer,
                         &ret->admission) ||
        !check_key_named(exchange, proof, ret) ||
        !check_evidence_named(exchange, proof, ret))
        return false;
    if (proof->evidence[0] != '\0' &&
        (!prove(exchange, ret) ||
         !admission_check_key(exchange, &ret->admission, key)))
        return false;
    return admission_check(exchange, &ret->admission, proof->key_store) &&
           describe(exchange, ret, proof->key_store);
}

/* --- of an enrolment that is repeated --- */

static bool
is_kept(struct exchange *exchange, const struct machine *machine,
        const char *hash)
{
    struct evidence evidence;
    char kept[ENCODING_HASH_HEX] = "";
    bool found =
        evidence_find(exchange->service->store, machine->uuid, &evidence) &&
        encoding_hash(evidence.statements, strlen(evidence.statements), kept);

    evidence_clear(&evidence);
    return found && strcmp(kept, hash) == 0;
}

bool
attested_read_repeat(struct exchange *exchange, const struct proof *proof,
                     const struct machine *machine, struct attested *ret)
{
    bool found;

    *ret = (struct attested){0};
    if (proof->evidence[0] == '\0' && !proof->require)
        return true;
    if (proof->evidence[0] != '\0' &&
        is_kept(exchange, machine, proof->evidence))
        return true;
    if (!challenge_find(exchange, proof->nonce, &ret->challenge, &found))
        return exchange_fault(exchange);
    return admission_begin(exchange, machine->vault, ret->challenge.offer,
                           &ret->admission) &&
           check_key_named(exchange, proof, ret) &&
           check_evidence_named(exchange, proof, ret) && prove(exchange, ret) &&
           admission_check_key(exchange, &ret->admission, machine->key) &&
           admission_check_single(exchange, &ret->admission, machine->name,
                                  machine->uuid) &&
           describe(exchange, ret, machine->key_store);
}

/* --- what is kept --- */

/* The certificate by which strangers believe the AK, which only an EK that the
 * owner trusts gets; NULL after a fault. */
static char *
certify_key(struct exchange *exchange, const struct attested *attested)
{
    const struct attestation_offer *offer = attested->admission.offer;
    const struct attestation_maker *maker = attestation_vouched_maker(
        offer, &attested->admission.judgement);
    struct ak_certificate_plan plan = {.key = attestation_offer_ak(offer),
                                       .manufacturer = maker->manufacturer,
                                       .model = maker->model,
                                       .version = maker->version,
                                       .now = exchange->now};
    X509 *certificate;
    unsigned char *der = NULL;
    char *hex = NULL;
    int length = 0;

    if (attested->evidence.proof != EVIDENCE_EK_VERIFIED)
        return strdup("");
    certificate = ak_certificate_make(&plan, exchange->service->attestation_ca,
                                      exchange->service->attestation_ca_key);
    if (certificate != NULL)
        length = i2d_X509(certificate, &der);
    if (length > 0)
        hex = malloc(2 * (size_t)length + 1);
    if (hex != NULL)
        encoding_hex(der, (size_t)length, hex);
    else
        fault_openssl("the certificate of an AK");
    OPENSSL_free(der);
    X509_free(certificate);
    return hex;
}

static bool
keep_evidence(struct exchange *exchange, const struct attested *attested,
              const char *uuid)
{
    struct evidence evidence = attested->evidence;
    bool done;

    evidence.ak_certificate = certify_key(exchange, attested);
    done = evidence.ak_certificate != NULL &&
           evidence_insert(exchange->service->store, uuid, &evidence);
    free(evidence.ak_certificate);
    return done;
}

bool
attested_keep(struct exchange *exchange, const struct attested *attested,
              const char *uuid)
{
    const struct assurance *assurance = &attested->assurance;

    json_decref(exchange->record.assurance);
    exchange->record.assurance = json_pack(
        "{s:s, s:s, s:b, s:s}", "origin", assurance->origin, "proof",
        assurance->proof, "emulated", (int)assurance->emulated, "ek",
        assurance->ek);
    return !attested->admission.proven ||
           keep_evidence(exchange, attested, uuid);
}

void
attested_clear(struct attested *attested)
{
    evidence_clear(&attested->evidence);
    admission_clear(&attested->admission);
    challenge_clear(&attested->challenge);
}
