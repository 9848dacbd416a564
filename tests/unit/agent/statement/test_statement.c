/* SPDX-License-Identifier: Apache-2.0 */
/* The matrix of what may be signed, place by place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>

#include "agent/statement/matrix.h"

#define HANDSHAKE_HEAD 98

static void
content_of(uint8_t content[static 146], size_t hash)
{
    memset(content, ' ', 64);
    memcpy(content + 64, "TLS 1.3, client CertificateVerify", 34);
    memset(content + HANDSHAKE_HEAD, 0xab, hash);
}

static void
other_bytes_are_no_handshake(void **state)
{
    uint8_t content[160] = {0};

    (void)state;
    assert_false(statement_is_handshake(content, 0));
    assert_false(statement_is_handshake(content, 32));
    assert_false(statement_is_handshake(content, 130));
    content_of(content, 48);
    assert_false(statement_is_handshake(content, 129));
    assert_false(statement_is_handshake(content, 131));
    assert_false(statement_is_handshake(content, 145));
    assert_false(statement_is_handshake(content, 147));
    content[63] = '!';
    assert_false(statement_is_handshake(content, 146));
    content_of(content, 48);
    memcpy(content + 64, "TLS 1.3, server CertificateVerify", 34);
    assert_false(statement_is_handshake(content, 146));
    content_of(content, 48);
    content[97] = 1;
    assert_false(statement_is_handshake(content, 146));
}

static void
client_certificate_verify_is_one(void **state)
{
    uint8_t content[160];

    (void)state;
    content_of(content, 48);
    assert_true(statement_is_handshake(content, 130));
    assert_true(statement_is_handshake(content, 146));
}

/* Every place of the matrix as it is meant; what is not here is never. */
static const struct {
    enum statement_phase phase;
    enum statement_identity identity;
    enum statement statement;
    unsigned times;
} permitted[] = {
    {STATEMENT_PHASE_ENROL, STATEMENT_CREDENTIAL, STATEMENT_HANDSHAKE, 43},
    {STATEMENT_PHASE_ENROL, STATEMENT_CREDENTIAL, STATEMENT_ASSERTION, 1},
    {STATEMENT_PHASE_ENROL, STATEMENT_CREDENTIAL, STATEMENT_ENROLMENT, 1},
    {STATEMENT_PHASE_ENROL, STATEMENT_CREDENTIAL, STATEMENT_PROOF, 1},
    {STATEMENT_PHASE_ENROL, STATEMENT_MACHINE, STATEMENT_REQUEST, 1},
    {STATEMENT_PHASE_ENROL, STATEMENT_MACHINE, STATEMENT_OFFER, 1},
    {STATEMENT_PHASE_ENROL, STATEMENT_MACHINE, STATEMENT_EVIDENCE, 1},
    {STATEMENT_PHASE_MACHINE, STATEMENT_MACHINE, STATEMENT_HANDSHAKE, 19},
    {STATEMENT_PHASE_MACHINE, STATEMENT_MACHINE, STATEMENT_PROOF, 1},
    {STATEMENT_PHASE_MACHINE, STATEMENT_MACHINE, STATEMENT_RECEIPT, 1},
    {STATEMENT_PHASE_MACHINE, STATEMENT_MACHINE, STATEMENT_OFFER, 1},
    {STATEMENT_PHASE_MACHINE, STATEMENT_MACHINE, STATEMENT_EVIDENCE, 1},
};

static unsigned
times_of(int phase, int identity, int statement)
{
    for (size_t i = 0; i < sizeof permitted / sizeof permitted[0]; i++)
        if ((int)permitted[i].phase == phase &&
            (int)permitted[i].identity == identity &&
            (int)permitted[i].statement == statement)
            return permitted[i].times;
    return 0;
}

static void
every_place_has_its_budget_and_no_more(void **state)
{
    (void)state;
    for (int phase = 0; phase < STATEMENT_PHASE__MAX; phase++)
        for (int who = 0; who < STATEMENT_IDENTITY__MAX; who++)
            for (int what = 0; what < STATEMENT__MAX; what++) {
                struct statement_ledger ledger = {
                    .phase = (enum statement_phase)phase};
                unsigned times = times_of(phase, who, what);
                bool spent = times > 0 && what == STATEMENT_HANDSHAKE;

                for (unsigned i = 0; i < times; i++)
                    assert_int_equal(
                        statement_permit(&ledger, (enum statement_identity)who,
                                         (enum statement)what, NULL),
                        KS_OK);
                assert_int_equal(statement_permit(&ledger,
                                                  (enum statement_identity)who,
                                                  (enum statement)what, NULL),
                                 spent ? KS_ERR_NET_CLOSED : KS_ERR_STATEMENT);
            }
}

static void
numbers_outside_the_matrix_are_refused(void **state)
{
    struct statement_ledger ledger = {.phase = STATEMENT_PHASE_ENROL};

    (void)state;
    assert_int_equal(statement_permit(&ledger, (enum statement_identity)77,
                                      STATEMENT_PROOF, NULL),
                     KS_ERR_STATEMENT);
    assert_int_equal(statement_permit(&ledger, STATEMENT_CREDENTIAL,
                                      (enum statement)77, NULL),
                     KS_ERR_STATEMENT);
    ledger.phase = (enum statement_phase)77;
    assert_int_equal(
        statement_permit(&ledger, STATEMENT_CREDENTIAL, STATEMENT_PROOF, NULL),
        KS_ERR_STATEMENT);
}

/* A signature over other content must not verify. */
static void
wrong_signature_is_found_out(void **state)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    struct keystore_signature raw = {.bytes = {1, [32] = 1}, .length = 64};
    const struct statement_bytes statement = {"holdfast proof", raw.bytes, 32};
    struct err_cause cause;

    (void)state;
    assert_non_null(key);
    assert_int_equal(
        statement_verify(key, KEYSTORE_ES256, &statement, &raw, &cause),
        KS_ERR_TOKEN_FAILED);
    EVP_PKEY_free(key);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_bytes_are_no_handshake),
        cmocka_unit_test(client_certificate_verify_is_one),
        cmocka_unit_test(every_place_has_its_budget_and_no_more),
        cmocka_unit_test(numbers_outside_the_matrix_are_refused),
        cmocka_unit_test(wrong_signature_is_found_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
