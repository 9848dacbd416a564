/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence that is the same as came before is answered as before: the answer
 * may have been lost on the way. */
#include "tests/vault/service/attestation_endpoint.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "tests/vault/service/access_token.h"
#include "tests/vault/service/attested.h"
#include "tests/vault/service/machine_endpoint.h"
#include "tests/vault/service/nonce.h"
#include "tests/vault/service/standing.h"
#include "tests/vault/service/store.h"

char *
attestation_endpoint_challenge(struct exchange *exchange,
                               const struct admission *admission,
                               const json_t *offer, const char *nonce,
                               int64_t expires)
{
    uint8_t secret[ATTESTATION_SECRET];
    char *text = NULL;

    if (RAND_bytes(secret, sizeof secret) == 1)
        text = attestation_challenge(admission->offer, secret);
    if (text != NULL &&
        !challenge_make(exchange, nonce, offer, secret, expires)) {
        free(text);
        text = NULL;
    }
    OPENSSL_cleanse(secret, sizeof secret);
    return text;
}

static void
answer(struct exchange *exchange, const struct assurance *assurance)
{
    exchange_json(exchange, 200,
                  json_pack("{s:s, s:s, s:b}", "origin", assurance->origin,
                            "proof", assurance->proof, "emulated",
                            (int)assurance->emulated));
}

void
attestation_endpoint_enrolment(struct exchange *exchange)
{
    struct credential credential;
    struct access_token token;
    struct attested attested = {0};
    bool repeat, known;

    if (access_token_credential(exchange, &credential) &&
        access_token_check(exchange, &credential, &token) &&
        standing_check(exchange, &credential, token.machine_key, &repeat) &&
        access_token_check_time(exchange, &token) &&
        attested_read_body(exchange, credential.vault.id, &attested, &known) &&
        admission_check_credential(exchange, &attested.admission)) {
        if (known || challenge_answer(exchange, &attested.challenge,
                                      attested.challenge.evidence))
            answer(exchange, &attested.assurance);
        else
            exchange_fault(exchange);
    }
    attested_clear(&attested);
    credential_clear(&credential);
}

/* --- a registered machine --- */

static void
give_challenge(struct exchange *exchange, const struct admission *admission,
               const json_t *offer)
{
    char nonce[ENCODING_HASH_URL];
    int64_t expires = exchange->now + NONCE_SECONDS;
    char *challenge = NULL;

    if (nonce_fresh(nonce))
        challenge = attestation_endpoint_challenge(exchange, admission, offer,
                                                   nonce, expires);
    if (challenge == NULL)
        exchange_fault(exchange);
    else
        exchange_json(exchange, 201,
                      json_pack("{s:s, s:I, s:s}", "nonce", nonce, "expires",
                                (json_int_t)expires, "challenge", challenge));
    free(challenge);
}

void
attestation_endpoint_offer(struct exchange *exchange)
{
    struct machine machine;
    struct admission admission = {0};
    json_t *offer = NULL;

    if (machine_endpoint_caller(exchange, &machine)) {
        if (!exchange_is(exchange, "application/json"))
            exchange_refuse_type(exchange, "application/json");
        else {
            offer = json_loadb(exchange->body, exchange->length,
                               JSON_REJECT_DUPLICATES, NULL);
            if (offer == NULL)
                exchange_refuse(exchange, REFUSAL_REQUEST,
                                "the body is no JSON with an offer");
            else if (admission_begin(exchange, machine.vault, offer,
                                     &admission) &&
                     admission_check_offer(exchange, &admission))
                give_challenge(exchange, &admission, offer);
        }
    }
    json_decref(offer);
    admission_clear(&admission);
    machine_clear(&machine);
}

/* In a transaction: another machine may bring the same TPM at this moment. */
static bool
take_evidence(struct exchange *exchange, const struct machine *machine,
              struct attested *attested)
{
    bool known;

    if (!attested_read_body(exchange, machine->vault, attested, &known) ||
        !admission_check_key(exchange, &attested->admission, machine->key) ||
        !admission_check(exchange, &attested->admission, machine->key_store) ||
        !admission_check_single(exchange, &attested->admission, machine->name,
                                machine->uuid))
        return false;
    evidence_assure(machine->key_store, &attested->evidence,
                    &attested->assurance);
    return known ||
           (challenge_answer(exchange, &attested->challenge,
                             attested->challenge.evidence) &&
            attested_keep(exchange, attested, machine->uuid)) ||
           exchange_fault(exchange);
}

void
attestation_endpoint_evidence(struct exchange *exchange)
{
    struct store *store = exchange->service->store;
    struct machine machine = {0};
    struct attested attested = {0};

    if (!store_begin(store)) {
        exchange_fault(exchange);
        return;
    }
    if (!machine_endpoint_caller(exchange, &machine) ||
        !take_evidence(exchange, &machine, &attested))
        store_rollback(store);
    else if (!store_commit(store))
        exchange_fault(exchange);
    else
        answer(exchange, &attested.assurance);
    attested_clear(&attested);
    machine_clear(&machine);
}
