/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's certificate comes to its end: every command says so while there
 * is time, and what it says to do keeps machine and data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/support/rig_case.h"
#include "tests/support/rig_data.h"

#define DAY (24 * 60 * 60)

/* A certificate that ends within thirty days, and one that does not yet. */
static int
start_with(const char *days, void **state)
{
    (void)rig_case_start(state);
    rig_vaultlever(&rig, "machine-days", days);
    rig_data_prepare(&rig);
    rig_data_back_up(&rig);
    return 0;
}

static int
start_near_the_end(void **state)
{
    return start_with("20", state);
}

static int
start_before_it(void **state)
{
    return start_with("32", state);
}

/* The last run went well, and has warned or not. */
static void
expect_warning(bool warned)
{
    const char *ends = "warning: the machine's certificate ends on ";

    rig_expect(&run, 0, "");
    if ((strstr(run.err, ends) != NULL) != warned)
        fail_msg("%s: \"%s\" in: %s", warned ? "missing" : "said", ends,
                 run.err);
}

static void
run_each_command(bool warned)
{
    rig_holdfast(&rig, &run, "status", NULL);
    expect_warning(warned);
    rig_holdfast(&rig, &run, "reconfigure", "--proxy", "none", NULL);
    expect_warning(warned);
    rig_holdfast(&rig, &run, "snapshots", "--passphrase-file",
                 rig_case_inside("passphrase"), NULL);
    expect_warning(warned);
}

/* Seconds from now to the end that `status` tells. */
static double
told_end(void)
{
    struct tm parts = {0};
    json_t *report;
    const char *end, *rest;

    rig_holdfast(&rig, &run, "status", "--json", NULL);
    rig_expect(&run, 0, "");
    report = rig_json(&run);
    end = json_string_value(json_object_get(json_object_get(report, "machine"),
                                            "certificate_ends"));
    assert_non_null(end);
    rest = strptime(end, "%Y-%m-%dT%H:%M:%SZ", &parts);
    assert_true(rest != NULL && *rest == '\0');
    json_decref(report);
    return difftime(timegm(&parts), time(NULL));
}

static void
nothing_is_said_before_thirty_days(void **state)
{
    (void)state;
    assert_true(told_end() > 31.9 * DAY && told_end() < 32.1 * DAY);
    run_each_command(false);
}

/* By the words of the warning: Replace in the portal, `unregister --offline`,
 * and `register` with that file. */
static void
warned_machine_is_renewed_by_the_way_that_is_said(void **state)
{
    char machine[64];

    (void)state;
    run_each_command(true);
    assert_non_null(strstr(run.err, "(days left: 19); choose Replace"));
    rig_vaultlever(&rig, "machine-days", "365");
    rig_data_machine(&rig, machine);
    rig_data_replace(&rig, machine, file);
    rig_holdfast(&rig, &run, "unregister", "--offline", NULL);
    rig_expect(&run, 0, "");
    rig_register(&rig, &run, file);
    expect_warning(false);
    assert_true(told_end() > 364 * (double)DAY);
    rig_data_expect_restored(&rig);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        RIG_CASE(nothing_is_said_before_thirty_days, start_before_it),
        RIG_CASE(warned_machine_is_renewed_by_the_way_that_is_said,
                 start_near_the_end),
    };

    return rig_case_main(argc, argv, tests);
}
