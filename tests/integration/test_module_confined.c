/* SPDX-License-Identifier: Apache-2.0 */
/* What a PKCS#11 module cannot reach from the processes that load it, in a
 * registration that goes well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/integration/nosy.h"
#include "tests/integration/rig.h"

static struct rig rig;
static struct rig_run run;

static int
start(void **state)
{
    (void)state;
    rig_start(&rig, "pkcs11");
    snprintf(rig.token, sizeof rig.token, "pkcs11:token=rig?module-path=%s",
             NOSY_MODULE);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    rig_stop(&rig);
    return 0;
}

static const char *const attempts[] = {
    "internet", "datagrams", "netlink",     "program",
    "ptrace",   "core",      "environment",
};

/* What ATTEMPT in PROCESS came to, in LOG: an errno, 0 for success, -1: not
 * tried, and where there are several: the first that succeeded. */
static int
outcome(const char *log, const char *process, const char *attempt)
{
    char line[64];
    int worst = -1;

    (void)snprintf(line, sizeof line, "%s %s ", process, attempt);
    for (const char *at = log; (at = strstr(at, line)) != NULL; at++) {
        int got = atoi(at + strlen(line));

        if (worst == -1 || got == 0)
            worst = got;
    }
    return worst;
}

static void
module_reaches_nothing_but_files(void **state)
{
    /* as the kernel cuts them off */
    static const char *const processes[] = {"holdfast-token",
                                            "holdfast-inspec"};
    char file[RIG_PATH], path[RIG_PATH + 16];
    char *log;

    (void)state;
    rig_download(&rig, "one", file);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    snprintf(path, sizeof path, "%s/nosy.log", rig.directory);
    log = rig_read(path, NULL);
    for (size_t p = 0; p < 2; p++)
        for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++)
            if (outcome(log, processes[p], attempts[i]) <= 0)
                fail_msg("%s: %s: %d\n%s", processes[p], attempts[i],
                         outcome(log, processes[p], attempts[i]), log);
    free(log);
}

/* Without confinement they work, or this test would prove nothing; tracing
 * alone may be forbidden to a whole machine. */
static void
the_attempts_are_real_ones(void **state)
{
    char *log = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&log, &length);

    (void)state;
    assert_non_null(file);
    nosy(file);
    assert_int_equal(fclose(file), 0);
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++)
        if (strcmp(attempts[i], "ptrace") != 0 &&
            outcome(log, "module_confined", attempts[i]) != 0)
            fail_msg("%s\n%s", attempts[i], log);
    free(log);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(module_reaches_nothing_but_files, start,
                                        stop),
        cmocka_unit_test(the_attempts_are_real_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
