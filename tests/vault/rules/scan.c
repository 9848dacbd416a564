/* SPDX-License-Identifier: Apache-2.0 */
/* Reads everything it is pointed at, whole; a part that it may not read fails
 * the test, for a scan that skips proves nothing. */
#include "tests/vault/rules/scan.h"
#include "tests/vault/rules/rules.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)1 << 20)
#define OVERLAP 512

/* The table of a sanitizer that says which bytes may be touched is terabytes
 * wide and holds none of them. */
#define SHADOW ((size_t)1 << 36)

void
scan_add(struct scan *scan, const char *what, const void *data, size_t length)
{
    const uint8_t *bytes = data;

    assert_true(scan->count < SCAN_NEEDLES && length >= 8);
    assert_true(length < OVERLAP);
    scan->needles[scan->count].what = what;
    scan->needles[scan->count].data = bytes;
    scan->needles[scan->count].length = length;
    scan->count++;
    scan->starts[bytes[0] << 8 | bytes[1]] = 1;
    if (length > scan->longest)
        scan->longest = length;
}

static void
match(struct scan *scan, const uint8_t *at, size_t left, const char *where,
      size_t offset)
{
    for (size_t i = 0; i < scan->count; i++) {
        if (scan->needles[i].length > left ||
            memcmp(at, scan->needles[i].data, scan->needles[i].length) != 0)
            continue;
        if (!scan->silent)
            print_error("%s at 0x%zx: %s\n", where, offset,
                        scan->needles[i].what);
        scan->hits++;
    }
}

static void
search(struct scan *scan, const uint8_t *data, size_t length, const char *where,
       size_t offset)
{
    for (size_t i = 0; i + 8 <= length; i++)
        if (scan->starts[data[i] << 8 | data[i + 1]] != 0)
            match(scan, data + i, length - i, where, offset + i);
}

/* Untouched memory is by far the largest part of a process. */
static bool
is_zero(const uint8_t *data, size_t length)
{
    return data[0] == 0 && memcmp(data, data + 1, length - 1) == 0;
}

/* FROM to TO of an open file, in pieces that overlap by the longest needle:
 * what no piece holds whole, the next one does.  Returns where it ended. */
static size_t
search_file(struct scan *scan, int fd, size_t from, size_t to,
            const char *where)
{
    uint8_t *data = malloc(CHUNK + OVERLAP);
    size_t kept_back = 0;

    assert_non_null(data);
    while (from < to) {
        size_t want = to - from < CHUNK ? to - from : CHUNK;
        ssize_t n = pread(fd, data + kept_back, want, (off_t)from);
        size_t have;

        if (n <= 0)
            break;
        have = kept_back + (size_t)n;
        if (!is_zero(data, have))
            search(scan, data, have, where, from - kept_back);
        scan->bytes += (size_t)n;
        from += (size_t)n;
        kept_back = scan->longest - 1 < have ? scan->longest - 1 : have;
        memmove(data, data + have - kept_back, kept_back);
    }
    free(data);
    return from;
}

static void
scan_file(struct scan *scan, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;

    if (fd < 0)
        fail_msg("%s: %s", path, strerror(errno));
    assert_int_equal(fstat(fd, &status), 0);
    (void)search_file(scan, fd, 0, (size_t)status.st_size, path);
    (void)close(fd);
}

void
scan_directory(struct scan *scan, const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;

    if (directory == NULL)
        fail_msg("%s: %s", path, strerror(errno));
    while ((entry = readdir(directory)) != NULL) {
        const char *inner = kept_format("%s/%s", path, entry->d_name);
        struct stat status;

        if (strcmp(entry->d_name, ".") == 0 ||
            strcmp(entry->d_name, "..") == 0 || lstat(inner, &status) != 0)
            continue;
        if (S_ISDIR(status.st_mode))
            scan_directory(scan, inner);
        else if (S_ISREG(status.st_mode))
            scan_file(scan, inner);
    }
    (void)closedir(directory);
}

/* Whether the process still has what is at ADDRESS: it may have given it back
 * since its maps were read. */
