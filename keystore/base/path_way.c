/* SPDX-License-Identifier: Apache-2.0 */
/* Looking by names is no race: a way that passes can be changed by root and the
 * caller alone. */
#include "keystore/base/path_way.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINKS_MAX 40

struct walk {
    char real[PATH_MAX]; /* gone already; "": the root */
    char left[2 * PATH_MAX];
    char target[PATH_MAX]; /* of a link */
    unsigned links;
    bool entries_count;
};

static bool
is_open(const struct walk *walk, const struct stat *status)
{
    bool last = *walk->left == '\0';

    if (S_ISLNK(status->st_mode) ||
        (status->st_mode & (S_IWGRP | S_IWOTH)) == 0)
        return false;
    return !S_ISDIR(status->st_mode) || (status->st_mode & S_ISVTX) == 0 ||
           (last && walk->entries_count);
}

static enum path_way_end
judge(const struct walk *walk, struct path_way *way)
{
    const char *step = *walk->real != '\0' ? walk->real : "/";

    if (lstat(step, &way->status) != 0) {
        way->error = errno;
        return errno == ENOENT ? PATH_WAY_MISSING : PATH_WAY_FAILED;
    }
    if (way->status.st_uid != 0 && way->status.st_uid != geteuid())
        return PATH_WAY_ANOTHERS;
    return is_open(walk, &way->status) ? PATH_WAY_OPEN : PATH_WAY_WHOLE;
}

static enum path_way_end
fail(struct path_way *way, int error)
{
    way->error = error;
    return PATH_WAY_FAILED;
}

static void
go_up(struct walk *walk)
{
    char *slash = strrchr(walk->real, '/');

    if (slash != NULL)
        *slash = '\0';
}

/* The target of the link that the way so far ends with comes before what is
 * left. */
static enum path_way_end
follow(struct walk *walk, struct path_way *way)
{
    ssize_t length = readlink(walk->real, walk->target, sizeof walk->target);
    size_t left = strlen(walk->left);

    if (length < 0)
        return fail(way, errno);
    if (++walk->links > LINKS_MAX)
        return fail(way, ELOOP);
    if ((size_t)length == sizeof walk->target ||
        (size_t)length + 1 + left >= sizeof walk->left)
        return fail(way, ENAMETOOLONG);
    memmove(walk->left + length + 1, walk->left, left + 1);
    memcpy(walk->left, walk->target, (size_t)length);
    walk->left[length] = '/';
    if (*walk->target == '/')
        *walk->real = '\0';
    else
        go_up(walk);
    return PATH_WAY_WHOLE;
}

/* Moves the first name of what is left to the end of what was gone. */
static enum path_way_end
go_down(struct walk *walk, size_t length, struct path_way *way)
{
    size_t real = strlen(walk->real);
    const char *rest = walk->left + length;

    if (real + 1 + length >= sizeof walk->real)
        return fail(way, ENAMETOOLONG);
    walk->real[real] = '/';
    memcpy(walk->real + real + 1, walk->left, length);
    walk->real[real + 1 + length] = '\0';
    rest += strspn(rest, "/");
    memmove(walk->left, rest, strlen(rest) + 1);
    return PATH_WAY_WHOLE;
}

static enum path_way_end
go(struct walk *walk, struct path_way *way)
{
    enum path_way_end end = judge(walk, way); /* the root */

    while (end == PATH_WAY_WHOLE && *walk->left != '\0') {
        size_t length = strcspn(walk->left, "/");
        bool up = length == 2 && memcmp(walk->left, "..", 2) == 0;
        bool here = length == 0 || (length == 1 && *walk->left == '.');

        end = go_down(walk, length, way);
        if (end == PATH_WAY_WHOLE && (up || here))
            go_up(walk);
        if (end == PATH_WAY_WHOLE && up)
            go_up(walk);
        if (end == PATH_WAY_WHOLE)
            end = judge(walk, way);
        if (end == PATH_WAY_WHOLE && S_ISLNK(way->status.st_mode))
            end = follow(walk, way);
    }
    return end;
}

/* PATH from the root on, as what is left. */
static int
begin(struct walk *walk, const char *path)
{
    size_t here;

    if (*path == '\0')
        return ENOENT;
    if (*path != '/' && getcwd(walk->left, PATH_MAX) == NULL)
        return errno;
    here = strlen(walk->left);
    if (strlen(path) >= PATH_MAX)
        return ENAMETOOLONG;
    walk->left[here] = '/';
    memcpy(walk->left + here + 1, path, strlen(path) + 1);
    return 0;
}

void
path_way_walk(const char *path, bool entries_count, struct path_way *ret)
{
    struct walk *walk = calloc(1, sizeof *walk);

    *ret = (struct path_way){.end = PATH_WAY_FAILED, .error = ENOMEM};
    if (walk == NULL)
        return;
    walk->entries_count = entries_count;
    ret->error = begin(walk, path);
    if (ret->error == 0)
        ret->end = go(walk, ret);
    ret->step = strdup(*walk->real != '\0' ? walk->real : "/");
    if (ret->step == NULL)
        ret->end = fail(ret, ENOMEM);
    free(walk);
}

void
path_way_free(struct path_way *way)
{
    free(way->step);
    way->step = NULL;
}
