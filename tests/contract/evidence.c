/* SPDX-License-Identifier: Apache-2.0 */
/* Stores that prove nothing of their keys say so, to either step. */
#include "tests/contract/contract.h"

#include <string.h>

static void
nothing_is_proved(void **state)
{
    static const uint8_t bytes[EVIDENCE_QUALIFYING];
    static struct evidence_offer offer;
    static struct evidence evidence;
    struct evidence_question question = {.challenge = bytes,
                                         .challenge_length = sizeof bytes,
                                         .qualifying = bytes};
    struct err_cause cause = {.text = ""};
    uint8_t id[KEYSTORE_ID_LENGTH];

    (void)state;
    contract_id(id);
    assert_ks_ok(keystore_generate(contract.store, id, "machine", MATERIAL_P256,
                                   &question.machine, NULL));
    assert_ks_err(KS_ERR_TOKEN_UNSUPPORTED,
                  keystore_offer_evidence(contract.store, &offer, &cause));
    assert_non_null(strstr(cause.text, contract.row->scheme));
    cause.text[0] = '\0';
    assert_ks_err(
        KS_ERR_TOKEN_UNSUPPORTED,
        keystore_give_evidence(contract.store, &question, &evidence, &cause));
    assert_non_null(strstr(cause.text, contract.row->scheme));
    keystore_key_free(&question.machine);
}

int
contract_evidence(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_proved, contract_open_store,
                                        contract_close_store),
    };

    if (contract.row->ops->evidence != NULL)
        return 0; /* contract_tpm2_evidence() */
    return cmocka_run_group_tests(tests, contract_make_store,
                                  contract_remove_store);
}
