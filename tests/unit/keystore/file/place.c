/* SPDX-License-Identifier: Apache-2.0 */
/* Directories under /tmp, which is where a credential must be safe too. */
#include "tests/unit/keystore/file/place.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ORDINARY 65534 /* nobody */
#define DESCRIPTORS 8  /* of nftw(3), at most */

#define NEED(holds)                                                            \
    do {                                                                       \
        if (!(holds)) {                                                        \
            perror("place: " #holds);                                          \
            abort();                                                           \
        }                                                                      \
    } while (0)

static char root[32];
static unsigned descriptors;

int
place_make(void **state)
{
    (void)state;
    (void)strcpy(root, "/tmp/holdfast-place-XXXXXX");
    NEED(mkdtemp(root) != NULL);
    descriptors = place_descriptors();
    return 0;
}

static int
remove_one(const char *path, const struct stat *status, int kind,
           struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int
unlock_one(const char *path, const struct stat *status, int kind,
           struct FTW *walk)
{
    (void)status;
    (void)walk;
    return kind == FTW_D || kind == FTW_DNR ? chmod(path, S_IRWXU) : 0;
}

int
place_remove(void **state)
{
    unsigned now = place_descriptors();

    (void)state;
    NEED(nftw(root, unlock_one, DESCRIPTORS, FTW_PHYS) == 0);
    NEED(nftw(root, remove_one, DESCRIPTORS, FTW_PHYS | FTW_DEPTH) == 0);
    if (now != descriptors)
        (void)fprintf(stderr, "%u descriptors were open before, %u are now\n",
                      descriptors, now);
    return now == descriptors ? 0 : -1;
}

const char *
place_path(const char *name)
{
    static char paths[8][512];
    static unsigned next;
    char *ret = paths[next++ % 8];

    NEED(snprintf(ret, sizeof paths[0], "%s%s%s", root,
                  *name != '\0' ? "/" : "", name) < (int)sizeof paths[0]);
    return ret;
}

void
place_mode(const char *name, mode_t mode)
{
    NEED(chmod(place_path(name), mode) == 0);
}

void
place_write(const char *name, const void *bytes, size_t length, mode_t mode)
{
    int fd = open(place_path(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                  S_IRUSR | S_IWUSR);

    NEED(fd >= 0);
    NEED(write(fd, bytes, length) == (ssize_t)length);
    NEED(close(fd) == 0);
    place_mode(name, mode);
}

void
place_directory(const char *name, mode_t mode)
{
    NEED(mkdir(place_path(name), S_IRWXU) == 0);
    place_mode(name, mode);
}

bool
place_exists(const char *name)
{
    struct stat status;

    return lstat(place_path(name), &status) == 0;
}

unsigned
place_descriptors(void)
{
    DIR *all = opendir("/proc/self/fd");
    unsigned count = 0;

    NEED(all != NULL);
    while (readdir(all) != NULL)
        count++;
    (void)closedir(all);
    return count;
}

static int
give_one(const char *path, const struct stat *status, int kind,
         struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return lchown(path, ORDINARY, ORDINARY);
}

void
place_give(void)
{
    if (geteuid() == 0)
        NEED(nftw(root, give_one, DESCRIPTORS, FTW_PHYS) == 0);
}

static int
drop_root(void)
{
    return geteuid() != 0 || (setgroups(0, NULL) == 0 &&
                              setresgid(ORDINARY, ORDINARY, ORDINARY) == 0 &&
                              setresuid(ORDINARY, ORDINARY, ORDINARY) == 0);
}

static int
run(int (*body)(void), bool as_ordinary)
{
    pid_t child = fork();
    int status;

    NEED(child >= 0);
    if (child == 0) {
        NEED(!as_ordinary || drop_root());
        _exit(body());
    }
    NEED(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int
place_child(int (*body)(void))
{
    return run(body, false);
}

int
place_unprivileged(int (*body)(void))
{
    return run(body, true);
}
