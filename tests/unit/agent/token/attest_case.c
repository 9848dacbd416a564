/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/agent/token/attest_case.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "keystore/base/base64url.h"

struct attest_case attest_case;

/* Two SEQUENCEs and what is none. */
static const uint8_t chain[] = {0x30, 0x02, 0x05, 0x00, 0x30, 0x00, 0xff, 0x00};

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
    if (!attest_case.with_everything)
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
    memcpy(attest_case.qualifying, question->qualifying,
           sizeof attest_case.qualifying);
    attest_case.asked_of = question->machine;
    attest_case.asked_besides = question->credential;
    attest_case.asked_pcrs = question->pcrs;
    if (question->challenge_length > sizeof attest_case.challenge)
        return err_set(cause, KS_ERR_ATTEST_CHALLENGE, "too long");
    memcpy(attest_case.challenge, question->challenge,
           question->challenge_length);
    memset(ret->secret, 0x5e, 32);
    ret->secret_length = 32;
    memset(ret->creation_data.bytes, 0xd0, 90);
    ret->creation_data.length = 90;
    fill(&ret->creation, 0xd1);
    memset(ret->machine_public.bytes, 0xd3, 88);
    ret->machine_public.length = 88;
    fill(&ret->machine, 0xd4);
    if (!attest_case.with_everything)
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
const struct keystore_ops attest_case_silent = {
    .kind = &keystore_kind_soft, .key_free = key_free, .close = close_store};

static struct keystore_key *
make_key(void)
{
    struct keystore_key *key = calloc(1, sizeof *key);

    assert_non_null(key);
    *key = (struct keystore_key){&attest_case.store, EVP_EC_gen("P-256")};
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
    assert_int_equal(X509_digest(certificate, EVP_sha256(),
                                 attest_case.certificate_sha256, NULL),
                     1);
    return certificate;
}

void
attest_case_begin(enum statement_phase phase)
{
    token_close(&attest_case.token);
    memset(&attest_case.token, 0, sizeof attest_case.token);
    attest_case.store = (struct keystore){.ops = &attesting,
                                          .info.kind = attesting.kind};
    attest_case.token.ks = &attest_case.store;
    attest_case.token.ledger.phase = phase;
    attest_case.token.identity[STATEMENT_MACHINE].key = make_key();
    if (phase == STATEMENT_PHASE_ENROL) {
        attest_case.token.identity[STATEMENT_CREDENTIAL].key = make_key();
        attest_case.token.identity[STATEMENT_CREDENTIAL].certificate =
            make_certificate(
                attest_case.token.identity[STATEMENT_CREDENTIAL].key->public);
        strcpy(attest_case.token.plan.vault, ATTEST_CASE_VAULT);
        attest_case.token.plan.attest = ATTESTATION_TRY;
    }
    attest_case.with_everything = true;
}

int
attest_case_start(void **state)
{
    (void)state;
    attest_case.msg = msg_new();
    attest_case.sent = msg_new();
    assert_non_null(attest_case.msg);
    assert_non_null(attest_case.sent);
    return 0;
}

int
attest_case_stop(void **state)
{
    (void)state;
    token_close(&attest_case.token);
    msg_free(&attest_case.msg);
    msg_free(&attest_case.sent);
    return 0;
}

enum ks_err
attest_case_ask(uint32_t pcrs)
{
    assert_true(LAYOUT_PUT(attest_case.sent, token_attest, pcrs));
    msg_copy(attest_case.msg, attest_case.sent);
    return token_control(&attest_case.token, attest_case.msg,
                         &attest_case.cause);
}

const struct layout_token_evidence attest_case_of_credential = {
    .nonce = ATTEST_CASE_NONCE, .challenge = {(const uint8_t *)"challenge", 9}};

enum ks_err
attest_case_answer(const struct layout_token_evidence *question)
{
    assert_true(layout_token_evidence_put(attest_case.sent, question));
    msg_copy(attest_case.msg, attest_case.sent);
    return token_control(&attest_case.token, attest_case.msg,
                         &attest_case.cause);
}

/* The JSON that was answered; of OFFER or evidence. */
json_t *
attest_case_answered(bool of_offer)
{
    struct layout_token_attest_answer made;
    struct layout_token_evidence_answer given;
    json_t *json;

    msg_copy(attest_case.sent, attest_case.msg);
    if (of_offer) {
        assert_int_equal(layout_token_attest_answer_take(
                             attest_case.sent, &made, &attest_case.cause),
                         KS_OK);
        assert_int_equal(made.endorsement[31], 0xe2);
        json = json_loads(made.offer, JSON_REJECT_DUPLICATES, NULL);
    } else {
        assert_int_equal(layout_token_evidence_answer_take(
                             attest_case.sent, &given, &attest_case.cause),
                         KS_OK);
        json = json_loads(given.evidence, JSON_REJECT_DUPLICATES, NULL);
    }
    assert_non_null(json);
    return json;
}

/* NAME is LENGTH times BYTE in base64url. */
void
attest_case_expect(const json_t *object, const char *name, uint8_t byte,
                   size_t length)
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