static bool
has_mapped(pid_t pid, size_t address)
{
    FILE *maps = fopen(kept_format("/proc/%d/maps", (int)pid), "re");
    char line[1024];
    size_t from, to;
    bool found = false;

    assert_non_null(maps);
    while (!found && fgets(line, sizeof line, maps) != NULL)
        found = sscanf(line, "%zx-%zx", &from, &to) == 2 && address >= from &&
                address < to;
    (void)fclose(maps);
    return found;
}

/* One line of /proc/PID/maps.  A mapping of a file may reach beyond the file,
 * and the kernel's own pages are not to be read; all else is read whole. */
static void
scan_region(struct scan *scan, int memory, const char *line, pid_t pid)
{
    size_t from, to, end;
    char rights[8];
    int name = 0, error;

    assert_int_equal(
        sscanf(line, "%zx-%zx %7s %*s %*s %*s %n", &from, &to, rights, &name),
        3);
    if (rights[0] != 'r' || to - from >= SHADOW)
        return;
    end = search_file(scan, memory, from, to,
                      kept_format("process %d, %.80s", (int)pid, line));
    error = errno;
    if (end < to && line[name] == '\0' && has_mapped(pid, end))
        fail_msg("process %d: %s: %s", (int)pid, line, strerror(error));
}

static void
scan_open_files(struct scan *scan, pid_t pid)
{
    const char *path = kept_format("/proc/%d/fd", (int)pid);
    DIR *directory = opendir(path);
    struct dirent *entry;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) {
        const char *inner = kept_format("%s/%s", path, entry->d_name);
        struct stat status;

        if (stat(inner, &status) == 0 && S_ISREG(status.st_mode))
            scan_file(scan, inner);
    }
    (void)closedir(directory);
}

void
scan_process(struct scan *scan, pid_t pid)
{
    FILE *maps = fopen(kept_format("/proc/%d/maps", (int)pid), "re");
    const char *path = kept_format("/proc/%d/mem", (int)pid);
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    char line[1024];

    assert_non_null(maps);
    if (memory < 0)
        fail_msg("%s: %s", path, strerror(errno));
    while (fgets(line, sizeof line, maps) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        scan_region(scan, memory, line, pid);
    }
    (void)fclose(maps);
    (void)close(memory);
    scan_open_files(scan, pid);
}

/* Does this process belong: it names the directory, or its parent is one of
 * the COUNT that do. */
static bool
belongs(pid_t pid, const char *directory, const pid_t *pids, size_t count)
{
    char text[4096] = "";
    FILE *file = fopen(kept_format("/proc/%d/cmdline", (int)pid), "re");
    size_t length = file == NULL ? 0 : fread(text, 1, sizeof text - 1, file);
    int parent = 0;

    if (file != NULL)
        (void)fclose(file);
    if (length > 0 && memmem(text, length, directory, strlen(directory)))
        return true;
    file = fopen(kept_format("/proc/%d/stat", (int)pid), "re");
    if (file == NULL)
        return false;
    length = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[length] = '\0';
    if (strrchr(text, ')') == NULL ||
        sscanf(strrchr(text, ')'), ") %*c %d", &parent) != 1)
        return false;
    for (size_t i = 0; i < count; i++)
        if (pids[i] == parent)
            return true;
    return false;
}

static bool
contains(const pid_t *pids, size_t count, pid_t pid)
{
    for (size_t i = 0; i < count; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

size_t
scan_find_processes(const char *directory,
                    pid_t ret_pids[static SCAN_PROCESSES])
{
    size_t count = 0, before;

    /* Children may have lower numbers than their parents: until none is new. */
    do {
        DIR *proc = opendir("/proc");
        struct dirent *entry;

        assert_non_null(proc);
        before = count;
        while ((entry = readdir(proc)) != NULL) {
            pid_t pid = (pid_t)atoi(entry->d_name);

            if (pid <= 0 || contains(ret_pids, count, pid) ||
                !belongs(pid, directory, ret_pids, count))
                continue;
            assert_true(count < SCAN_PROCESSES);
            ret_pids[count++] = pid;
        }
        (void)closedir(proc);
    } while (count > before);
    return count;
}
