/* SPDX-License-Identifier: Apache-2.0 */
/* Judges by names alone.  Must neither open nor change what it finds: it may
 * be another credential that somebody still needs. */
#include "keystore/file/wipe_sibling.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keystore/base/err.h"

/* A copy is PREFIX, the name, and an ending that begins with SUFFIX. */
static const struct {
    const char *prefix;
    const char *suffix;
    bool whole; /* nothing may follow the suffix */
} patterns[] = {
    /* editors: many, GNU's numbered ones, vim's swap and undo files, Emacs */
    {"", "~", true},
    {"", ".~", false},
    {".", ".sw", false},
    {".", ".un~", true},
    {"#", "#", true},
    /* people and tools, with a number or a date behind it too */
    {"", ".bak", false},
    {"", ".backup", false},
    {"", ".orig", false},
    {"", ".old", false},
    {"", ".save", false},
    {"", ".copy", false},
    {"", ".tmp", false},
    /* unfinished downloads of Firefox and Chromium */
    {"", ".part", true},
    {"", ".crdownload", true},
};

static bool
fits(size_t pattern, const char *name, const char *other)
{
    const char *prefix = patterns[pattern].prefix;
    const char *suffix = patterns[pattern].suffix;

    if (strncmp(other, prefix, strlen(prefix)) != 0)
        return false;
    other += strlen(prefix);
    if (strncmp(other, name, strlen(name)) != 0)
        return false;
    other += strlen(name);
    return patterns[pattern].whole
               ? strcmp(other, suffix) == 0
               : strncmp(other, suffix, strlen(suffix)) == 0;
}

/* "name (1).ext" of browsers, "name (copy).ext" of file managers. */
static bool
is_numbered(const char *name, const char *other)
{
    const char *extension = strrchr(name, '.');
    size_t stem = extension != NULL && extension != name
                      ? (size_t)(extension - name)
                      : strlen(name);
    const char *end = strrchr(other, ')');

    if (strncmp(other, name, stem) != 0 || end == NULL)
        return false;
    if (strncmp(other + stem, " (", 2) == 0)
        return strcmp(end + 1, name + stem) == 0;
    /* ... and behind the extension */
    return strncmp(other, name, strlen(name)) == 0 &&
           strncmp(other + strlen(name), " (", 2) == 0 && end[1] == '\0';
}

bool
wipe_sibling_is_copy(const char *name, const char *other)
{
    static const char gvfs[] = ".goutputstream-";

    if (strcmp(name, other) == 0)
        return false;
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        if (fits(i, name, other))
            return true;
    return is_numbered(name, other) || strncmp(other, gvfs, strlen(gvfs)) == 0;
}

/* Append a name; what does not fit is counted by the caller. */
static bool
append(char *ret, size_t size, const char *name)
{
    static const char room[] = ", and 9999 more";
    size_t length = strlen(ret);
    const char *comma = length > 0 ? ", " : "";

    if (length + strlen(comma) + strlen(name) + sizeof room > size)
        return false;
    (void)snprintf(ret + length, size - length, "%s%s", comma, name);
    return true;
}

static bool
is_plain(int directory, const char *name)
{
    struct stat status;

    return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(status.st_mode);
}

bool
wipe_sibling_list(int directory, const char *name, char *ret, size_t size)
{
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
    int more = 0;

    *ret = '\0';
    if (entries == NULL) {
        if (fd >= 0)
            (void)close(fd);
        return false;
    }
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;)
        if (wipe_sibling_is_copy(name, entry->d_name) &&
            is_plain(fd, entry->d_name) && !append(ret, size, entry->d_name))
            more++;
    (void)closedir(entries);
    if (more > 0) {
        size_t length = strlen(ret);

        (void)snprintf(ret + length, size - length, "%s%d more",
                       length > 0 ? ", and " : "", more < 9999 ? more : 9999);
    }
    err_escape(ret);
    return true;
}
