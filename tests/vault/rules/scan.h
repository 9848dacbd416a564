/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searches for bytes where a service could have left them: its directory, the
 * memory of its processes, and files that they hold open.
 */
#ifndef TESTS_VAULT_RULES_SCAN_H
#define TESTS_VAULT_RULES_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SCAN_NEEDLES 96
#define SCAN_PROCESSES 64

/* Up to SCAN_NEEDLES pieces of bytes, each at least 8 long. */
struct scan {
    struct {
        const char *what;
        const uint8_t *data;
        size_t length;
    } needles[SCAN_NEEDLES];
    size_t count;
    size_t longest;
    uint8_t starts[65536]; /* by the first two bytes: does a needle so begin */
    size_t bytes;          /* looked at so far */
    size_t hits;
    bool silent; /* hits are wanted, not to be reported */
};

/* DATA must outlive the scan. */
void scan_add(struct scan *scan, const char *what, const void *data,
              size_t length);

/* Each counts every hit, and names it on standard error unless silent. */
void scan_directory(struct scan *scan, const char *path);
void scan_process(struct scan *scan, pid_t pid);

/* Every process of the service whose directory this is: those that name it in
 * their arguments, and their descendants. */
size_t scan_find_processes(const char *directory,
                           pid_t ret_pids[static SCAN_PROCESSES]);

#endif
