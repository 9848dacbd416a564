/* SPDX-License-Identifier: Apache-2.0 */
/* restic reads the same directories afterwards, which are in memory then: the
 * walk costs what it would have cost restic. */
#include "agent/holdfast/restic/source_links.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#define DEEPEST 512 /* a descriptor each */

struct walk {
    const struct options_list *excludes;
    char path[PATH_MAX];
    char target[PATH_MAX]; /* of the link that is looked at */
    char *first;
    size_t found;
    unsigned depth;
};

static bool
is_excluded(const struct walk *walk, const char *name)
{
    for (size_t i = 0; i < walk->excludes->count; i++) {
        const char *pattern = walk->excludes->text[i];
        bool whole = strchr(pattern, '/') != NULL;

        if (fnmatch(pattern, whole ? walk->path : name,
                    whole ? FNM_PATHNAME : 0) == 0)
            return true;
    }
    return false;
}

static void
look_at_link(struct walk *walk, int directory, const char *name)
{
    ssize_t length = readlinkat(directory, name, walk->target,
                                sizeof walk->target);
    json_t *text = length > 0 ? json_stringn(walk->target, (size_t)length)
                              : NULL;

    if (length > 0 && text == NULL && walk->found++ == 0)
        (void)snprintf(walk->first, SOURCE_LINKS_PATH, "%.*s",
                       SOURCE_LINKS_PATH - 1, walk->path);
    json_decref(text);
}

static void enter(struct walk *walk, int directory, const char *name);

/* The file NAME of DIRECTORY, whose path is walk->path; KIND as d_type. */
static void
look_at(struct walk *walk, int directory, const char *name, unsigned char kind)
{
    if (kind == DT_LNK || kind == DT_UNKNOWN)
        look_at_link(walk, directory, name);
    if (kind == DT_DIR || kind == DT_UNKNOWN)
        enter(walk, directory, name);
}

static bool
is_entry(const char *name)
{
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static void
walk_entries(struct walk *walk, DIR *entries)
{
    size_t length = strlen(walk->path);
    const struct dirent *entry;

    while ((entry = readdir(entries)) != NULL) {
        size_t room = sizeof walk->path - length;

        if (is_entry(entry->d_name) &&
            snprintf(walk->path + length, room, "/%s", entry->d_name) <
                (int)room &&
            !is_excluded(walk, entry->d_name))
            look_at(walk, dirfd(entries), entry->d_name, entry->d_type);
        walk->path[length] = '\0';
    }
}

static void
enter(struct walk *walk, int directory, const char *name)
{
    int fd = walk->depth < DEEPEST
                 ? openat(directory, name,
                          O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                 : -1;
    DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;

    if (entries == NULL) {
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    walk->depth++;
    walk_entries(walk, entries);
    walk->depth--;
    (void)closedir(entries);
}

size_t
source_links_count(const char *const *paths, size_t count,
                   const struct options_list *excludes,
                   char first[static SOURCE_LINKS_PATH])
{
    struct walk *walk = calloc(1, sizeof *walk);
    size_t found;

    if (walk == NULL)
        return 0;
    walk->excludes = excludes;
    walk->first = first;
    for (size_t i = 0; i < count; i++)
        if (snprintf(walk->path, sizeof walk->path, "%s", paths[i]) <
            (int)sizeof walk->path)
            look_at(walk, AT_FDCWD, paths[i], DT_UNKNOWN);
    found = walk->found;
    free(walk);
    return found;
}
