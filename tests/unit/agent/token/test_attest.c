/* SPDX-License-Identifier: Apache-2.0 */
/* What goes into the statements of an attestation key, and what is made of
 * them, with a store that signs nothing and shows what it was asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "agent/token/token.h"
#include "keystore/base/base64url.h"
#include "keystore/store/backend.h"

#define NONCE "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define VAULT "4711"
#define PCRS 0x81

/* Two SEQUENCEs and what is none. */
static const uint8_t chain[] = {0x30, 0x02, 0x05, 0x00, 0x30, 0x00, 0xff, 0x00};

static uint8_t qualifying[EVIDENCE_QUALIFYING];
static const struct keystore_key *asked_of, *asked_besides;
static uint32_t asked_pcrs;
static uint8_t challenge[EVIDENCE_CHALLENGE_MAX];
static bool with_everything; /* certificate, chain, credential, quote */

static enum ks_err
offer(struct keystore *ks, struct evidence_offer *ret, struct err_cause *cause)
{
    (void)ks;
    (void)cause;
    memset(ret->endorsement.public.bytes, 0xe1, 300);
    ret->endorsement.public.length = 300;
    memset(ret->endorsement.sha256, 0xe2, 32);
    memset(ret->key.bytes, 0xe3, 80);
    ret->key.length = 80;
    memset(ret->name, 0xe4, 34);
    ret->name_length = 34;
    if (!with_everything)
        return KS_OK;
    memset(ret->endorsement.certificate, 0xe5, EVIDENCE_CERTIFICATE_MAX);
    ret->endorsement.certificate_length = EVIDENCE_CERTIFICATE_MAX;
    memcpy(ret->chain, chain, sizeof chain);
    ret->chain_length = sizeof chain;
    return KS_OK;
}

static void
fill(struct evidence_statement *statement, int with)
{
    memset(statement->bytes, with, 180);
    statement->length = 180;
    memset(statement->signature, with + 1, 72);
    statement->signature_length = 72;
}

static enum ks_err
give(struct keystore *ks, const struct evidence_question *question,
     struct evidence *ret, struct err_cause *cause)
{
    (void)ks;
    memcpy(qualifying, question->qualifying, sizeof qualifying);
    asked_of = question->machine;
    asked_besides = question->credential;
    asked_pcrs = question->pcrs;
    if (question->challenge_length > sizeof challenge)
        return err_set(cause, KS_ERR_ATTEST_CHALLENGE, "too long");
    memcpy(challenge, question->challenge, question->challenge_length);
    memset(ret->secret, 0x5e, 32);
    ret->secret_length = 32;
    memset(ret->creation_data.bytes, 0xd0, 90);
    ret->creation_data.length = 90;
    fill(&ret->creation, 0xd1);
    memset(ret->machine_public.bytes, 0xd3, 88);
    ret->machine_public.length = 88;
    fill(&ret->machine, 0xd4);
    if (!with_everything)
        return KS_OK;
    memset(ret->credential_public.bytes, 0xd6, 88);
    ret->credential_public.length = 88;
    fill(&ret->credential, 0xd7);
    fill(&ret->quote, 0xd9);
    memset(ret->pcr[0], 0xda, 32);
    memset(ret->pcr[1], 0xdb, 32);
    ret->pcr_count = 2;
    return KS_OK;
}

static void
key_free(struct keystore_key *key)
{
    free(key);
}

static void
close_store(struct keystore *ks)
{
    (void)ks;
}

static const struct keystore_evidence_ops evidence_ops = {offer, give};
static const struct keystore_ops attesting = {.kind = &keystore_kind_tpm2,
                                              .evidence = &evidence_ops,
                                              .key_free = key_free,
                                              .close = close_store};
static const struct keystore_ops silent = {
    .kind = &keystore_kind_soft, .key_free = key_free, .close = close_store};
static struct keystore store;
static struct token token;
static struct msg *msg, *sent;
static struct err_cause cause;
static uint8_t certificate_sha256[32];

static struct keystore_key *
make_key(void)
{
    struct keystore_key *key = calloc(1, sizeof *key);

    assert_non_null(key);
    *key = (struct keystore_key){&store, EVP_EC_gen("P-256")};
    return key;
}

