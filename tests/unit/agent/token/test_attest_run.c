/* SPDX-License-Identifier: Apache-2.0 */
/* What the statements of an attestation key are bound to, when they are made,
 * and how the enrolment proof names them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <openssl/evp.h>

#include "keystore/base/base64url.h"
#include "tests/unit/agent/token/attest_case.h"

/* By the plan and the certificate that was bound, or by those that are named:
 * what holdfast says where it must say nothing is refused. */
static void
evidence_is_bound_to_this_run(void **state)
{
    struct attestation_binding binding = {ATTEST_CASE_NONCE, ATTEST_CASE_VAULT,
                                          NULL, attest_case.certificate_sha256};
    struct layout_token_evidence question = attest_case_of_credential;
    const uint8_t *machines =
        (const uint8_t *)"the machine's certificate's hash";
    uint8_t expected[32];

    (void)state;
    attest_case_begin(STATEMENT_PHASE_ENROL);
    binding.machine = attest_case.token.identity[STATEMENT_MACHINE].key->public;
    assert_int_equal(attest_case_ask(0), KS_OK);
    question.vault = ATTEST_CASE_VAULT;
    assert_int_equal(attest_case_answer(&question), KS_ERR_INTERNAL);
    question.vault = NULL;
    question.certificate = (struct layout_bytes){machines, 32};
    assert_int_equal(attest_case_answer(&question), KS_ERR_INTERNAL);
    assert_int_equal(attest_case_answer(&attest_case_of_credential), KS_OK);
    assert_int_equal(
        attestation_qualifying(&binding, expected, &attest_case.cause), KS_OK);
    assert_memory_equal(attest_case.qualifying, expected, 32);

    attest_case_begin(STATEMENT_PHASE_MACHINE);
    binding = (struct attestation_binding){
        ATTEST_CASE_NONCE, "-5",
        attest_case.token.identity[STATEMENT_MACHINE].key->public, machines};
    assert_int_equal(attest_case_ask(0), KS_OK);
    assert_int_equal(attest_case_answer(&attest_case_of_credential),
                     KS_ERR_INTERNAL);
    question.vault = "-5";
    question.certificate.length = 31;
    assert_int_equal(attest_case_answer(&question), KS_ERR_INTERNAL);
    question.certificate.length = 32;
    assert_int_equal(attest_case_answer(&question), KS_OK);
    assert_int_equal(
        attestation_qualifying(&binding, expected, &attest_case.cause), KS_OK);
    assert_memory_equal(attest_case.qualifying, expected, 32);
    assert_null(attest_case.asked_besides);
}

static void
each_is_given_once_a_run(void **state)
{
    static const enum statement_phase phases[] = {STATEMENT_PHASE_ENROL,
                                                  STATEMENT_PHASE_MACHINE};
    struct layout_token_evidence question = attest_case_of_credential;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        attest_case_begin(phases[i]);
        assert_int_equal(attest_case_answer(&attest_case_of_credential),
                         KS_ERR_STATEMENT);
        assert_int_equal(attest_case_ask(0), KS_OK);
        assert_int_equal(attest_case_ask(0), KS_ERR_STATEMENT);
        if (phases[i] == STATEMENT_PHASE_MACHINE) {
            question.vault = ATTEST_CASE_VAULT;
            question.certificate = (struct layout_bytes){
                attest_case.certificate_sha256, 32};
        }
        assert_int_equal(attest_case_answer(&question), KS_OK);
        assert_int_equal(attest_case_answer(&question), KS_ERR_STATEMENT);
    }
}

static void
nothing_is_offered_where_it_must_not(void **state)
{
    (void)state;
    attest_case_begin(STATEMENT_PHASE_IMPORT);
    assert_int_equal(attest_case_ask(0), KS_ERR_STATEMENT);
    attest_case_begin(STATEMENT_PHASE_ENROL);
    attest_case.token.plan.attest = ATTESTATION_OFF;
    assert_int_equal(attest_case_ask(0), KS_ERR_STATEMENT);
    attest_case_begin(STATEMENT_PHASE_ENROL);
    keystore_key_free(&attest_case.token.identity[STATEMENT_MACHINE].key);
    assert_int_equal(attest_case_ask(0), KS_ERR_STATEMENT);
    attest_case_begin(STATEMENT_PHASE_ENROL);
    attest_case.store.ops = &attest_case_silent;
    assert_int_equal(attest_case_ask(0), KS_ERR_TOKEN_UNSUPPORTED);
    assert_int_equal(attest_case_answer(&attest_case_of_credential),
                     KS_ERR_STATEMENT);
}

/* The claim, which the caller frees. */
static json_t *
claim_of(const char *mode, size_t members)
{
    json_t *claim = token_attestation_claim(&attest_case.token);

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
    attest_case_begin(STATEMENT_PHASE_ENROL);
    attest_case.token.plan.attest = ATTESTATION_OFF;
    json_decref(claim_of("off", 1));
    attest_case.token.plan.attest = ATTESTATION_REQUIRE;
    json_decref(claim_of("require", 1));
    assert_int_equal(attest_case_ask(0), KS_OK);
    claim = claim_of("require", 2);
    attest_case_expect(claim, "ak_name", 0xe4, 34);
    json_decref(claim);
    assert_int_equal(attest_case_answer(&attest_case_of_credential), KS_OK);
    msg_copy(attest_case.sent, attest_case.msg);
    assert_int_equal(layout_token_evidence_answer_take(attest_case.sent, &given,
                                                       &attest_case.cause),
                     KS_OK);
    assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL, given.evidence,
                                  strlen(given.evidence), expected, NULL),
                     1);
    claim = claim_of("require", 3);
    attest_case_expect(claim, "ak_name", 0xe4, 34);
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
        cmocka_unit_test(evidence_is_bound_to_this_run),
        cmocka_unit_test(each_is_given_once_a_run),
        cmocka_unit_test(nothing_is_offered_where_it_must_not),
        cmocka_unit_test(proof_names_what_was_given),
    };

    return cmocka_run_group_tests(tests, attest_case_start, attest_case_stop);
}
