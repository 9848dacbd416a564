/* SPDX-License-Identifier: Apache-2.0 */
/* One program run to its end, with both its outputs. */
#include "tests/support/rig_process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Both pipes to their ends, without waiting on one while the other fills. */
static void
drain(int out, int err, struct rig_run *run)
{
    struct pollfd items[] = {{.fd = out, .events = POLLIN},
                             {.fd = err, .events = POLLIN}};
    char *to[] = {run->out, run->err};
    size_t room[] = {sizeof run->out - 1, sizeof run->err - 1};

    while (items[0].fd >= 0 || items[1].fd >= 0) {
        assert_true(poll(items, 2, 120000) > 0);
        for (int i = 0; i < 2; i++) {
            ssize_t n;

            if (items[i].fd < 0 || items[i].revents == 0)
                continue;
            n = read(items[i].fd, to[i], room[i]);
            assert_true(n >= 0 && room[i] > 0);
            if (n == 0)
                items[i].fd = -1;
            to[i] += n;
            room[i] -= (size_t)n;
        }
    }
    *to[0] = *to[1] = '\0';
}

void
rig_run(struct rig_run *run, const char *const *argv)
{
    int out[2], err[2], status;
    pid_t pid;

    memset(run, 0, sizeof *run);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(err, O_CLOEXEC), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int null = open("/dev/null", O_RDONLY);

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (dup2(null, 0) == 0 && dup2(out[1], 1) == 1 && dup2(err[1], 2) == 2)
            execv(argv[0], (char *const *)(const void *)argv);
        _exit(127);
    }
    close(out[1]);
    close(err[1]);
    drain(out[0], err[0], run);
    close(out[0]);
    close(err[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    run->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void
rig_expect(const struct rig_run *run, int status, const char *says)
{
    if (run->status != status || strstr(run->err, says) == NULL)
        fail_msg("ended with %d instead of %d, or did not say \"%s\"\n%s%s",
                 run->status, status, says, run->out, run->err);
}
