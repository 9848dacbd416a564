/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real forwarding proxy (tinyproxy) for one test.
 */
#ifndef TESTS_PROGRAMS_FORWARD_H
#define TESTS_PROGRAMS_FORWARD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct forward {
    pid_t process;
    unsigned port;
    bool ipv6;        /* set before the start: it listens at [::1] alone */
    char address[64]; /* http://localhost:PORT, or http://[::1]:PORT */
    char log[256];
};

/* Start one with its files in DIRECTORY, that connects to PORT alone and, with
 * PASSWORD, only for who has one. */
void forward_start(struct forward *forward, const char *directory,
                   unsigned port, bool password);
void forward_stop(struct forward *forward);

/* How many times it has been asked to connect to localhost:PORT. */
size_t forward_count(const struct forward *forward, unsigned port);

#endif
