/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to a file as path_resolution(7) goes it, through each directory and
 * each symbolic link: who could have changed where it leads.
 */
#ifndef KEYSTORE_BASE_PATH_WAY_H
#define KEYSTORE_BASE_PATH_WAY_H

#include <stdbool.h>
#include <sys/stat.h>

enum path_way_end {
    PATH_WAY_WHOLE,   /* nobody but root and the caller could have changed it */
    PATH_WAY_MISSING, /* that much is good; step is not there */
    PATH_WAY_FAILED,  /* step cannot be looked at */
    PATH_WAY_ANOTHERS, /* step belongs to neither root nor the caller */
    PATH_WAY_OPEN      /* group or others may write to step */
};

struct path_way {
    enum path_way_end end;
    int error;          /* an errno: PATH_WAY_FAILED alone */
    struct stat status; /* of step, unless it is missing or failed */
    char *step; /* where it ended, with no link in it; NULL: no memory */
};

/* Go the way to PATH, relative to the working directory unless absolute, and
 * look at each step before the one after it.  In a sticky directory nobody
 * replaces another's entry, so that others may write to one; not to the last,
 * where ENTRIES_COUNT says that all its entries are believed.  More than 40
 * links are ELOOP, as for the kernel.  The caller calls path_way_free(). */
void path_way_walk(const char *path, bool entries_count, struct path_way *ret);

void path_way_free(struct path_way *way);

#endif
