/* SPDX-License-Identifier: Apache-2.0 */
/* Patience with a TPM that is busy: how long, with what, and with what not.
 * Time does not pass here: the waits are taken down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tss2/tss2_tpm2_types.h>

#include "hsm/tpm2/tcti.h"
#include "tests/unit/hsm/tpm2/scripted_tpm.h"

#define WAITS_MAX 64
#define RESPONSE_MAX 4096

static const uint8_t command[] = {0x80, 0x01, 0,    0,    0, 12,
                                  0,    0,    0x01, 0x7b, 0, 16};

/* What wants patience, and what must not be tried again. */
static const TSS2_RC patient[] = {TPM2_RC_RETRY, TPM2_RC_YIELDED,
                                  TPM2_RC_TESTING, TPM2_RC_NV_RATE,
                                  TPM2_RC_NV_UNAVAILABLE};
static const TSS2_RC final[] = {TPM2_RC_LOCKOUT,       TPM2_RC_FAILURE,
                                TPM2_RC_INITIALIZE,    0x98e,
                                TPM2_RC_OBJECT_MEMORY, 0x9a2,
                                TPM2_RC_CANCELED,      TPM2_RC_SESSION_MEMORY,
                                TPM2_RC_REFERENCE_H0};

static struct {
    TSS2_RC code;
    unsigned times;  /* that many answers of it, then success */
    TSS2_RC failure; /* of the transport, with the second command */
} script;

static struct {
    unsigned count;
    long ms[WAITS_MAX];
    long total;
} waits;

int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left);

int
__wrap_nanosleep(const struct timespec *wanted, struct timespec *left)
{
    long ms = wanted->tv_sec * 1000 + wanted->tv_nsec / 1000000;

    (void)left;
    if (waits.count < WAITS_MAX)
        waits.ms[waits.count] = ms;
    waits.count++;
    waits.total += ms;
    return 0;
}

static TSS2_RC
answer(unsigned nth, uint8_t *response, size_t *ret_length)
{
    if (nth > 1 && script.failure != TSS2_RC_SUCCESS)
        return script.failure;
    return scripted_tpm_code(nth <= script.times ? script.code
                                                 : TSS2_RC_SUCCESS,
                             response, ret_length);
}

static TSS2_TCTI_CONTEXT *
start(TSS2_RC code, unsigned times)
{
    TSS2_TCTI_CONTEXT *tcti = NULL;

    script.code = code;
    script.times = times;
    script.failure = TSS2_RC_SUCCESS;
    memset(&waits, 0, sizeof waits);
    assert_int_equal(tpm2_tcti_wrap(scripted_tpm_new(answer), &tcti),
                     TSS2_RC_SUCCESS);
    assert_int_equal(Tss2_Tcti_Transmit(tcti, sizeof command, command),
                     TSS2_RC_SUCCESS);
    return tcti;
}

/* The code in the response that the caller gets. */
static TSS2_RC
receive(TSS2_TCTI_CONTEXT *tcti)
{
    uint8_t response[RESPONSE_MAX];
    size_t length = sizeof response;

    assert_int_equal(
        Tss2_Tcti_Receive(tcti, &length, response, TSS2_TCTI_TIMEOUT_BLOCK),
        TSS2_RC_SUCCESS);
    assert_int_equal(length, 10);
    return (TSS2_RC)response[6] << 24 | (TSS2_RC)response[7] << 16 |
           (TSS2_RC)response[8] << 8 | response[9];
}

static void
other_answers_are_final(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof final / sizeof final[0]; i++) {
        TSS2_TCTI_CONTEXT *tcti = start(final[i], 1);

        assert_int_equal(receive(tcti), final[i]);
        assert_int_equal(scripted_tpm.commands, 1);
        assert_int_equal(waits.count, 0);
        tpm2_tcti_close(&tcti);
    }
}

