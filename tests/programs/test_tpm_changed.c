/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM that is not what it was: `status` says what has happened, and the way
 * back that it names is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/support/rig_case.h"
#include "tests/support/rig_data.h"
#include "tests/support/rig_state.h"
#include "tests/support/rig_tpm.h"
#include "tests/support/tpm2/swtpm.h"

/* `status`, which is no error whatever has become of the TPM. */
static void
expect_condition(const char *condition, const char *way_back)
{
    json_t *report, *now;
    const char *way;

    rig_holdfast(&rig, &run, "status", "--json", NULL);
    rig_expect(&run, 0, "");
    report = rig_json(&run);
    now = json_object_get(report, "tpm_now");
    assert_string_equal(json_string_value(json_object_get(now, "condition")),
                        condition);
    way = json_string_value(json_object_get(now, "way_back"));
    if (*way_back == '\0')
        assert_null(way);
    else if (way == NULL || strstr(way, way_back) == NULL)
        fail_msg("\"%s\" is not in the way back: %s", way_back,
                 way != NULL ? way : "none");
    json_decref(report);
}

static void
expect_says(const char *says)
{
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 0, "");
    if (strstr(run.out, says) == NULL)
        fail_msg("no \"%s\" in\n%s", says, run.out);
}

static void
replace_tpm(void)
{
    assert_int_equal(swtpm_replace(rig.tpm), 0);
}

static void
clear_tpm(void)
{
    tpm_tool(&rig, "clear", NULL);
}

/* The portal's Replace, and what the line says behind it, on the token that is
 * there now; OPTION is what `unregister` wants besides, or NULL. */
static void
expect_replacement_goes(const char *option)
{
    char machine[64];

    rig_data_machine(&rig, machine);
    rig_data_replace(&rig, machine, file);
    rig_holdfast(&rig, &run, "unregister", "--offline", option, NULL);
    rig_expect(&run, 0, "");
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    rig_data_expect_restored(&rig);
}

static void
same_tpm_is_unchanged_and_left_so(void **state)
{
    (void)state;
    expect_condition("unchanged", "");
    assert_int_equal(swtpm_restart(rig.tpm), 0);
    expect_condition("unchanged", "");
    tpm_expect_only_srk(&rig);
}

/* Its handle is empty: the TPM makes the same key for the look, in a slot. */
static void
root_key_that_was_evicted_is_no_change(void **state)
{
    (void)state;
    tpm_tool(&rig, "evictcontrol", "-C", "o", "-c", "0x81000001", NULL);
    expect_condition("unchanged", "");
    tpm_expect_empty(&rig);
    rig_data_expect_restored(&rig);
}

static void
owners_password_may_hide_it(void **state)
{
    (void)state;
    tpm_tool(&rig, "changeauth", "-c", "owner", "secret", NULL);
    expect_condition("unchanged", "");
    tpm_tool(&rig, "evictcontrol", "-C", "o", "-P", "secret", "-c",
             "0x81000001", NULL);
    expect_condition("unknown", "holdfast(8)");
    tpm_expect_empty(&rig);
}

static void
firmware_update_keeps_the_keys(void **state)
{
    (void)state;
    rig_state_set(&rig, "tpm_firmware", "1.2.3.4");
    expect_condition("firmware-updated", "'holdfast attest --submit'");
    expect_says("its firmware was updated, and its keys work");
    rig_data_expect_restored(&rig);
}

static void
cleared_tpm_is_replaced(void **state)
{
    (void)state;
    clear_tpm();
    expect_condition("cleared", "Replace on this machine's page");
    expect_says("it was cleared: this machine's keys are lost");
    tpm_expect_empty(&rig);
    expect_replacement_goes(NULL);
    expect_condition("unchanged", "");
}

static void
another_tpm_is_replaced(void **state)
{
    (void)state;
    replace_tpm();
    expect_condition("other", "Replace on this machine's page");
    expect_says("it is another TPM, as with a new mainboard");
    expect_replacement_goes(NULL);
    expect_condition("unchanged", "");
}

/* Of a machine that gave no evidence, no EK is recorded. */
static void
without_a_recorded_ek_it_is_one_of_the_two(void **state)
{
    (void)state;
    rig_state_set(&rig, "tpm_ek_sha256", "");
    clear_tpm();
    expect_condition("cleared-or-other", "Replace on this machine's page");
    replace_tpm();
    expect_condition("cleared-or-other", "Replace on this machine's page");
}

static void
tpm_that_is_gone_is_given_up(void **state)
{
    (void)state;
    swtpm_free(&rig.tpm);
    expect_condition("unreachable", "--token-lost");
    expect_says("it cannot be looked at");
    snprintf(rig.token, sizeof rig.token, "soft:");
    expect_replacement_goes("--token-lost");
}

/* There is no handle that could be looked at. */
static void
cleared_under_a_transient_root(void **state)
{
    size_t length = strlen(rig.token);

    (void)state;
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    tpm_tool(&rig, "evictcontrol", "-C", "o", "-c", "0x81000001", NULL);
    snprintf(rig.token + length, sizeof rig.token - length, ";root=transient");
    rig_download(&rig, "several", file);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    expect_condition("unchanged", "");
    tpm_expect_empty(&rig);
    clear_tpm();
    expect_condition("cleared", "Replace on this machine's page");
    tpm_expect_empty(&rig);
}

#define TEST(name) RIG_CASE(name, rig_case_start_backed_up)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(same_tpm_is_unchanged_and_left_so),
        TEST(root_key_that_was_evicted_is_no_change),
        TEST(owners_password_may_hide_it),
        TEST(firmware_update_keeps_the_keys),
        TEST(cleared_tpm_is_replaced),
        TEST(another_tpm_is_replaced),
        TEST(without_a_recorded_ek_it_is_one_of_the_two),
        TEST(tpm_that_is_gone_is_given_up),
        TEST(cleared_under_a_transient_root),
    };

    return rig_case_main(argc, argv, tests);
}
