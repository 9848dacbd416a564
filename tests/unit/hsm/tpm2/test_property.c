/* SPDX-License-Identifier: Apache-2.0 */
/* What TPMs say of themselves, as makers' TPMs and emulations do, and when the
 * protection against guessing leaves no try. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <tss2/tss2_mu.h>

#include "hsm/tpm2/pin.h"
#include "tests/unit/hsm/tpm2/scripted_tpm.h"

#define PROPERTIES_MAX 16
#define FOUR(a, b, c, d)                                                       \
    ((UINT32)(a) << 24 | (UINT32)(b) << 16 | (UINT32)(c) << 8 | (UINT32)(d))

/* What the TPM says, at most PER_ANSWER at once and never of two groups. */
static struct {
    TPMS_TAGGED_PROPERTY list[PROPERTIES_MAX];
    unsigned count;
    unsigned per_answer;
    TSS2_RC code;  /* in place of all that */
    bool stubborn; /* always the same first ones, and always more to come */
} tpm;

static void
say(TPM2_PT property, UINT32 value)
{
    assert_true(tpm.count < PROPERTIES_MAX);
    tpm.list[tpm.count++] = (TPMS_TAGGED_PROPERTY){property, value};
}

static UINT32
asked_for(void)
{
    const uint8_t *from = scripted_tpm.command + 14; /* header, capability */

    return FOUR(from[0], from[1], from[2], from[3]);
}

/* Is there an Ith, and of the group that is asked for? */
static bool
is_of_group(unsigned i)
{
    return i < tpm.count &&
           (tpm.list[i].property ^ asked_for()) / TPM2_PT_GROUP == 0;
}

static TSS2_RC
answer(unsigned nth, uint8_t *response, size_t *ret_length)
{
    TPMS_CAPABILITY_DATA data = {.capability = TPM2_CAP_TPM_PROPERTIES};
    TPML_TAGGED_TPM_PROPERTY *list = &data.data.tpmProperties;
    size_t length = 0;
    unsigned i = 0;

    if (nth > 2 * PROPERTIES_MAX)
        fail_msg("it is asked for ever");
    (void)scripted_tpm_code(tpm.code, response, &length);
    *ret_length = length;
    if (tpm.code != TSS2_RC_SUCCESS)
        return TSS2_RC_SUCCESS;
    while (i < tpm.count && tpm.list[i].property < asked_for() && !tpm.stubborn)
        i++;
    while (is_of_group(i) && list->count < tpm.per_answer)
        list->tpmProperty[list->count++] = tpm.list[i++];
    response[length++] = is_of_group(i) || tpm.stubborn;
    assert_int_equal(Tss2_MU_TPMS_CAPABILITY_DATA_Marshal(
                         &data, response, SCRIPTED_TPM_MAX, &length),
                     TSS2_RC_SUCCESS);
    response[4] = (uint8_t)(length >> 8);
    response[5] = (uint8_t)length;
    *ret_length = length;
    return TSS2_RC_SUCCESS;
}

static TSS2_RC
read_property(struct tpm2_property *ret)
{
    ESYS_CONTEXT *esys = NULL;
    TSS2_RC rc;

    assert_int_equal(Esys_Initialize(&esys, scripted_tpm_new(answer), NULL),
                     TSS2_RC_SUCCESS);
    rc = tpm2_property_read(esys, ret);
    if (rc == TSS2_RC_SUCCESS)
        rc = tpm2_property_read_lockout(esys, ret);
    Esys_Finalize(&esys);
    return rc;
}

static int
forget(void **state)
{
    (void)state;
    memset(&tpm, 0, sizeof tpm);
    tpm.per_answer = PROPERTIES_MAX;
    return 0;
}

static void
failure_is_handed_on_and_changes_nothing(void **state)
{
    struct tpm2_property property = {.maker = "untouched"};

    (void)state;
    tpm.code = TPM2_RC_FAILURE;
    assert_int_equal(read_property(&property), TPM2_RC_FAILURE);
    assert_string_equal(property.maker, "untouched");
}

