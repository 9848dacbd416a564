/* SPDX-License-Identifier: Apache-2.0 */
/* What counts for M4 is decided inside one transaction, with everything read
 * anew: a download or a revocation in between has been, or comes after. */
#include "tests/vault/service/enrolment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tests/vault/service/access_token.h"
#include "tests/vault/service/attested.h"
#include "tests/vault/service/certification_request.h"
#include "tests/vault/service/clock.h"
#include "tests/vault/service/csr_attributes.h"
#include "tests/vault/service/lever.h"
#include "tests/vault/service/nonce.h"
#include "tests/vault/service/pki.h"
#include "tests/vault/service/proof.h"
#include "tests/vault/service/store.h"

#define DAY (INT64_C(24) * 3600)
#define LIFE "365" /* days */
#define BACKDATE 600
#define EST_TYPE "application/pkcs7-mime; smime-type=certs-only"
#define ATTRIBUTES_TYPE "application/csrattrs"

/* What an enrolment is asked for with, once each is checked by itself. */
struct enrolment {
    struct credential credential;
    struct access_token token;
    EVP_PKEY *key;
    char key_hash[ENCODING_HASH_HEX];
    struct proof proof;
    struct attested attested;
};

/* The vault that the path names. */
static bool
need_vault(struct exchange *exchange)
{
    struct vault vault;

    return vault_find(exchange->service->store, exchange->vault, &vault) ||
           exchange_refuse(exchange, REFUSAL_ABSENT, "there is no such vault");
}

void
enrolment_authorities(struct exchange *exchange)
{
    if (need_vault(exchange))
        exchange_text(exchange, 200, EST_TYPE,
                      pki_certs_only(exchange->service->machine_ca));
}

void
enrolment_attributes(struct exchange *exchange)
{
    if (need_vault(exchange))
        exchange_text(exchange, 200, ATTRIBUTES_TYPE, csr_attributes());
}

void
enrolment_unknown(struct exchange *exchange)
{
    exchange_refuse(exchange, REFUSAL_ABSENT,
                    "this is no operation of EST that this service has: "
                    "cacerts, csrattrs and simpleenroll, each below "
                    "/.well-known/est/VAULT/");
}

/* A certificate as docs/protocol.md describes it, for a new machine. */
static X509 *
make_certificate(const struct exchange *exchange, const struct vault *vault,
                 const struct machine *machine, EVP_PKEY *key)
{
    char uri[16 + ENCODING_UUID];
    struct pki_plan plan = {.organization = vault->name,
                            .unit = vault->id,
                            .common_name = machine->uuid,
                            .alternative = uri,
                            .usage = "clientAuth",
                            .from = exchange->now - BACKDATE,
                            .to = machine->expires};

    (void)snprintf(uri, sizeof uri, "URI:urn:uuid:%s", machine->uuid);
    return pki_certificate(&plan, key, exchange->service->machine_ca,
                           exchange->service->machine_ca_key);
}

/* The place that a new machine takes: that of the machine it was downloaded to
 * replace, or else of the one that had its key; otherwise one of its own.  A
 * name gives none. */
static bool
take_place(struct exchange *exchange, const struct credential *credential,
           struct machine *machine)
{
    struct store *store = exchange->service->store;
    struct machine earlier;
    bool found = credential->replaces[0] != '\0'
                     ? machine_find_uuid(store, credential->replaces, &earlier)
                     : machine_find_key(store, credential->vault.id,
                                        machine->key, &earlier);
    bool done;

    if (found && strcmp(earlier.vault, credential->vault.id) == 0) {
        machine->repository = earlier.repository;
        done = machine_replace(store, earlier.uuid);
    } else
        done = repository_make(store, credential->vault.id,
                               &machine->repository);
    machine_clear(&earlier);
    return done;
}

/* Days that a new machine's certificate is good for. */
static int64_t
life(struct store *store)
{
    char text[16] = LIFE;

    (void)store_get(store, LEVER_MACHINE_DAYS, text, sizeof text);
    return strtoll(text, NULL, 10);
}

static bool
make_machine(struct exchange *exchange, const struct enrolment *enrolment,
             struct machine *machine)
{
    const struct credential *credential = &enrolment->credential;
    struct store *store = exchange->service->store;

    if (!encoding_uuid(machine->uuid))
        return exchange_fault(exchange);
    machine->credential = credential->id;
    machine->registered = exchange->now;
    machine->expires = exchange->now + life(store) * DAY;
    machine->state = MACHINE_REGISTERED;
    (void)strcpy(machine->vault, credential->vault.id);
    (void)strcpy(machine->key, enrolment->key_hash);
    (void)strcpy(machine->key_store, enrolment->proof.key_store);
    machine->certificate = make_certificate(exchange, &credential->vault,
                                            machine, enrolment->key);
    if (machine->certificate == NULL ||
        !take_place(exchange, credential, machine))
        return exchange_fault(exchange);
    /* Whose place was taken is no longer registered with this TPM. */
    if (!admission_check_single(exchange, &enrolment->attested.admission,
                                machine->name, ""))
        return false;
    return (machine_insert(store, machine) &&
            attested_keep(exchange, &enrolment->attested, machine->uuid) &&
            challenge_end(exchange, &enrolment->attested.challenge) &&
            (!credential->one_machine ||
             credential_retire(store, credential->id))) ||
           exchange_fault(exchange);
}

