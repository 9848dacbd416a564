/* SPDX-License-Identifier: Apache-2.0 */
/* The state's knowledge of the files that were given to `register`: each has a
 * key in it and is to be wiped, whether this registration used it or not. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/holdfast/register/registration.h"
#include "agent/holdfast/state/given.h"

static struct state_given
describe(const struct intake *intake)
{
    const struct credfile_identity *identity = &intake->identity;

    return (struct state_given){
        .path = intake->file != NULL ? credfile_path(intake->file) : "",
        .device = identity->device,
        .inode = identity->inode,
        .size = identity->size,
        .sha256 = identity->sha256};
}

enum ks_err
registration_put_file(struct state *state, const struct intake *intake,
                      struct err_cause *cause)
{
    const struct state_given given = describe(intake);

    return state_given_put(state, &given, cause);
}

enum ks_err
registration_add_file(struct state *state, const struct intake *intake,
                      struct err_cause *cause)
{
    const struct state_given given = describe(intake);

    return state_given_add(state, &given, cause);
}

/* The absolute name of PATH, at which nothing is; the caller frees it. */
static char *
full_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    char *start = slash == NULL ? strdup(".")
                                : strndup(path, (size_t)(name - path));
    char *directory = start != NULL ? realpath(start, NULL) : NULL;
    char *full = NULL;

    if (directory == NULL)
        full = strdup(path);
    else if (asprintf(&full, "%s/%s",
                      strcmp(directory, "/") != 0 ? directory : "", name) < 0)
        full = NULL;
    free(directory);
    free(start);
    return full;
}

/* The file may have been moved after its wipe had begun. */
static void
follow(struct state *state, size_t number, const char *path)
{
    char *now = realpath(path, NULL);

    if (now != NULL)
        state_given_set_text(state, number, STATE_FILE_PATH, now);
    free(now);
}

bool
registration_knows_file(struct state *state, const char *path)
{
    struct stat status;
    bool there = lstat(path, &status) == 0;
    char *full = there ? NULL : full_path(path);
    bool known = false;

    for (size_t i = 0; !known && i < state_given_count(state); i++) {
        const char *recorded = state_given_text(state, i, STATE_FILE_PATH);

        if (there)
            known = status.st_ino ==
                        state_given_number(state, i, STATE_FILE_INODE) &&
                    status.st_dev ==
                        state_given_number(state, i, STATE_FILE_DEVICE);
        else
            known = full != NULL && strcmp(full, recorded) == 0;
        if (there && known)
            follow(state, i, path);
    }
    free(full);
    return known;
}
