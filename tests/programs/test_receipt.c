/* SPDX-License-Identifier: Apache-2.0 */
/* The receipt that a registration ends with: what it says of the proof. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keystore/base/base64url.h"
#include "tests/support/rig_case.h"

/* What `status` says of a machine that was just registered; the caller releases
 * it. */
static json_t *
register_and_report(void)
{
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "status", "--json", NULL);
    rig_expect(&run, 0, "");
    return rig_json(&run);
}

/* The middle of a JWS, as JSON that the caller releases. */
static json_t *
claims_of(const char *jws)
{
    static uint8_t bytes[8192];
    const char *start = strchr(jws, '.') + 1;
    char *middle = strndup(start, strcspn(start, "."));
    size_t length = 0;
    json_t *claims;

    assert_non_null(middle);
    assert_true(base64url_read(middle, bytes, sizeof bytes, &length));
    claims = json_loadb((const char *)bytes, length, 0, NULL);
    assert_non_null(claims);
    free(middle);
    return claims;
}

static void
receipt_has_the_proof_and_the_endorsement_key(void **state)
{
    uint8_t hash[32];
    size_t length = 0;
    char hex[65];
    json_t *report, *claims, *proof;

    (void)state;
    report = register_and_report();
    claims = claims_of(json_string_value(json_object_get(report, "receipt")));
    proof = json_object_get(claims, "proof");
    assert_string_equal(json_string_value(json_object_get(proof, "word")),
                        "certified");
    assert_true(
        base64url_read(json_string_value(json_object_get(proof, "ek_sha256")),
                       hash, sizeof hash, &length));
    assert_int_equal(length, sizeof hash);
    for (size_t i = 0; i < sizeof hash; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(report, "token"), "ek_sha256")),
                        hex);
    json_decref(claims);
    json_decref(report);
}

static void
receipt_says_that_the_token_claims(void **state)
{
    json_t *report, *claims, *proof;

    (void)state;
    report = register_and_report();
    claims = claims_of(json_string_value(json_object_get(report, "receipt")));
    proof = json_object_get(claims, "proof");
    assert_string_equal(json_string_value(json_object_get(proof, "word")),
                        "claimed");
    assert_null(json_object_get(proof, "ek_sha256"));
    json_decref(claims);
    json_decref(report);
}

#define TEST(name) RIG_CASE(name, rig_case_start_several)

int
main(int argc, char **argv)
{
    const struct CMUnitTest of_a_tpm[] = {
        TEST(receipt_has_the_proof_and_the_endorsement_key),
    };
    const struct CMUnitTest of_another[] = {
        TEST(receipt_says_that_the_token_claims),
    };

    rig_case_begin(argc, argv);
    if (strcmp(kind, "tpm2") == 0)
        return cmocka_run_group_tests(of_a_tpm, NULL, NULL);
    return cmocka_run_group_tests(of_another, NULL, NULL);
}