/* Rule 6: the machine that this credential enrolled for this key before. */
static bool
check_repeat(struct exchange *exchange, const struct credential *credential,
             const struct machine *machine)
{
    if (credential->revoked)
        return exchange_refuse(exchange, REFUSAL_REVOKED,
                               "this credential was revoked");
    if (machine->state != MACHINE_REGISTERED)
        return exchange_refuse(
            exchange, REFUSAL_MACHINE_REVOKED,
            "the machine is no longer registered; register it "
            "with a new credentials file");
    return true;
}

static bool
check_standing(struct exchange *exchange, const struct credential *credential)
{
    char sentence[CREDENTIAL_SENTENCE];
    enum refusal refusal = credential_standing(credential, exchange->now,
                                               sentence);

    return refusal == REFUSAL_NONE ||
           exchange_refuse(exchange, refusal, "%s", sentence);
}

/* Evidence that the first time did not have is kept: the machine has been told
 * that it is good, and will say so. */
static bool
repeat_machine(struct exchange *exchange, struct enrolment *enrolment,
               const struct machine *machine)
{
    struct attested *attested = &enrolment->attested;
    char name[MACHINE_NAME_MAX];

    if (!attested_read_repeat(exchange, &enrolment->proof, machine, attested))
        return false;
    if (!attested->admission.proven)
        return true;
    return nonce_take(exchange, enrolment->credential.id,
                      enrolment->proof.nonce, name) &&
           ((attested_keep(exchange, attested, machine->uuid) &&
             challenge_end(exchange, &attested->challenge)) ||
            exchange_fault(exchange));
}

/* In the transaction.  The machine is looked for first: where it is there, this
 * is a repeat, and the credential's standing no longer matters. */
static bool
enrol(struct exchange *exchange, struct enrolment *enrolment,
      struct machine *machine)
{
    struct credential *credential = &enrolment->credential;
    bool repeat;

    exchange->now = clock_now(exchange->service->store);
    credential_clear(credential);
    if (!access_token_credential(exchange, credential))
        return false;
    if (enrolment->token.repeat &&
        strcmp(enrolment->token.machine_key, enrolment->key_hash) != 0)
        return exchange_refuse(exchange, REFUSAL_TOKEN,
                               "the access token is for an earlier enrolment "
                               "alone; ask for one with this machine key");
    repeat = machine_find(exchange->service->store, credential->id,
                          enrolment->key_hash, machine);
    if (!(repeat ? check_repeat(exchange, credential, machine)
                 : check_standing(exchange, credential)) ||
        !access_token_check_time(exchange, &enrolment->token) ||
        !proof_check_time(exchange, &enrolment->proof))
        return false;
    if (repeat)
        return repeat_machine(exchange, enrolment, machine);
    return nonce_take(exchange, credential->id, enrolment->proof.nonce,
                      machine->name) &&
           attested_read_proof(exchange, &enrolment->proof,
                               credential->vault.id, enrolment->key_hash,
                               &enrolment->attested) &&
           make_machine(exchange, enrolment, machine);
}

static void
enrol_at_once(struct exchange *exchange, struct enrolment *enrolment)
{
    struct store *store = exchange->service->store;
    struct machine machine = {0};
    bool done;

    if (!store_begin(store)) {
        exchange_fault(exchange);
        return;
    }
    done = enrol(exchange, enrolment, &machine);
    if (!done)
        store_rollback(store);
    else if (!store_commit(store))
        exchange_fault(exchange);
    else {
        (void)strcpy(exchange->record.machine, machine.uuid);
        exchange_text(exchange, 200, EST_TYPE,
                      pki_certs_only(machine.certificate));
    }
    machine_clear(&machine);
}

/* Everything that one look at the request can tell. */
static bool
check(struct exchange *exchange, struct enrolment *enrolment)
{
    if (!access_token_credential(exchange, &enrolment->credential) ||
        !access_token_check(exchange, &enrolment->credential,
                            &enrolment->token))
        return false;
    if (strcmp(exchange->vault, enrolment->credential.vault.id) != 0)
        return exchange_refuse(
            exchange, REFUSAL_TOKEN,
            "the access token is for another vault; ask for one "
            "for this vault");
    enrolment->key = certification_request_key(exchange, enrolment->key_hash);
    if (enrolment->key == NULL)
        return false;
    (void)strcpy(exchange->record.machine_key, enrolment->key_hash);
    return proof_check(exchange, &enrolment->credential, enrolment->key_hash,
                       &enrolment->proof);
}

void
enrolment_enrol(struct exchange *exchange)
{
    struct enrolment enrolment = {0};

    if (check(exchange, &enrolment))
        enrol_at_once(exchange, &enrolment);
    attested_clear(&enrolment.attested);
    EVP_PKEY_free(enrolment.key);
    credential_clear(&enrolment.credential);
}
