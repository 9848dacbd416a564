/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/programs/attacked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/ipc/channel.h"
#include "tests/programs/attack.h"
#include "tests/programs/attack_targets.h"
#include "tests/altered/older_landlock.h"

static char report[8192];

int
attacked_outcome(const char *attempt)
{
    char line[64];
    const char *at;

    (void)snprintf(line, sizeof line, "\n%s ", attempt);
    at = strstr(report, line);
    return at != NULL ? atoi(at + strlen(line)) : -1;
}

/* Everything from FD until its end, after a line end. */
static void
collect(int fd)
{
    size_t length = 1;
    ssize_t n;

    report[0] = '\n';
    while ((n = read(fd, report + length, sizeof report - 1 - length)) > 0)
        length += (size_t)n;
    report[length] = '\0';
    (void)close(fd);
}

/* The descriptor FROM as TO in the child, whatever stands there. */
static void
place(int from, int to)
{
    if (dup2(from, to) != to)
        _exit(126);
}

/* What the child has, at descriptors above those of a helper. */
enum { OUT, CONTROL, NET, INPUT, FDS };

_Noreturn static void
run_helper(const char *program, char *const *environment, const int fds[FDS])
{
    static const int places[FDS] = {STDERR_FILENO, CHANNEL_FD_CONTROL,
                                    CHANNEL_FD_NET, CHANNEL_FD_INPUT};
    char *const argv[] = {(char[]){"helper"}, NULL};
    int high[FDS];

    for (int i = 0; i < FDS; i++)
        high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 20);
    for (int i = 0; i < FDS; i++)
        place(high[i], places[i]);
    attack_targets_hide_hosts();
    (void)execve(program, argv, environment);
    _exit(127);
}

struct attacked
attacked_start(const char *program, const char *library, const char *input,
               const char *abi)
{
    char preload[512], target[128], victim[64], older[64];
    char *const environment[] = {
        preload,
        target,
        victim,
        older,
        (char[]){"ASAN_OPTIONS=verify_asan_link_order=0"},
        NULL};
    struct attacked ret;
    int control[2], net[2], out[2];
    int file = open(input, O_RDONLY | O_CLOEXEC);

    (void)snprintf(preload, sizeof preload, "LD_PRELOAD=%s", library);
    (void)snprintf(target, sizeof target, ATTACK_DIRECTORY "=%s",
                   attack_targets_directory());
    (void)snprintf(victim, sizeof victim, ATTACK_VICTIM "=%d", (int)getpid());
    (void)snprintf(older, sizeof older, LANDLOCK_ABI "=%s", abi);
    assert_true(file >= 0);
    assert_int_equal(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, net),
                     0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    ret = (struct attacked){fork(), control[0], out[0]};
    if (ret.pid == 0)
        run_helper(program, environment,
                   (const int[FDS]){out[1], control[1], net[1], file});
    assert_true(ret.pid > 0);
    (void)close(control[1]);
    (void)close(net[0]);
    (void)close(net[1]);
    (void)close(out[1]);
    (void)close(file);
    return ret;
}

void
attacked_finish(struct attacked *attacked)
{
    int status;

    (void)close(attacked->control);
    collect(attacked->report);
    assert_int_equal(waitpid(attacked->pid, &status, 0), attacked->pid);
    assert_true(WIFEXITED(status));
}

void
attacked_freely(void)
{
    struct attacked free_one = {-1, -1, -1};
    int out[2];

    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    free_one.report = out[0];
    free_one.pid = fork();
    if (free_one.pid == 0) {
        place(out[1], STDERR_FILENO);
        attack_targets_hide_hosts();
        attack();
        _exit(0);
    }
    (void)close(out[1]);
    attacked_finish(&free_one);
}

void
attacked_assert_refused(const char *attempt, const char *abi)
{
    int got = attacked_outcome(attempt);

    if (got != EACCES && got != EPERM)
        fail_msg("Landlock %s: %s: %d\n%s", abi, attempt, got, report);
}

void
attacked_assert_done(const char *attempt, const char *abi)
{
    if (attacked_outcome(attempt) != 0)
        fail_msg("Landlock %s: %s\n%s", abi, attempt, report);
}

void
attacked_under_each(const char *program,
                    void (*assert_confined)(const char *program,
                                            const char *abi))
{
    long newest = syscall(SYS_landlock_create_ruleset, NULL, 0,
                          LANDLOCK_CREATE_RULESET_VERSION);
    char abi[16];

    assert_true(newest >= 1);
    for (int i = 1; i <= newest && i <= ATTACKED_LANDLOCK_MAX; i++) {
        (void)snprintf(abi, sizeof abi, "%d", i);
        assert_confined(program, abi);
    }
}