/* The credential's certificate, for its hash alone. */
static X509 *
make_certificate(EVP_PKEY *key)
{
    X509 *certificate = X509_new();

    (void)X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    (void)X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    assert_int_equal(
        X509_digest(certificate, EVP_sha256(), certificate_sha256, NULL), 1);
    return certificate;
}

static void
begin(enum statement_phase phase)
{
    token_close(&token);
    memset(&token, 0, sizeof token);
    store = (struct keystore){.ops = &attesting, .info.kind = attesting.kind};
    token.ks = &store;
    token.ledger.phase = phase;
    token.identity[STATEMENT_MACHINE].key = make_key();
    if (phase == STATEMENT_PHASE_ENROL) {
        token.identity[STATEMENT_CREDENTIAL].key = make_key();
        token.identity[STATEMENT_CREDENTIAL].certificate = make_certificate(
            token.identity[STATEMENT_CREDENTIAL].key->public);
        strcpy(token.plan.vault, VAULT);
        token.plan.attest = ATTESTATION_TRY;
    }
    with_everything = true;
}

static int
start(void **state)
{
    (void)state;
    msg = msg_new();
    sent = msg_new();
    assert_non_null(msg);
    assert_non_null(sent);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    token_close(&token);
    msg_free(&msg);
    msg_free(&sent);
    return 0;
}

static enum ks_err
ask(uint32_t pcrs)
{
    assert_true(LAYOUT_PUT(sent, token_attest, pcrs));
    msg_copy(msg, sent);
    return token_control(&token, msg, &cause);
}

static const struct layout_token_evidence of_credential = {
    .nonce = NONCE, .challenge = {(const uint8_t *)"challenge", 9}};

static enum ks_err
answer(const struct layout_token_evidence *question)
{
    assert_true(layout_token_evidence_put(sent, question));
    msg_copy(msg, sent);
    return token_control(&token, msg, &cause);
}

/* The JSON that was answered; of OFFER or evidence. */
static json_t *
answered(bool of_offer)
{
    struct layout_token_attest_answer made;
    struct layout_token_evidence_answer given;
    json_t *json;

    msg_copy(sent, msg);
    if (of_offer) {
        assert_int_equal(layout_token_attest_answer_take(sent, &made, &cause),
                         KS_OK);
        assert_int_equal(made.endorsement[31], 0xe2);
        json = json_loads(made.offer, JSON_REJECT_DUPLICATES, NULL);
    } else {
        assert_int_equal(
            layout_token_evidence_answer_take(sent, &given, &cause), KS_OK);
        json = json_loads(given.evidence, JSON_REJECT_DUPLICATES, NULL);
    }
    assert_non_null(json);
    return json;
}

/* NAME is LENGTH times BYTE in base64url. */
static void
expect(const json_t *object, const char *name, uint8_t byte, size_t length)
{
    uint8_t bytes[4096];
    size_t found = 0;
    const char *text = json_string_value(json_object_get(object, name));

    if (text == NULL || !base64url_read(text, bytes, sizeof bytes, &found))
        fail_msg("no %s", name);
    assert_int_equal(found, length);
    for (size_t i = 0; i < length; i++)
        assert_int_equal(bytes[i], byte);
}

static void
offer_is_the_documents(void **state)
{
    json_t *json, *endorsement, *list;

    (void)state;
    begin(STATEMENT_PHASE_ENROL);
    assert_int_equal(ask(PCRS), KS_OK);
    json = answered(true);
    assert_int_equal(json_object_size(json), 3);
    endorsement = json_object_get(json, "endorsement");
    assert_int_equal(json_object_size(endorsement), 3);
    expect(endorsement, "public", 0xe1, 300);
    expect(endorsement, "certificate", 0xe5, EVIDENCE_CERTIFICATE_MAX);
    list = json_object_get(endorsement, "chain");
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(json_string_value(json_array_get(list, 0)), "MAIFAA");
    assert_string_equal(json_string_value(json_array_get(list, 1)), "MAA");
    expect(json, "key", 0xe3, 80);
    list = json_object_get(json, "pcrs");
    assert_int_equal(json_array_size(list), 2);
    assert_int_equal(json_integer_value(json_array_get(list, 0)), 0);
    assert_int_equal(json_integer_value(json_array_get(list, 1)), 7);
    json_decref(json);
}