/* Some 8 s in all, in growing steps of at most one. */
static void
patience_has_an_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof patient / sizeof patient[0]; i++) {
        TSS2_TCTI_CONTEXT *tcti = start(patient[i], UINT32_MAX);

        assert_int_equal(receive(tcti), patient[i]);
        assert_int_equal(scripted_tpm.commands, waits.count + 1);
        assert_in_range(waits.total, 5000, 15000);
        assert_in_range(waits.ms[0], 1, 50);
        for (unsigned j = 1; j < waits.count; j++) {
            assert_true(waits.ms[j] >= waits.ms[j - 1]);
            assert_true(waits.ms[j] <= 1000);
        }
        tpm2_tcti_close(&tcti);
    }
}

static void
transport_that_fails_meanwhile_is_believed(void **state)
{
    TSS2_TCTI_CONTEXT *tcti = start(TPM2_RC_RETRY, UINT32_MAX);
    uint8_t response[RESPONSE_MAX];
    size_t length = sizeof response;

    (void)state;
    script.failure = TSS2_TCTI_RC_IO_ERROR;
    assert_int_equal(
        Tss2_Tcti_Receive(tcti, &length, response, TSS2_TCTI_TIMEOUT_BLOCK),
        TSS2_TCTI_RC_IO_ERROR);
    assert_int_equal(scripted_tpm.commands, 2);
    tpm2_tcti_close(&tcti);
}

static void
busy_tpm_is_asked_again_with_the_same_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof patient / sizeof patient[0]; i++)
        for (unsigned times = 1; times <= 10; times++) {
            TSS2_TCTI_CONTEXT *tcti = start(patient[i], times);

            assert_int_equal(receive(tcti), TSS2_RC_SUCCESS);
            assert_int_equal(scripted_tpm.commands, times + 1);
            assert_int_equal(waits.count, times);
            assert_int_equal(scripted_tpm.others, 0);
            assert_int_equal(scripted_tpm.length, sizeof command);
            assert_memory_equal(scripted_tpm.command, command, sizeof command);
            tpm2_tcti_close(&tcti);
        }
}

/* The TSS may ask for the length first: it must be that of the answer that
 * counts. */
static void
question_for_the_length_waits_for_the_answer(void **state)
{
    TSS2_TCTI_CONTEXT *tcti = start(TPM2_RC_RETRY, 1);
    size_t length = 0;

    (void)state;
    assert_int_equal(
        Tss2_Tcti_Receive(tcti, &length, NULL, TSS2_TCTI_TIMEOUT_BLOCK),
        TSS2_RC_SUCCESS);
    assert_int_equal(length, 10);
    assert_int_equal(scripted_tpm.commands, 2);
    assert_int_equal(waits.count, 1);
    assert_int_equal(receive(tcti), TSS2_RC_SUCCESS);
    assert_int_equal(scripted_tpm.commands, 2);
    tpm2_tcti_close(&tcti);
}

static void
closing_ends_what_is_inside_once(void **state)
{
    TSS2_TCTI_CONTEXT *tcti = start(TSS2_RC_SUCCESS, 0);

    (void)state;
    tpm2_tcti_close(&tcti);
    assert_null(tcti);
    tpm2_tcti_close(&tcti);
    assert_int_equal(scripted_tpm.finalized, 1);
}

static void
unknown_transport_leaves_nothing(void **state)
{
    TSS2_TCTI_CONTEXT *tcti = NULL;

    (void)state;
    assert_int_not_equal(tpm2_tcti_open("swtpm:path=/nonexistent", &tcti),
                         TSS2_RC_SUCCESS);
    assert_null(tcti);
    assert_int_not_equal(tpm2_tcti_open("nosuchtransport", &tcti),
                         TSS2_RC_SUCCESS);
    assert_null(tcti);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_answers_are_final),
        cmocka_unit_test(patience_has_an_end),
        cmocka_unit_test(transport_that_fails_meanwhile_is_believed),
        cmocka_unit_test(busy_tpm_is_asked_again_with_the_same_bytes),
        cmocka_unit_test(question_for_the_length_waits_for_the_answer),
        cmocka_unit_test(closing_ends_what_is_inside_once),
        cmocka_unit_test(unknown_transport_leaves_nothing),
    };

    /* The TSS writes on standard error unless it is told not to. */
    (void)setenv("TSS2_LOG", "all+none", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
