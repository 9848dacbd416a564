/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 200 machines that register at once with one vault: real programs, all started
 * at one moment.  That all of them succeed is asserted; times are printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench_measure.h"
#include "tests/support/rig.h"

#define MACHINES 200

static struct rig rig;
static struct rig_run run;
static char file[RIG_PATH];

static struct {
    pid_t pid;
    double seconds;
} machines[MACHINES];

static int
start(void **state)
{
    (void)state;
    rig_start(&rig, "soft");
    rig_download(&rig, "several", file);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    rig_stop(&rig);
    return 0;
}

/* Each machine has a directory with a copy of the file of its own. */
static void
make_places(void)
{
    const char *argv[] = {"/bin/sh",
                          "-euc",
                          "umask 077; for i in $(seq 0 199); do "
                          "mkdir \"$1/m$i\"; cp \"$2\" \"$1/m$i/file\"; done",
                          "sh",
                          rig.directory,
                          file,
                          NULL};

    rig_run(&run, argv);
    rig_expect(&run, 0, "");
}

/* In a child: register when the other end of GATE is closed. */
_Noreturn static void
be_machine(int number, int gate)
{
    char program[RIG_PATH + 16], state[RIG_PATH + 32], copy[RIG_PATH + 32],
        output[RIG_PATH + 32];
    int out;
    char byte;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    snprintf(state, sizeof state, "%s/m%d/state", rig.directory, number);
    snprintf(copy, sizeof copy, "%s/m%d/file", rig.directory, number);
    snprintf(output, sizeof output, "%s/m%d/output", rig.directory, number);
    out = open(output, O_WRONLY | O_CREAT, 0600);
    (void)dup2(out, STDOUT_FILENO);
    (void)dup2(out, STDERR_FILENO);
    (void)!read(gate, &byte, 1);
    (void)execl(program, "holdfast", "register", "--token",
                "soft:", "--allow-emulation", "--vault-host", rig.host,
                "--ca-file", rig.ca_file, "--expect-vault", "lab1",
                "--state-dir", state, copy, (char *)NULL);
    _exit(127);
}

static size_t
find(pid_t pid)
{
    size_t i = 0;

    while (i < MACHINES && machines[i].pid != pid)
        i++;
    assert_true(i < MACHINES);
    return i;
}

static void
expect_success(size_t number, int status)
{
    char path[RIG_PATH + 32];

    snprintf(path, sizeof path, "%s/m%zu/output", rig.directory, number);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("machine %zu: %s", number, rig_read(path, NULL));
}

static void
print_times(double all)
{
    double seconds[MACHINES], median;

    for (size_t i = 0; i < MACHINES; i++)
        seconds[i] = machines[i].seconds;
    median = bench_median(seconds, MACHINES);
    printf("%d machines at once: %.1f s in all, %.1f registrations a second, "
           "median %.1f s, p99 %.1f s\n",
           MACHINES, all, MACHINES / all, median,
           seconds[MACHINES * 99 / 100 - 1]);
}

/* Machines that the vault has given a certificate. */
static size_t
count_enrolments(void)
{
    json_t *log = rig_access_log(&rig);
    json_t *entry;
    size_t i, count = 0;

    json_array_foreach(log, i, entry)
    {
        const char *request = json_string_value(
            json_object_get(entry, "request"));

        count += strstr(request, "/simpleenroll ") != NULL &&
                 json_integer_value(json_object_get(entry, "status")) == 200;
    }
    json_decref(log);
    return count;
}

static void
all_of_200_at_once_are_registered(void **state)
{
    int gate[2], status;
    double before;

    (void)state;
    make_places();
    assert_int_equal(pipe2(gate, O_CLOEXEC), 0);
    for (int i = 0; i < MACHINES; i++) {
        machines[i].pid = fork();
        assert_true(machines[i].pid >= 0);
        if (machines[i].pid == 0) {
            close(gate[1]);
            be_machine(i, gate[0]);
        }
    }
    before = bench_now();
    close(gate[1]);
    for (int i = 0; i < MACHINES; i++) {
        pid_t pid = waitpid(-1, &status, 0);
        size_t which = find(pid);

        machines[which].seconds = bench_now() - before;
        expect_success(which, status);
    }
    print_times(bench_now() - before);
    close(gate[0]);
    assert_int_equal(count_enrolments(), MACHINES);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_of_200_at_once_are_registered,
                                        start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
