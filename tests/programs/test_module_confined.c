/* SPDX-License-Identifier: Apache-2.0 */
/* What a PKCS#11 module cannot reach from the processes that load it, in a
 * registration that goes well: no network, no program or process, nothing of
 * another process, and of files none that another user keeps for himself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/altered/attacking_module.h"
#include "tests/altered/older_landlock.h"
#include "tests/support/rig_case.h"

#define NOBODY 65534

/* Until this process ends.  Nobody accepts: connections wait in its queue. */
static void
listen_abstractly(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1,
                          ATTACKING_ABSTRACT, (int)getpid());
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
                                      1 + (size_t)length)),
                     0);
    assert_int_equal(listen(fd, SOMAXCONN), 0);
}

/* What there is to attack: this process and its socket, and, as root, a file
 * that is for another user alone. */
static void
make_targets(void)
{
    char path[RIG_PATH + 16], text[32];

    (void)snprintf(path, sizeof path, "%s/" ATTACKING_VICTIM, rig.directory);
    (void)snprintf(text, sizeof text, "%d\n", (int)getpid());
    rig_write(path, text, strlen(text));
    listen_abstractly();
    (void)snprintf(path, sizeof path, "%s/" ATTACKING_FOREIGN, rig.directory);
    if (geteuid() != 0)
        return;
    rig_write(path, "theirs", strlen("theirs"));
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(chown(path, NOBODY, NOBODY), 0);
}

static int
start(void **state)
{
    (void)rig_case_start(state);
    make_targets();
    rig_use_module(&rig, ATTACKING_MODULE);
    return 0;
}

/* Outside a helper the last ones are root's alone, or succeed only here and
 * there: tracing may be forbidden to a whole machine. */
static const char *const attempts[] = {
    "internet",
    "datagrams",
    "netlink",
    "program",
    "child",
    "memory",
    "signal",
    "thread-signal",
    "any-thread-signal",
    "queued-signal",
    "owner",
    "owner-by-kind",
    "owner-of-file",
    "owner-of-socket",
    "input-signals",
    "input-signals-of-file",
    "window",
    "keys",
    "keys-later",
    "keys-flushed",
    "limit",
    "descriptor-of-process",
    "starters-end",
    "namespace",
    "core",
    "environment",
    "abstract-socket",
    "mount",
    "foreign",
    "ptrace",
};
#define REAL_FOR_ALL 27
#define REAL_FOR_ROOT 29

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

/* Landlock's version from which on abstract sockets of others are closed. */
#define SCOPES 6

static long
newest_landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0,
                   LANDLOCK_CREATE_RULESET_VERSION);
}

/* A registration in a state of its own, in which the module's attempts come to
 * nothing, with Landlock of version ABI. */
static void
expect_confined(long abi)
{
    /* as the kernel cuts them off */
    static const char *const processes[] = {"holdfast-token",
                                            "holdfast-inspec"};
    char path[RIG_PATH + 16];
    char *log;

    snprintf(path, sizeof path, "%s/" ATTACKING_LOG, rig.directory);
    rig_write(path, "", 0);
    snprintf(rig.state, sizeof rig.state, "%s/state-%ld", rig.directory, abi);
    rig_download(&rig, "one", file);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    log = rig_read(path, NULL);
    for (size_t p = 0; p < 2; p++)
        for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++)
            if ((abi >= SCOPES ||
                 strcmp(attempts[i], "abstract-socket") != 0) &&
                outcome(log, processes[p], attempts[i]) <= 0)
                fail_msg("%ld: %s: %s: %d\n%s", abi, processes[p], attempts[i],
                         outcome(log, processes[p], attempts[i]), log);
    free(log);
}

static void
module_reaches_nothing_but_files(void **state)
{
    (void)state;
    expect_confined(newest_landlock());
}

/* HELPER as it is with Landlock of version ABI; the others stay. */
static void
use_older(const char *helper, long abi)
{
    char older[512], program[RIG_PATH + 64], version[8];
    const char *argv[] = {"/bin/cp", "-f", older, program, NULL};

    snprintf(older, sizeof older, OLDER "/%s", helper);
    snprintf(program, sizeof program, "%s/libexec/holdfast/%s", rig.directory,
             helper);
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    snprintf(program, sizeof program, "%s/libexec/holdfast/" LANDLOCK_FILE,
             rig.directory);
    snprintf(version, sizeof version, "%ld", abi);
    rig_write(program, version, strlen(version));
}

static void
older_landlocks_confine_as_well(void **state)
{
    long newest = newest_landlock();

    (void)state;
    for (long abi = 1; abi < newest && abi <= OLDER_MAX; abi++) {
        rig_use_net(&rig, NULL);
        use_older("holdfast-token", abi);
        use_older("holdfast-inspect", abi);
        use_older("holdfast-credential", abi);
        expect_confined(abi);
    }
}

/* Each helper says so before it has touched anything. */
static void
without_landlock_no_helper_works(void **state)
{
    static const char *const helpers[] = {"holdfast-credential",
                                          "holdfast-inspect", "holdfast-token",
                                          "holdfast-net"};
    (void)state;
    snprintf(rig.state, sizeof rig.state, "%s/state-0", rig.directory);
    rig_download(&rig, "one", file);
    for (size_t i = 0; i < sizeof helpers / sizeof helpers[0]; i++) {
        rig_use_net(&rig, NULL);
        use_older(helpers[i], 0);
        rig_register(&rig, &run, file);
        rig_expect(&run, 70, "Landlock (Linux 5.13 or later)");
        assert_true(rig_exists(file));
    }
}

/* Without confinement they work, or this test would prove nothing. */
static void
the_attempts_are_real_ones(void **state)
{
    size_t count = geteuid() == 0 ? REAL_FOR_ROOT : REAL_FOR_ALL;
    char *log = NULL, path[RIG_PATH + 16];
    size_t length = 0;
    FILE *stream = open_memstream(&log, &length);

    (void)state;
    assert_non_null(stream);
    (void)snprintf(path, sizeof path, "%s/" ATTACKING_FOREIGN, rig.directory);
    attacking_module(stream, getpid(), path);
    assert_int_equal(fclose(stream), 0);
    for (size_t i = 0; i < count; i++)
        if (outcome(log, "module_confined", attempts[i]) != 0)
            fail_msg("%s\n%s", attempts[i], log);
    free(log);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(module_reaches_nothing_but_files),
        cmocka_unit_test(older_landlocks_confine_as_well),
        cmocka_unit_test(without_landlock_no_helper_works),
        cmocka_unit_test(the_attempts_are_real_ones),
    };

    rig_case_begin(argc, argv);
    return cmocka_run_group_tests(tests, start, rig_case_stop);
}
