/* SPDX-License-Identifier: Apache-2.0 */
/* data/VAULT/REPOSITORY/TYPE/NAME.  Every part of such a path is of this
 * service's own making or has been checked to be digits: nothing that a client
 * sends can lead out of it. */
#include "tests/vault/service/object_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/vault/service/fault.h"

#define PATH_SIZE (PLACE_PATH_MAX + 160)

static void
name_path(const struct place *place, const char *vault,
          const struct object *object, char ret[static PATH_SIZE])
{
    const char *word = object_type_word(object->type);

    if (object->type == OBJECT_CONFIG)
        (void)snprintf(ret, PATH_SIZE, "%s/%s/%" PRId64 "/%s",
                       place->path[PLACE_DATA], vault, object->repository,
                       word);
    else
        (void)snprintf(ret, PATH_SIZE, "%s/%s/%" PRId64 "/%s/%s",
                       place->path[PLACE_DATA], vault, object->repository, word,
                       object->name);
}

static bool
flush_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;

    if (!done)
        fault("%s: %m", path);
    if (fd >= 0)
        (void)close(fd);
    return done;
}

/* The directory that PATH lies in; a new one is as durable as what is in it. */
static bool
make_parent(const char *path)
{
    char copy[PATH_SIZE];
    char above[PATH_SIZE];
    char *parent;

    (void)snprintf(copy, sizeof copy, "%s", path);
    parent = dirname(copy);
    if (access(parent, F_OK) == 0)
        return true;
    if (!make_parent(parent))
        return false;
    if (mkdir(parent, 0700) != 0 && errno != EEXIST)
        return fault("%s: %m", parent);
    (void)snprintf(above, sizeof above, "%s", parent);
    return flush_directory(dirname(above));
}

/* Every file in the directory PATH; true also where there is none. */
static bool
empty_directory(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;

    if (directory == NULL)
        return errno == ENOENT || errno == ENOTDIR || fault("%s: %m", path);
    while ((entry = readdir(directory)) != NULL)
        if (entry->d_name[0] != '.')
            (void)unlinkat(dirfd(directory), entry->d_name, 0);
    (void)closedir(directory);
    return true;
}

bool
object_file_clean(const struct place *place)
{
    const char *path = place->path[PLACE_UPLOADS];

    if ((mkdir(place->path[PLACE_DATA], 0700) != 0 && errno != EEXIST) ||
        (mkdir(path, 0700) != 0 && errno != EEXIST))
        return fault("%s: %m", path);
    return empty_directory(path);
}

bool
object_file_begin(const struct place *place, struct object_file *ret)
{
    (void)snprintf(ret->path, sizeof ret->path, "%s/XXXXXX",
                   place->path[PLACE_UPLOADS]);
    ret->fd = mkostemp(ret->path, O_CLOEXEC);
    return ret->fd >= 0 || fault("%s: %m", ret->path);
}

bool
object_file_write(const struct object_file *file, const void *bytes,
                  size_t length)
{
    const char *at = bytes;

    while (length > 0) {
        ssize_t count = write(file->fd, at, length);

        if (count < 0 && errno != EINTR)
            return fault("%s: %m", file->path);
        if (count > 0) {
            at += count;
            length -= (size_t)count;
        }
    }
    return true;
}

bool
object_file_flush(const struct object_file *file)
{
    return fsync(file->fd) == 0 || fault("%s: %m", file->path);
}

bool
object_file_keep(const struct place *place, const char *vault,
                 const struct object *object, struct object_file *file)
{
    char path[PATH_SIZE];

    name_path(place, vault, object, path);
    if (!make_parent(path))
        return false;
    if (rename(file->path, path) != 0)
        return fault("%s: %m", path);
    file->path[0] = '\0';
    return flush_directory(dirname(path));
}

void
object_file_drop(struct object_file *file)
{
    if (file->fd < 0)
        return;
    (void)close(file->fd);
    file->fd = -1;
    if (file->path[0] != '\0')
        (void)unlink(file->path);
}

int
object_file_open(const struct place *place, const char *vault,
                 const struct object *object)
{
    char path[PATH_SIZE];
    int fd;

    name_path(place, vault, object, path);
    fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        fault("%s: %m", path);
    return fd;
}

bool
object_file_remove(const struct place *place, const char *vault,
                   const struct object *object)
{
    char path[PATH_SIZE];

    name_path(place, vault, object, path);
    return unlink(path) == 0 || errno == ENOENT || fault("%s: %m", path);
}

bool
object_file_remove_all(const struct place *place, const char *vault,
                       int64_t repository)
{
    struct object config = {.repository = repository};
    char path[PATH_SIZE];
    bool done = object_file_remove(place, vault, &config);

    for (int i = OBJECT_DATA; i < OBJECT__MAX; i++) {
        (void)snprintf(path, sizeof path, "%s/%s/%" PRId64 "/%s",
                       place->path[PLACE_DATA], vault, repository,
                       object_type_word((enum object_type)i));
        done = empty_directory(path) && done;
    }
    return done;
}
