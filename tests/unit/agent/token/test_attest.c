/* SPDX-License-Identifier: Apache-2.0 */
/* What is made of a store's offer and statements. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/agent/token/attest_case.h"

static void
offer_is_the_documents(void **state)
{
    json_t *json, *endorsement, *list;

    (void)state;
    attest_case_begin(STATEMENT_PHASE_ENROL);
    assert_int_equal(attest_case_ask(ATTEST_CASE_PCRS), KS_OK);
    json = attest_case_answered(true);
    assert_int_equal(json_object_size(json), 3);
    endorsement = json_object_get(json, "endorsement");
    assert_int_equal(json_object_size(endorsement), 3);
    attest_case_expect(endorsement, "public", 0xe1, 300);
    attest_case_expect(endorsement, "certificate", 0xe5,
                       EVIDENCE_CERTIFICATE_MAX);
    list = json_object_get(endorsement, "chain");
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(json_string_value(json_array_get(list, 0)), "MAIFAA");
    assert_string_equal(json_string_value(json_array_get(list, 1)), "MAA");
    attest_case_expect(json, "key", 0xe3, 80);
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
    attest_case_begin(STATEMENT_PHASE_MACHINE);
    attest_case.with_everything = false;
    assert_int_equal(attest_case_ask(0), KS_OK);
    json = attest_case_answered(true);
    assert_int_equal(json_object_size(json), 2);
    endorsement = json_object_get(json, "endorsement");
    assert_int_equal(json_object_size(endorsement), 1);
    attest_case_expect(endorsement, "public", 0xe1, 300);
    attest_case_expect(json, "key", 0xe3, 80);
    json_decref(json);
}

static void
expect_statement(const json_t *json, const char *name, uint8_t with,
                 size_t members)
{
    const json_t *statement = json_object_get(json, name);

    assert_int_equal(json_object_size(statement), members);
    attest_case_expect(statement, "statement", with, 180);
    attest_case_expect(statement, "signature", (uint8_t)(with + 1), 72);
}

static void
evidence_is_the_documents(void **state)
{
    json_t *json, *values;

    (void)state;
    attest_case_begin(STATEMENT_PHASE_ENROL);
    assert_int_equal(attest_case_ask(ATTEST_CASE_PCRS), KS_OK);
    assert_int_equal(attest_case_answer(&attest_case_of_credential), KS_OK);
    json = attest_case_answered(false);
    assert_int_equal(json_object_size(json), 6);
    assert_string_equal(json_string_value(json_object_get(json, "nonce")),
                        ATTEST_CASE_NONCE);
    attest_case_expect(json, "secret", 0x5e, 32);
    expect_statement(json, "creation", 0xd1, 3);
    attest_case_expect(json_object_get(json, "creation"), "data", 0xd0, 90);
    expect_statement(json, "machine", 0xd4, 3);
    attest_case_expect(json_object_get(json, "machine"), "public", 0xd3, 88);
    expect_statement(json, "credential", 0xd7, 3);
    attest_case_expect(json_object_get(json, "credential"), "public", 0xd6, 88);
    expect_statement(json, "quote", 0xd9, 3);
    values = json_object_get(json_object_get(json, "quote"), "values");
    assert_int_equal(json_array_size(values), 2);
    json_decref(json);
    assert_ptr_equal(attest_case.asked_of,
                     attest_case.token.identity[STATEMENT_MACHINE].key);
    assert_ptr_equal(attest_case.asked_besides,
                     attest_case.token.identity[STATEMENT_CREDENTIAL].key);
    assert_int_equal(attest_case.asked_pcrs, ATTEST_CASE_PCRS);
    assert_memory_equal(attest_case.challenge, "challenge", 9);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offer_is_the_documents),
        cmocka_unit_test(offer_leaves_out_what_there_is_none_of),
        cmocka_unit_test(evidence_is_the_documents),
    };

    return cmocka_run_group_tests(tests, attest_case_start, attest_case_stop);
}
