/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/own_directory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

char directory[FRESH_DIRECTORY];

int
own_directory_make(void **state)
{
    (void)state;
    assert_true(fresh_directory("holdfast", directory));
    return 0;
}

int
own_directory_remove(void **state)
{
    char command[FRESH_DIRECTORY + 16];

    (void)state;
    (void)snprintf(command, sizeof command, "/bin/rm -rf '%s'", directory);
    return system(command);
}

const char *
own_directory_path(const char *name)
{
    static char paths[4][FRESH_DIRECTORY + 64];
    static unsigned next;
    char *path = paths[next++ % 4];

    (void)snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

void
own_directory_write(const char *name, const char *text)
{
    FILE *file = fopen(own_directory_path(name), "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}
