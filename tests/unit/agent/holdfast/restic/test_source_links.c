/* SPDX-License-Identifier: Apache-2.0 */
/* Symbolic links whose target is no UTF-8, wherever they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/holdfast/restic/source_links.h"
#include "tests/support/own_directory.h"

#define LATIN "caf\351/menu"

static char first[SOURCE_LINKS_PATH];
static const struct options_list nothing;

static void
make(const char *name, const char *target)
{
    char path[256];

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    if (target != NULL)
        assert_int_equal(symlink(target, path), 0);
    else
        assert_int_equal(mkdir(path, 0700), 0);
}

static int
start(void **state)
{
    (void)own_directory_make(state);
    make("fine", "caf\303\251");
    make("deep", NULL);
    make("deep/er", NULL);
    return 0;
}

static size_t
count(const char *path, const struct options_list *excludes)
{
    return source_links_count(&path, 1, excludes, first);
}

static void
links_of_utf8_are_none_of_them(void **state)
{
    (void)state;
    make("back", "../..");
    assert_int_equal(count(directory, &nothing), 0);
}

static void
they_are_found_at_any_depth(void **state)
{
    char path[128];

    (void)state;
    make("deep/er/link", LATIN);
    assert_int_equal(count(directory, &nothing), 1);
    (void)snprintf(path, sizeof path, "%s/deep/er/link", directory);
    assert_string_equal(first, path);
    make("link", LATIN);
    assert_int_equal(count(directory, &nothing), 2);
    assert_int_equal(count(path, &nothing), 1); /* a source itself */
}

/* What is behind a link is not below it. */
static void
links_are_not_followed(void **state)
{
    char path[128];

    (void)state;
    make("deep/er/link", LATIN);
    make("way", "deep");
    (void)snprintf(path, sizeof path, "%s/way", directory);
    assert_int_equal(count(path, &nothing), 0);
}

static void
what_is_left_out_is_not_counted(void **state)
{
    char whole[128];
    const struct options_list by_name = {{"er"}, 1};
    const struct options_list by_pattern = {{"*nk"}, 1};
    struct options_list by_path = {{whole}, 1};

    (void)state;
    make("deep/er/link", LATIN);
    (void)snprintf(whole, sizeof whole, "%s/deep", directory);
    assert_int_equal(count(directory, &by_name), 0);
    assert_int_equal(count(directory, &by_pattern), 0);
    assert_int_equal(count(directory, &by_path), 0);
    by_path.text[0] = "/elsewhere";
    assert_int_equal(count(directory, &by_path), 1);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, start, own_directory_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(links_of_utf8_are_none_of_them),
        TEST(they_are_found_at_any_depth),
        TEST(links_are_not_followed),
        TEST(what_is_left_out_is_not_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
