/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a tool that must succeed or be missed aloud. */
#include "tests/support/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int
tool_run(const char *const *argv)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        if (null >= 0)
            (void)dup2(null, STDOUT_FILENO);
        (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
        (void)fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
        _exit(127);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}
