/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into the real programs: nothing that is freed is ever used again,
 * so that whatever was freed with a secret in it still has it; and before a
 * program waits for its next request, and before it ends, all of its memory is
 * searched: from a stack of the search's own, since the program's still has
 * what calls that have returned left there.  Descriptors are opened before the
 * program's own sandbox closes.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests/programs/scan_preload.h"

#define HIGH 200 /* above every descriptor that the programs expect */

static struct scan_needle needles[SCAN_MOST];
static unsigned hits[SCAN_MOST];
static size_t needle_count;
static uint8_t starts[65536]; /* does a needle begin with these two? */
static char maps[512 * 1024];
static int maps_fd = -1, report_fd = -1;
static uint8_t own_stack[256 * 1024];
static ucontext_t program_context, own_context;
static const char *point; /* where the program is */

static uint8_t
unmasked(uint8_t byte)
{
    return byte ^ SCAN_MASK;
}

static int
open_high(const char *path, int flags)
{
    int low = path != NULL ? open(path, flags | O_CLOEXEC) : -1;
    int high = low >= 0 ? fcntl(low, F_DUPFD_CLOEXEC, HIGH) : -1;

    if (low >= 0)
        (void)close(low);
    return high;
}

/* The very first thing: later, no file can be opened any more. */
__attribute__((constructor)) static void
prepare(void)
{
    int fd = open_high(getenv(SCAN_NEEDLES), O_RDONLY);
    ssize_t length = fd >= 0 ? read(fd, needles, sizeof needles) : -1;

    report_fd = open_high(getenv(SCAN_REPORT), O_WRONLY);
    maps_fd = open_high("/proc/self/maps", O_RDONLY);
    if (length <= 0 || report_fd < 0 || maps_fd < 0)
        _Exit(99);
    (void)close(fd);
    needle_count = (size_t)length / sizeof needles[0];
    for (size_t i = 0; i < needle_count; i++)
        starts[unmasked(needles[i].bytes[0]) << 8 |
               unmasked(needles[i].bytes[1])] = 1;
}

static bool
is_here(const uint8_t *at, const struct scan_needle *needle)
{
    for (size_t i = 0; i < needle->length; i++)
        if (at[i] != unmasked(needle->bytes[i]))
            return false;
    return true;
}

static void
search(const uint8_t *from, const uint8_t *to)
{
    for (; to - from >= SCAN_LENGTH; from++) {
        if (starts[from[0] << 8 | from[1]] == 0)
            continue;
        for (size_t i = 0; i < needle_count; i++)
            if (is_here(from, &needles[i]))
                hits[i]++;
    }
}

static void
report(const char *what, unsigned long number)
{
    char line[128];
    int length = snprintf(line, sizeof line, "%s %s %s %lu\n",
                          program_invocation_short_name, point, what, number);

    if (write(report_fd, line, (size_t)length) != length)
        _Exit(98);
}

static void
report_hits(void)
{
    for (size_t i = 0; i < needle_count; i++) {
        unsigned long sum = 0;

        for (size_t j = i; j < needle_count; j++)
            if (strcmp(needles[j].what, needles[i].what) == 0) {
                sum += hits[j];
                hits[j] = 0;
            }
        if (sum > 0)
            report(needles[i].what, sum);
    }
}

static size_t
read_maps(void)
{
    size_t length = 0;
    ssize_t n;

    (void)lseek(maps_fd, 0, SEEK_SET);
    while ((n = read(maps_fd, maps + length, sizeof maps - 1 - length)) > 0)
        length += (size_t)n;
    maps[length] = '\0';
    return length;
}

static void
search_all(void)
{
    unsigned long all = 0;
    char *rest = maps;
    char *line;

    (void)read_maps();
    while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
        unsigned long from, to;
        char rights[5];

        if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) != 3 ||
            rights[0] != 'r' || strstr(line, "[v") != NULL)
            continue;
        search((const uint8_t *)from, (const uint8_t *)to);
        all += to - from;
    }
    report("scanned", all >> 20);
    report_hits();
}

static void
scan(const char *where)
{
    point = where;
    if (getcontext(&own_context) != 0)
        _Exit(97);
    own_context.uc_stack.ss_sp = own_stack;
    own_context.uc_stack.ss_size = sizeof own_stack;
    own_context.uc_link = &program_context;
    makecontext(&own_context, search_all, 0);
    if (swapcontext(&program_context, &own_context) != 0)
        _Exit(97);
}

void
free(void *block)
{
    (void)block;
}

void *
realloc(void *block, size_t size)
{
    size_t old = block != NULL ? malloc_usable_size(block) : 0;
    void *moved = size > 0 || block == NULL ? malloc(size) : NULL;

    if (moved != NULL && old > 0)
        memcpy(moved, block, old < size ? old : size);
    return moved;
}

/* Where the helpers wait for a request, and only there, it may take for ever.
 */
int
poll(struct pollfd *items, nfds_t count, int timeout)
{
    struct timespec limit = {timeout / 1000, timeout % 1000 * 1000000};

    if (timeout < 0)
        scan("waiting");
    return (int)syscall(SYS_ppoll, items, count, timeout < 0 ? NULL : &limit,
                        NULL, 0);
}

void
_exit(int status)
{
    scan("ending");
    (void)syscall(SYS_exit_group, status);
    __builtin_unreachable();
}

__attribute__((destructor)) static void
finish(void)
{
    scan("ending");
}
