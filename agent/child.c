/* SPDX-License-Identifier: Apache-2.0 */
/* No variable reaches another program that is not named for it. */
#include "agent/child.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const emulators[] = {"SOFTHSM2_CONF", NULL};

bool
child_prepare(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return false;
    return signal(SIGCHLD, SIG_DFL) != SIG_ERR;
}

static void
pass_on(struct child_environment *environment, const char *name)
{
    const char *value = getenv(name);
    char *entry = NULL;

    if (value != NULL && environment->count < CHILD_ENVIRONMENT_MAX &&
        asprintf(&entry, "%s=%s", name, value) > 0)
        environment->entry[environment->count++] = entry;
}

void
child_environment_add(struct child_environment *environment,
                      const char *const *names, bool emulation)
{
    for (; *names != NULL; names++)
        pass_on(environment, *names);
    for (names = emulators; emulation && *names != NULL; names++)
        pass_on(environment, *names);
}

void
child_ignore_keyboard(struct child_keyboard *ret)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};

    (void)sigaction(SIGINT, &ignore, &ret->interrupt);
    (void)sigaction(SIGQUIT, &ignore, &ret->quit);
}

void
child_heed_keyboard(const struct child_keyboard *before)
{
    (void)sigaction(SIGINT, &before->interrupt, NULL);
    (void)sigaction(SIGQUIT, &before->quit, NULL);
}
