/* SPDX-License-Identifier: Apache-2.0 */
/* Files that would cost their reader more than any credential is worth. */
#include "tests/unit/keystore/credential/fixture_file_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOO_LARGE (256 * 1024 + 1)

struct fixture_bytes
fixture_file_too_large(const struct fixture_file *file)
{
    char *text = fixture_file_text();
    char *padded = malloc(TOO_LARGE + 1);

    (void)file;
    FIXTURE_NEED(padded != NULL);
    (void)snprintf(padded, TOO_LARGE + 1, "%s%*s", text,
                   (int)(TOO_LARGE - strlen(text)), "");
    free(text);
    return fixture_file_of_text(padded);
}

struct fixture_bytes
fixture_file_of_levels(const struct fixture_file *file)
{
    char *levels = malloc(20000 * 7 + 16);
    char *at = levels;
    char *text;

    (void)file;
    FIXTURE_NEED(levels != NULL);
    for (int i = 0; i < 20000; i++)
        at = stpcpy(at, "<a>");
    for (int i = 0; i < 20000; i++)
        at = stpcpy(at, "</a>");
    (void)stpcpy(at, "<Location>");
    text = fixture_edit(fixture_file_text(), "<Location>", levels);
    free(levels);
    return fixture_file_of_text(text);
}

struct fixture_bytes
fixture_file_of_attributes(const struct fixture_file *file)
{
    char *attributes = malloc(12000 * 12 + 32);
    char *at = stpcpy(attributes, "<New");
    char *text;

    (void)file;
    for (int i = 0; i < 12000; i++)
        at += sprintf(at, " a%d=\"\"", i);
    (void)stpcpy(at, "/><Location>");
    text = fixture_edit(fixture_file_text(), "<Location>", attributes);
    free(attributes);
    return fixture_file_of_text(text);
}
