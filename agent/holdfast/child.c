/* SPDX-License-Identifier: Apache-2.0 */
/* No variable reaches another program that is not named for it. */
#include "agent/holdfast/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
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

/* Not by pidfd_open(2), which filters of containers know of late only.  A
 * signal that is blocked stays pending, also where its default is to be
 * ignored, so that no end is missed between asking and waiting.  Another
 * child's wakes as well, and the wait goes on for what is left. */
bool
child_ends_in_time(pid_t pid, int seconds)
{
    struct timespec end, now, left;
    sigset_t child, before;
    bool ended;

    (void)sigemptyset(&child);
    (void)sigaddset(&child, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &child, &before);
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += seconds;
    while (!(ended = waitpid(pid, NULL, WNOHANG) == pid)) {
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        left = (struct timespec){end.tv_sec - now.tv_sec,
                                 end.tv_nsec - now.tv_nsec};
        if (left.tv_nsec < 0)
            left = (struct timespec){left.tv_sec - 1,
                                     left.tv_nsec + 1000000000};
        if (left.tv_sec < 0 ||
            (sigtimedwait(&child, NULL, &left) < 0 && errno != EINTR))
            break;
    }
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return ended;
}

static sigset_t
keyboard_signals(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGQUIT);
    return set;
}

/* Blocked and not ignored, so that what was sent can be told afterwards. */
void
child_ignore_keyboard(struct child_keyboard *ret)
{
    const sigset_t set = keyboard_signals();

    (void)sigprocmask(SIG_BLOCK, &set, &ret->mask);
}

bool
child_heed_keyboard(const struct child_keyboard *before)
{
    const struct timespec at_once = {0};
    const sigset_t set = keyboard_signals();
    bool sent = false;

    while (sigtimedwait(&set, NULL, &at_once) > 0)
        sent = true;
    (void)sigprocmask(SIG_SETMASK, &before->mask, NULL);
    return sent;
}
