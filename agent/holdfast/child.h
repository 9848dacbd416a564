/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every program that holdfast starts, helper or restic: what must be in order
 * here before one is started, its environment, and the keyboard while it is at
 * work.
 */
#ifndef AGENT_HOLDFAST_CHILD_H
#define AGENT_HOLDFAST_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Put right what the starter of this process may have handed on: standard
 * descriptors that are closed, whose numbers others would get, and SIGCHLD
 * ignored, with which no child's end is known.  Reading or writing a descriptor
 * that was closed still fails. */
bool child_prepare(void);

/* Variables by their values here, NULL at the end; for execve() in a child. */
#define CHILD_ENVIRONMENT_MAX 16
struct child_environment {
    const char *entry[CHILD_ENVIRONMENT_MAX + 1];
    size_t count;
};

/* Add the variables NAMES (NULL at the end), as far as they are set; with
 * EMULATION also those that emulators are configured by. */
void child_environment_add(struct child_environment *environment,
                           const char *const *names, bool emulation);

/* Leave what the keyboard sends to the child, until child_heed_keyboard(),
 * which tells whether anything was. */
struct child_keyboard {
    sigset_t mask;
};
void child_ignore_keyboard(struct child_keyboard *ret);
bool child_heed_keyboard(const struct child_keyboard *before);

/* Reap the child PID, if it ends within so many SECONDS. */
bool child_ends_in_time(pid_t pid, int seconds);

#endif
