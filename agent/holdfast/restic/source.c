/* SPDX-License-Identifier: Apache-2.0 */
/* Only what a look at the paths themselves tells. */
#include "agent/holdfast/restic/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/holdfast/restic/process.h"
#include "agent/holdfast/restic/source_links.h"

/* The first version that keeps a target that is no UTF-8. */
#define KEEPS_MAJOR 0
#define KEEPS_MINOR 16

/* A path that cannot be looked at is restic's to report, which goes on with the
 * others. */
static bool
is_missing(const char *path)
{
    struct stat status;

    return lstat(path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

static bool
is_empty_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    bool is_empty = directory != NULL;

    if (directory == NULL && fd >= 0)
        (void)close(fd);
    while (is_empty && (entry = readdir(directory)) != NULL)
        is_empty = strcmp(entry->d_name, ".") == 0 ||
                   strcmp(entry->d_name, "..") == 0;
    if (directory != NULL)
        (void)closedir(directory);
    return is_empty;
}

/* Names come from outside, and a terminal obeys. */
static void
warn(const char *path, const char *of)
{
    struct err_cause name;

    (void)err_set(&name, KS_OK, "%.240s", path);
    err_escape(name.text);
    (void)fprintf(stderr, "holdfast: backup: %s %s\n", name.text, of);
}

enum ks_err
source_check(const char *const *paths, size_t count, struct err_cause *cause)
{
    for (size_t i = 0; i < count; i++)
        if (is_missing(paths[i]))
            return err_set_errno(cause, KS_ERR_SOURCE, paths[i]);
    for (size_t i = 0; i < count; i++)
        if (is_empty_directory(paths[i]))
            warn(paths[i],
                 "is an empty directory: is its file system mounted?");
    return KS_OK;
}

static bool
keeps_links(void)
{
    unsigned major, minor;

    return restic_process_version(&major, &minor) &&
           (major > KEEPS_MAJOR || minor >= KEEPS_MINOR);
}

void
source_warn_links(const struct options *options)
{
    char first[SOURCE_LINKS_PATH] = "", of[160];
    size_t found = keeps_links()
                       ? 0
                       : source_links_count(options->words, options->word_count,
                                            &options->excludes, first);

    (void)snprintf(of, sizeof of,
                   "is a symbolic link whose target is no UTF-8 (%zu in all): "
                   "this restic restores it with another target, 0.16 keeps it",
                   found);
    if (found > 0)
        warn(first, of);
}
