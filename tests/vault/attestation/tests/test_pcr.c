/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of PCRs: the offer's, and the vault's owner's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "tests/vault/attestation/tests/forge.h"
#include "tests/vault/attestation/tests/tpm.h"
#include "tests/vault/attestation/tests/tpm_template.h"
#include "tests/vault/attestation/verifier.h"

#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"

static void
refuses_odd_lists_of_pcrs(void **state)
{
    static const char *const lists[] = {
        "[]", "[24]", "[-1]", "[0,0]", "[1,0]", "[\"0\"]", "0", "{}", "[0.5]"};
    TPMT_PUBLIC ek = tpm_template_ek[TPM_P256].publicArea;
    TPMT_PUBLIC ak = forge_ak();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    static const char says[] = "the offer's PCRs";
    struct attestation_fault fault;
    json_t *json;

    (void)state;
    assert_non_null(key);
    forge_put_key(&ek, key);
    forge_put_key(&ak, key);
    json = forge_offer(&ek, &ak);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        assert_int_equal(
            json_object_set_new(json, "pcrs",
                                json_loads(lists[i], JSON_DECODE_ANY, NULL)),
            0);
        assert_null(attestation_offer_read(json, &fault));
        assert_int_equal(fault.kind, ATTESTATION_FAULT_EVIDENCE);
        assert_memory_equal(fault.sentence, says, sizeof says - 1);
    }
    json_decref(json);
    EVP_PKEY_free(key);
}

static void
knows_a_pcr_policy(void **state)
{
    static const char *const none[] = {"",
                                       "0",
                                       "0=",
                                       "0=00",
                                       "24=" ZERO,
                                       "-1=" ZERO,
                                       " 1=" ZERO,
                                       "0=" ZERO ",",
                                       "0=" ZERO "0",
                                       "0=" ZERO ",0=" ZERO,
                                       "0=" ZERO ";1=" ZERO,
                                       "4294967296=" ZERO};
    uint32_t pcrs;

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (attestation_pcr_policy(none[i], &pcrs))
            fail_msg("\"%s\" was taken", none[i]);
    assert_true(attestation_pcr_policy("0=" ZERO ",23=" ZERO, &pcrs));
    assert_int_equal(pcrs, 0x800001);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_odd_lists_of_pcrs),
        cmocka_unit_test(knows_a_pcr_policy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