static void
offer_leaves_out_what_there_is_none_of(void **state)
{
    json_t *json, *endorsement;

    (void)state;
    begin(STATEMENT_PHASE_MACHINE);
    with_everything = false;
    assert_int_equal(ask(0), KS_OK);
    json = answered(true);
    assert_int_equal(json_object_size(json), 2);
    endorsement = json_object_get(json, "endorsement");
    assert_int_equal(json_object_size(endorsement), 1);
    expect(endorsement, "public", 0xe1, 300);
    expect(json, "key", 0xe3, 80);
    json_decref(json);
}

static void
expect_statement(const json_t *json, const char *name, uint8_t with,
                 size_t members)
{
    const json_t *statement = json_object_get(json, name);

    assert_int_equal(json_object_size(statement), members);
    expect(statement, "statement", with, 180);
    expect(statement, "signature", (uint8_t)(with + 1), 72);
}

static void
evidence_is_the_documents(void **state)
{
    json_t *json, *values;

    (void)state;
    begin(STATEMENT_PHASE_ENROL);
    assert_int_equal(ask(PCRS), KS_OK);
    assert_int_equal(answer(&of_credential), KS_OK);
    json = answered(false);
    assert_int_equal(json_object_size(json), 6);
    assert_string_equal(json_string_value(json_object_get(json, "nonce")),
                        NONCE);
    expect(json, "secret", 0x5e, 32);
    expect_statement(json, "creation", 0xd1, 3);
    expect(json_object_get(json, "creation"), "data", 0xd0, 90);
    expect_statement(json, "machine", 0xd4, 3);
    expect(json_object_get(json, "machine"), "public", 0xd3, 88);
    expect_statement(json, "credential", 0xd7, 3);
    expect(json_object_get(json, "credential"), "public", 0xd6, 88);
    expect_statement(json, "quote", 0xd9, 3);
    values = json_object_get(json_object_get(json, "quote"), "values");
    assert_int_equal(json_array_size(values), 2);
    json_decref(json);
    assert_ptr_equal(asked_of, token.identity[STATEMENT_MACHINE].key);
    assert_ptr_equal(asked_besides, token.identity[STATEMENT_CREDENTIAL].key);
    assert_int_equal(asked_pcrs, PCRS);
    assert_memory_equal(challenge, "challenge", 9);
}

/* By the plan and the certificate that was bound, or by those that are named:
 * what holdfast says where it must say nothing is refused. */
static void
evidence_is_bound_to_this_run(void **state)
{
    struct attestation_binding binding = {NONCE, VAULT, NULL,
                                          certificate_sha256};
    struct layout_token_evidence question = of_credential;
    const uint8_t *machines =
        (const uint8_t *)"the machine's certificate's hash";
    uint8_t expected[32];

    (void)state;
    begin(STATEMENT_PHASE_ENROL);
    binding.machine = token.identity[STATEMENT_MACHINE].key->public;
    assert_int_equal(ask(0), KS_OK);
    question.vault = VAULT;
    assert_int_equal(answer(&question), KS_ERR_INTERNAL);
    question.vault = NULL;
    question.certificate = (struct layout_bytes){machines, 32};
    assert_int_equal(answer(&question), KS_ERR_INTERNAL);
    assert_int_equal(answer(&of_credential), KS_OK);
    assert_int_equal(attestation_qualifying(&binding, expected, &cause), KS_OK);
    assert_memory_equal(qualifying, expected, 32);

    begin(STATEMENT_PHASE_MACHINE);
    binding = (struct attestation_binding){
        NONCE, "-5", token.identity[STATEMENT_MACHINE].key->public, machines};
    assert_int_equal(ask(0), KS_OK);
    assert_int_equal(answer(&of_credential), KS_ERR_INTERNAL);
    question.vault = "-5";
    question.certificate.length = 31;
    assert_int_equal(answer(&question), KS_ERR_INTERNAL);
    question.certificate.length = 32;
    assert_int_equal(answer(&question), KS_OK);
    assert_int_equal(attestation_qualifying(&binding, expected, &cause), KS_OK);
    assert_memory_equal(qualifying, expected, 32);
    assert_null(asked_besides);
}