/* By what the TPM says of its lockout. */
static enum ks_err
may_try(const struct tpm2_lockout *lockout, struct err_cause *cause)
{
    struct tpm2_connection connection = {.gone = false};
    enum ks_err rc;

    (void)forget(NULL);
    say(TPM2_PT_PERMANENT, lockout->locked ? TPMA_PERMANENT_INLOCKOUT : 0);
    say(TPM2_PT_LOCKOUT_COUNTER, lockout->failures);
    say(TPM2_PT_MAX_AUTH_FAIL, lockout->failures_max);
    say(TPM2_PT_LOCKOUT_INTERVAL, lockout->interval);
    assert_int_equal(
        Esys_Initialize(&connection.esys, scripted_tpm_new(answer), NULL),
        TSS2_RC_SUCCESS);
    rc = tpm2_pin_may_try(&connection, cause);
    Esys_Finalize(&connection.esys);
    return rc;
}

/* The next try would be the last, or there is none. */
static void
no_value_is_tried_that_could_lock(void **state)
{
    static const struct tpm2_lockout lockouts[] = {
        {.locked = true, .failures = 3, .failures_max = 3, .interval = 1000},
        {.locked = true, .failures = 0, .failures_max = 32, .interval = 1000},
        {.failures = 2, .failures_max = 3, .interval = 1000},
        {.failures = 31, .failures_max = 32, .interval = 1000},
        {.failures = 3, .failures_max = 3, .interval = 1000},
        {.failures = 4, .failures_max = 3, .interval = 1000},
        {.failures = 1, .failures_max = 1, .interval = 1000},
        {.failures = 1, .failures_max = 0, .interval = 1000},
        {.failures = UINT32_MAX, .failures_max = 3, .interval = 1000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof lockouts / sizeof lockouts[0]; i++) {
        struct err_cause cause = {.text = ""};

        if (may_try(&lockouts[i], &cause) != KS_ERR_PIN_LOCKED)
            fail_msg("%zu: a value would be tried", i);
        assert_non_null(strstr(cause.text, "1000 s"));
        assert_non_null(strstr(cause.text, "tpm2_dictionarylockout"));
        assert_non_null(strstr(cause.text, lockouts[i].locked
                                               ? "is in lockout"
                                               : "one more refusal"));
    }
}

static void
a_tpm_that_never_comes_to_an_end_is_left(void **state)
{
    struct tpm2_property property;

    (void)state;
    say(TPM2_PT_MANUFACTURER, FOUR('I', 'F', 'X', 0));
    say(TPM2_PT_VENDOR_STRING_1, FOUR('S', 'L', 'B', '9'));
    tpm.stubborn = true;
    (void)read_property(&property); /* fails in answer() */
}

static void
values_are_tried_while_there_are_tries(void **state)
{
    static const struct tpm2_lockout lockouts[] = {
        {.failures = 0, .failures_max = 3},
        {.failures = 1, .failures_max = 3},
        {.failures = 30, .failures_max = 32},
        {.failures = 0, .failures_max = 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof lockouts / sizeof lockouts[0]; i++)
        assert_int_equal(may_try(&lockouts[i], NULL), KS_OK);
}

static const struct {
    UINT32 maker;
    UINT32 model[4];
    const char *maker_text;
    const char *model_text;
    bool emulated;
} makers[] = {
    /* software */
    {FOUR('I', 'B', 'M', 0),
     {FOUR('S', 'W', ' ', ' '), FOUR(' ', 'T', 'P', 'M')},
     "IBM",
     "SW   TPM",
     true},
    {FOUR('M', 'S', 'F', 'T'),
     {FOUR('x', 'C', 'G', ' '), FOUR('f', 'T', 'P', 'M')},
     "MSFT",
     "xCG fTPM",
     true},
    {FOUR('X', 'Y', 'Z', 'Z'), {FOUR('a', 'n', 'y', 0)}, "XYZZ", "any", true},
    /* hardware, and firmware of processors */
    {FOUR('I', 'F', 'X', 0),
     {FOUR('S', 'L', 'B', '9'), FOUR('6', '7', '0', 0)},
     "IFX",
     "SLB9670",
     false},
    {FOUR('S', 'T', 'M', ' '), {0}, "STM", "", false},
    {FOUR('I', 'N', 'T', 'C'),
     {FOUR('I', 'n', 't', 'e'), FOUR('l', 0, 0, 0)},
     "INTC",
     "Intel",
     false},
    {FOUR('A', 'M', 'D', 0), {FOUR('A', 'M', 'D', 0)}, "AMD", "AMD", false},
    {FOUR('N', 'T', 'C', 0),
     {FOUR('N', 'P', 'C', 'T'), FOUR('7', '5', 'x', 0)},
     "NTC",
     "NPCT75x",
     false},
    /* a maker's name alone does not make it software */
    {FOUR('I', 'B', 'M', 0), {FOUR('H', 'W', ' ', ' ')}, "IBM", "HW", false},
    {FOUR('M', 'S', 'F', 'T'),
     {FOUR('P', 'l', 'u', 't')},
     "MSFT",
     "Plut",
     false},
    /* what a terminal would obey */
    {FOUR('A', 0x1b, '[', 'B'),
     {FOUR(0x07, 'x', '\n', 0xff), FOUR('y', ' ', ' ', ' ')},
     "A[B",
     "xy",
     false},
};

static void
makers_are_known_for_what_they_make(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        struct tpm2_property property;

        (void)forget(NULL);
        say(TPM2_PT_MANUFACTURER, makers[i].maker);
        for (UINT32 j = 0; j < 4; j++)
            say(TPM2_PT_VENDOR_STRING_1 + j, makers[i].model[j]);
        assert_int_equal(read_property(&property), TSS2_RC_SUCCESS);
        assert_string_equal(property.maker, makers[i].maker_text);
        assert_string_equal(property.model, makers[i].model_text);
        if (property.emulated != makers[i].emulated)
            fail_msg("%s %s: emulated or not", property.maker, property.model);
    }
}

static void
assert_whole(const struct tpm2_property *property)
{
    assert_string_equal(property->maker, "IFX");
    assert_string_equal(property->model, "SLB9");
    assert_string_equal(property->firmware, "7.85.17.51968");
    assert_true(property->owner_auth);
    assert_true(property->lockout.locked);
    assert_int_equal(property->lockout.failures, 5);
    assert_int_equal(property->lockout.failures_max, 32);
    assert_int_equal(property->lockout.interval, 7200);
}

/* Some TPMs answer a few at a time (moreData). */
static void
all_is_read_however_it_comes(void **state)
{
    (void)state;
    say(TPM2_PT_MANUFACTURER, FOUR('I', 'F', 'X', 0));
    say(TPM2_PT_VENDOR_STRING_1, FOUR('S', 'L', 'B', '9'));
    say(TPM2_PT_FIRMWARE_VERSION_1, 7 << 16 | 85);
    say(TPM2_PT_FIRMWARE_VERSION_2, 17 << 16 | 51968);
    say(TPM2_PT_PERMANENT,
        TPMA_PERMANENT_INLOCKOUT | TPMA_PERMANENT_OWNERAUTHSET);
    say(TPM2_PT_LOCKOUT_COUNTER, 5);
    say(TPM2_PT_MAX_AUTH_FAIL, 32);
    say(TPM2_PT_LOCKOUT_INTERVAL, 7200);
    for (unsigned n = 1; n <= tpm.count; n++) {
        struct tpm2_property property;

        tpm.per_answer = n;
        assert_int_equal(read_property(&property), TSS2_RC_SUCCESS);
        assert_whole(&property);
        assert_int_equal(scripted_tpm.commands, 2 * ((4 + n - 1) / n));
    }
}

static void
nothing_said_is_nothing_known(void **state)
{
    struct tpm2_property property;

    (void)state;
    assert_int_equal(read_property(&property), TSS2_RC_SUCCESS);
    assert_string_equal(property.maker, "");
    assert_string_equal(property.model, "");
    assert_string_equal(property.firmware, "0.0.0.0");
    assert_false(property.emulated);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(failure_is_handed_on_and_changes_nothing,
                               forget),
        cmocka_unit_test_setup(no_value_is_tried_that_could_lock, forget),
        cmocka_unit_test_setup(a_tpm_that_never_comes_to_an_end_is_left,
                               forget),
        cmocka_unit_test_setup(values_are_tried_while_there_are_tries, forget),
        cmocka_unit_test_setup(makers_are_known_for_what_they_make, forget),
        cmocka_unit_test_setup(all_is_read_however_it_comes, forget),
        cmocka_unit_test_setup(nothing_said_is_nothing_known, forget),
    };

    (void)setenv("TSS2_LOG", "all+none", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
