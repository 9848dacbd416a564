/* SPDX-License-Identifier: Apache-2.0 */
/* Challenges that are not for this TPM and this attestation key: each is
 * refused by name, nothing is left loaded, and the right one is answered after.
 */
#include "tests/contract/tpm2/evidence_case.h"

#include <string.h>

static struct evidence_case exchange;

static void
begin(void)
{
    tpm2_case_open();
    evidence_case_offer(&exchange);
    evidence_case_ask(&exchange, NULL);
}

/* The machine's key is loaded or not, as its slot was wanted. */
static void
assert_nothing_left(void)
{
    assert_true(strlen(tpm2_case_handles(TRANSIENT)) <=
                strlen("- 0x80000000\n"));
    assert_true(strlen(tpm2_case_handles(LOADED_SESSIONS)) <=
                strlen("- 0x2000000\n"));
}

static void
assert_refused(const char *says)
{
    struct err_cause cause = {.text = ""};
    enum ks_err rc = keystore_give_evidence(contract.store, &exchange.question,
                                            &exchange.evidence, &cause);

    if (rc != KS_ERR_ATTEST_CHALLENGE)
        print_error("%s\n", cause.text);
    assert_ks_err(KS_ERR_ATTEST_CHALLENGE, rc);
    if (strstr(cause.text, says) == NULL)
        fail_msg("not \"%s\": %s", says, cause.text);
    assert_nothing_left();
}

/* With the byte at OFFSET another one. */
static void
assert_altered_is_refused(size_t offset, const char *says)
{
    exchange.challenge[offset] ^= 0x01;
    assert_refused(says);
    exchange.challenge[offset] ^= 0x01;
}

static void
malformed_challenge_is_refused(void **state)
{
    size_t length;

    (void)state;
    begin();
    length = exchange.question.challenge_length;
    for (size_t i = 0; i < 8; i++)
        assert_altered_is_refused(i, "does not begin as");
    tap_reset(tpm2_case.tap);
    for (size_t cut = 0; cut < 8; cut++) {
        exchange.question.challenge_length = cut;
        assert_refused("does not begin as");
    }
    for (size_t cut = 8; cut < length; cut++) {
        exchange.question.challenge_length = cut;
        assert_refused("cut short");
    }
    exchange.challenge[length] = 0;
    exchange.question.challenge_length = length + 1;
    assert_refused("1 bytes stand behind it");
    memset(exchange.challenge + 8, 0, 4);
    exchange.question.challenge_length = 12;
    assert_refused("nothing in it");
    /* None of them came to the TPM. */
    assert_int_equal(tap_count(tpm2_case.tap, 0), 0);
    evidence_case_end(&exchange);
}

/* At every byte that is encrypted or authenticated, and both lengths. */
static void
altered_challenge_is_refused(void **state)
{
    size_t length;

    (void)state;
    begin();
    length = exchange.question.challenge_length;
    for (size_t i = 8; i < length; i += i < 80 ? 1 : 16)
        assert_altered_is_refused(i, "");
    evidence_case_assert_answered(&exchange);
    evidence_case_end(&exchange);
}

static void
challenge_for_another_attestation_key_is_refused(void **state)
{
    TPM2B_NAME name;

    (void)state;
    tpm2_case_open();
    evidence_case_offer(&exchange);
    statement_name(&exchange.offer.key, &name);
    name.name[name.size - 1] ^= 1;
    evidence_case_ask(&exchange, &name);
    assert_refused("another attestation key");
    evidence_case_end(&exchange);
    /* Also for one that was offered before. */
    name.name[name.size - 1] ^= 1;
    evidence_case_offer(&exchange);
    evidence_case_ask(&exchange, &name);
    assert_refused("another attestation key");
    evidence_case_end(&exchange);
}

static void
challenge_for_another_tpm_is_refused(void **state)
{
    struct evidence_offer own;

    (void)state;
    begin();
    own = exchange.offer;
    evidence_case_end(&exchange);
    keystore_close(&contract.store);
    assert_int_equal(swtpm_replace(store_fixture_swtpm(contract.fixture)), 0);
    tpm2_case_open();
    evidence_case_offer(&exchange);
    exchange.offer.endorsement = own.endorsement;
    evidence_case_ask(&exchange, NULL);
    assert_refused("another endorsement key");
    evidence_case_end(&exchange);
}

/* The TPM loses all that is loaded. */
static void
restarted_tpm_answers_all_the_same(void **state)
{
    struct swtpm *swtpm = store_fixture_swtpm(contract.fixture);

    (void)state;
    begin();
    assert_int_equal(swtpm_restart(swtpm), 0);
    evidence_case_assert_answered(&exchange);
    assert_int_equal(swtpm_restart(swtpm), 0);
    evidence_case_offer(&exchange);
    evidence_case_end(&exchange);
    evidence_case_ask(&exchange, NULL);
    evidence_case_assert_answered(&exchange);
    evidence_case_end(&exchange);
}

/* Without one of this opening there is nothing to answer with. */
static void
offer_ends_with_its_store(void **state)
{
    (void)state;
    begin();
    keystore_key_free(&exchange.question.machine);
    contract_reopen();
    assert_ks_err(KS_ERR_INTERNAL,
                  keystore_give_evidence(contract.store, &exchange.question,
                                         &exchange.evidence, NULL));
}

int
contract_tpm2_challenge(void)
{
    const struct CMUnitTest tests[] = {
        EVIDENCE_CASE(malformed_challenge_is_refused),
        EVIDENCE_CASE(altered_challenge_is_refused),
        EVIDENCE_CASE(challenge_for_another_attestation_key_is_refused),
        EVIDENCE_CASE(challenge_for_another_tpm_is_refused),
        EVIDENCE_CASE(restarted_tpm_answers_all_the_same),
        EVIDENCE_CASE(offer_ends_with_its_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
