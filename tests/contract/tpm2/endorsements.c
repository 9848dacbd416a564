/* SPDX-License-Identifier: Apache-2.0 */
/* The look at all endorsement keys of a TPM. */
#include "tests/contract/tpm2/evidence_case.h"

#include <stdlib.h>
#include <string.h>

#include "hsm/tpm2/endorsements.h"

static struct evidence_case exchange;

static void
all_are_looked_at(void **state)
{
    static const char *const algorithms[] = {"RSA-2048", "P-256", "P-384"};
    static struct tpm2_case_state before;
    struct tpm2_endorsements *found = NULL;

    (void)state;
    tpm2_case_look(&before);
    assert_ks_ok(tpm2_endorsements(tpm2_case.uri, &found, NULL));
    assert_int_equal(found->count, 3);
    assert_int_equal(found->offered, 0);
    assert_true(found->emulated);
    assert_string_equal(found->maker, "IBM");
    assert_int_equal(found->chain_length, 0);
    for (size_t i = 0; i < found->count; i++)
        assert_string_equal(found->key[i].algorithm, algorithms[i]);
    assert_true(found->key[0].certificate_length > 0);
    assert_int_equal(found->key[1].certificate_length, 0);
    assert_true(found->key[2].certificate_length > 0);
    tpm2_case_assert_unchanged(&before);
    tpm2_case_open();
    evidence_case_offer(&exchange);
    assert_memory_equal(found->key[0].sha256, exchange.offer.endorsement.sha256,
                        32);
    free(found);
}

/* As a TPM does that has SHA-384, and AES with 128 bits alone. */
static void
kind_that_the_tpm_does_not_make_is_left_out(void **state)
{
    const struct tap_fault fault = {.action = TAP_ERROR,
                                    .code = CC_CREATE_PRIMARY,
                                    .nth = 3,
                                    .rc = 0x2c4}; /* TPM_RC_VALUE, P2 */
    struct tpm2_endorsements *found = NULL;
    struct err_cause cause = {.text = ""};

    (void)state;
    tap_inject(tpm2_case.tap, &fault);
    assert_ks_ok(tpm2_endorsements(tpm2_case.uri, &found, &cause));
    assert_int_equal(tap_struck(tpm2_case.tap), 1);
    assert_int_equal(found->count, 2);
    assert_string_equal(found->key[1].algorithm, "P-256");
    free(found);
}

static void
look_says_what_is_in_the_way(void **state)
{
    struct err_cause cause = {.text = ""};
    struct tpm2_endorsements *found = NULL;

    (void)state;
    tpm2_case_tool("changeauth", "-c", "endorsement", "secret-246");
    assert_ks_err(KS_ERR_TOKEN_UNSUPPORTED,
                  tpm2_endorsements(tpm2_case.uri, &found, &cause));
    assert_non_null(strstr(cause.text, "endorsement hierarchy has a password"));
    tpm2_case_tool("changeauth", "-c", "endorsement", "-p", "secret-246");
    tpm2_case_tool("hierarchycontrol", "-C", "p", "ehEnable", "clear");
    assert_ks_err(KS_ERR_TOKEN_UNSUPPORTED,
                  tpm2_endorsements(tpm2_case.uri, &found, &cause));
    assert_non_null(strstr(cause.text, "switched off"));
    assert_null(found);
}

int
contract_tpm2_endorsements(void)
{
    const struct CMUnitTest tests[] = {
        EVIDENCE_CASE(all_are_looked_at),
        TPM2_CASE(kind_that_the_tpm_does_not_make_is_left_out),
        TPM2_CASE(look_says_what_is_in_the_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