static void
each_is_given_once_a_run(void **state)
{
    static const enum statement_phase phases[] = {STATEMENT_PHASE_ENROL,
                                                  STATEMENT_PHASE_MACHINE};
    struct layout_token_evidence question = of_credential;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        begin(phases[i]);
        assert_int_equal(answer(&of_credential), KS_ERR_STATEMENT);
        assert_int_equal(ask(0), KS_OK);
        assert_int_equal(ask(0), KS_ERR_STATEMENT);
        if (phases[i] == STATEMENT_PHASE_MACHINE) {
            question.vault = VAULT;
            question.certificate = (struct layout_bytes){certificate_sha256,
                                                         32};
        }
        assert_int_equal(answer(&question), KS_OK);
        assert_int_equal(answer(&question), KS_ERR_STATEMENT);
    }
}

static void
nothing_is_offered_where_it_must_not(void **state)
{
    (void)state;
    begin(STATEMENT_PHASE_IMPORT);
    assert_int_equal(ask(0), KS_ERR_STATEMENT);
    begin(STATEMENT_PHASE_ENROL);
    token.plan.attest = ATTESTATION_OFF;
    assert_int_equal(ask(0), KS_ERR_STATEMENT);
    begin(STATEMENT_PHASE_ENROL);
    keystore_key_free(&token.identity[STATEMENT_MACHINE].key);
    assert_int_equal(ask(0), KS_ERR_STATEMENT);
    begin(STATEMENT_PHASE_ENROL);
    store.ops = &silent;
    assert_int_equal(ask(0), KS_ERR_TOKEN_UNSUPPORTED);
    assert_int_equal(answer(&of_credential), KS_ERR_STATEMENT);
}

/* The claim, which the caller frees. */
static json_t *
claim_of(const char *mode, size_t members)
{
    json_t *claim = token_attestation_claim(&token);

    assert_int_equal(json_object_size(claim), members);
    assert_string_equal(json_string_value(json_object_get(claim, "mode")),
                        mode);
    return claim;
}

/* Nothing of an attempt that failed, and of the rest the very bytes. */
static void
proof_names_what_was_given(void **state)
{
    struct layout_token_evidence_answer given;
    uint8_t expected[32], found[32];
    size_t length;
    json_t *claim;

    (void)state;
    begin(STATEMENT_PHASE_ENROL);
    token.plan.attest = ATTESTATION_OFF;
    json_decref(claim_of("off", 1));
    token.plan.attest = ATTESTATION_REQUIRE;
    json_decref(claim_of("require", 1));
    assert_int_equal(ask(0), KS_OK);
    claim = claim_of("require", 2);
    expect(claim, "ak_name", 0xe4, 34);
    json_decref(claim);
    assert_int_equal(answer(&of_credential), KS_OK);
    msg_copy(sent, msg);
    assert_int_equal(layout_token_evidence_answer_take(sent, &given, &cause),
                     KS_OK);
    assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL, given.evidence,
                                  strlen(given.evidence), expected, NULL),
                     1);
    claim = claim_of("require", 3);
    expect(claim, "ak_name", 0xe4, 34);
    assert_true(base64url_read(
        json_string_value(json_object_get(claim, "evidence_sha256")), found, 32,
        &length));
    assert_int_equal(length, 32);
    assert_memory_equal(found, expected, 32);
    json_decref(claim);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offer_is_the_documents),
        cmocka_unit_test(offer_leaves_out_what_there_is_none_of),
        cmocka_unit_test(evidence_is_the_documents),
        cmocka_unit_test(evidence_is_bound_to_this_run),
        cmocka_unit_test(each_is_given_once_a_run),
        cmocka_unit_test(nothing_is_offered_where_it_must_not),
        cmocka_unit_test(proof_names_what_was_given),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
