/* SPDX-License-Identifier: Apache-2.0 */
/* Good credential files in places and of kinds where they are refused before a
 * byte is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/programs/refusal.h"

#define ARENA (1024 * 1024)
#define OTHER_USER 4711

/* Who reads the file at PATH from now on is seen. */
static int
watch_readers(void)
{
    int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

    assert_true(inotify_add_watch(watch, refusal_path, IN_ACCESS) >= 0);
    return watch;
}

/* The end of a watch: was the file read? */
static bool
was_read(int watch)
{
    struct inotify_event event;
    bool read_at_all = read(watch, &event, sizeof event) > 0;

    assert_int_equal(close(watch), 0);
    return read_at_all;
}

/* The same, and the file at PATH is not even read. */
static void
expect_refusal_unread(const char *path, int status, const char *says)
{
    int watch;

    refusal_expect(says, path, status, says);
    watch = watch_readers();
    rig_register(&rig, &run, path);
    refusal_expect_line(says, status, says);
    assert_false(was_read(watch));
}

static void
put_good_file(void)
{
    struct fixture_bytes content = fixture_file_good();

    refusal_make_place();
    refusal_write(&content);
    fixture_free(&content);
}

/* What expect_refusal_unread() goes by */
static void
reader_is_seen(void **state)
{
    int watch;

    (void)state;
    put_good_file();
    watch = watch_readers();
    rig_holdfast(&rig, &run, "show", refusal_path, NULL);
    rig_expect(&run, 0, "");
    assert_true(was_read(watch));
    refusal_remove_place();
}

/* Refused for WORDS with the command that mends it: run, it does. */
static void
expect_mended(const char *words, const char *command)
{
    const char *found;
    char line[1024];

    expect_refusal_unread(refusal_path, 77, words);
    found = strstr(run.err, command);
    assert_non_null(found);
    snprintf(line, sizeof line, "%.*s", (int)(strstr(found, "; ") - found),
             found);
    assert_int_equal(system(line), 0);
    rig_holdfast(&rig, &run, "show", refusal_path, NULL);
    rig_expect(&run, 0, "");
}

static void
exposed_file_is_refused_with_what_mends_it(void **state)
{
    static const mode_t modes[] = {0640, 0620, 0604, 0602, 0666};

    (void)state;
    put_good_file();
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        assert_int_equal(chmod(refusal_path, modes[i]), 0);
        expect_refusal_unread(refusal_path, 77,
                              "others can get at the credential");
    }
    assert_int_equal(chmod(refusal_path, 0644), 0);
    expect_mended("its mode is 0644", "chmod 600 ");
    assert_int_equal(chmod(refusal_place, 0770), 0);
    expect_mended("may write to its directory (mode 0770)", "chmod go-w ");
    refusal_remove_place();
}

/* Who is not root cannot make a file another's: the unit tests of credfile.c
 * have the same case for the code alone. */
static void
foreign_owner_is_refused(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    put_good_file();
    assert_int_equal(chown(refusal_path, OTHER_USER, 0), 0);
    expect_refusal_unread(refusal_path, 77,
                          "it belongs to user 4711: sudo chown ");
    assert_int_equal(chown(refusal_path, 0, 0), 0);
    assert_int_equal(chown(refusal_place, OTHER_USER, 0), 0);
    expect_refusal_unread(refusal_path, 77, "belongs to user 4711");
    refusal_remove_place();
}

static void
other_names_of_a_file_are_refused(void **state)
{
    char name[sizeof refusal_place + 16];

    (void)state;
    put_good_file();
    snprintf(name, sizeof name, "%s/other", refusal_place);
    assert_int_equal(symlink(refusal_path, name), 0);
    expect_refusal_unread(name, 66, "is a symbolic link to ");
    assert_int_equal(unlink(name), 0);
    assert_int_equal(link(refusal_path, name), 0);
    expect_refusal_unread(refusal_path, 66, "it has 2 hard links");
    refusal_remove_place();
}

static void
file_that_another_has_open_is_refused(void **state)
{
    int reader;

    (void)state;
    put_good_file();
    reader = open(refusal_path, O_RDONLY | O_CLOEXEC);
    assert_true(reader >= 0);
    expect_refusal_unread(refusal_path, 75,
                          "another process has the credential file");
    assert_int_equal(close(reader), 0);
    refusal_remove_place();
}

/* What was put into the pipe is still there. */
static void
pipe_is_refused(void **state)
{
    struct fixture_bytes content = fixture_file_good();
    char *left = malloc(content.length + 1);
    int fd;

    (void)state;
    refusal_make_place();
    assert_int_equal(mkfifo(refusal_path, 0600), 0);
    fd = open(refusal_path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    assert_int_equal(write(fd, content.bytes, content.length), content.length);
    expect_refusal_unread(refusal_path, 66, "a pipe, socket or device");
    assert_int_equal(read(fd, left, content.length + 1), content.length);
    assert_memory_equal(left, content.bytes, content.length);
    assert_int_equal(close(fd), 0);
    free(left);
    fixture_free(&content);
    refusal_remove_place();
}

static void
what_is_no_file_is_refused(void **state)
{
    (void)state;
    refusal_make_place();
    refusal_expect("directory", refusal_place, 66, "a directory");
    refusal_remove_place();
    refusal_expect("device", "/dev/zero", 66, "a pipe, socket or device");
    refusal_expect("nothing", "/nonexistent/file", 66, "no such file");
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exposed_file_is_refused_with_what_mends_it),
        cmocka_unit_test(foreign_owner_is_refused),
        cmocka_unit_test(other_names_of_a_file_are_refused),
        cmocka_unit_test(file_that_another_has_open_is_refused),
        cmocka_unit_test(pipe_is_refused),
        cmocka_unit_test(what_is_no_file_is_refused),
        cmocka_unit_test(reader_is_seen),
        cmocka_unit_test(registration_goes_on_afterwards),
    };

    rig_case_begin(argc, argv);
    if (secret_init(ARENA, NULL) != KS_OK)
        return 1;
    return cmocka_run_group_tests(tests, refusal_start, refusal_stop);
}
