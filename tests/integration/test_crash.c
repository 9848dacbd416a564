/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a wipe that was cut short leaves behind, and how the next call goes on
 * with it.  The state is put back to where the crash came, by hand.
 */
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

#include "tests/integration/rig.h"

static const char *kind;
static struct rig rig;
static struct rig_run run;
static char file[RIG_PATH];
static char *content;
static size_t content_length;

static int
start(void **state)
{
    (void)state;
    rig_start(&rig, kind);
    rig_download(&rig, "one", file);
    content = rig_read(file, &content_length);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    free(content);
    rig_stop(&rig);
    return 0;
}

/* The recorded state as before the wipe, of the file that is there now. */
static void
put_back_state(void)
{
    char path[RIG_PATH + 16];
    struct stat now;
    json_t *state;
    char *text;

    snprintf(path, sizeof path, "%s/state.json", rig.state);
    state = json_load_file(path, 0, NULL);
    assert_non_null(state);
    assert_int_equal(stat(file, &now), 0);
    json_object_set_new(state, "phase", json_string("wipe-pending"));
    json_object_set_new(state, "file_device", json_integer((int)now.st_dev));
    json_object_set_new(state, "file_inode",
                        json_integer((json_int_t)now.st_ino));
    json_object_set_new(state, "file_size",
                        json_integer((json_int_t)content_length));
    json_object_del(state, "wipe_outcome");
    json_object_del(state, "wiped_at");
    json_object_del(state, "receipt");
    text = json_dumps(state, 0);
    rig_write(path, text, strlen(text));
    free(text);
    json_decref(state);
}

static void
put_back_file(const char *bytes, mode_t mode)
{
    rig_write(file, bytes, content_length);
    assert_int_equal(chmod(file, mode), 0);
    put_back_state();
}

/* CONTENT with its first half overwritten; the caller frees it. */
static char *
half_overwritten(void)
{
    char *bytes = malloc(content_length);

    assert_non_null(bytes);
    memcpy(bytes, content, content_length);
    memset(bytes, 0xa5, content_length / 2);
    return bytes;
}

static void
another_file_under_the_name_is_left_alone(void **state)
{
    char other[RIG_PATH + 8];

    (void)state;
    put_back_file(content, 0600);
    snprintf(other, sizeof other, "%s.new", file);
    rig_write(other, "mine", 4);
    assert_int_equal(rename(other, file), 0);
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 10, "not wiped");
    assert_true(rig_exists(file));
}

static void
altered_content_is_left_alone(void **state)
{
    char *bytes = half_overwritten();

    (void)state;
    put_back_file(bytes, 0600);
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 10, "not what was registered with");
    assert_true(rig_exists(file));
    free(bytes);
}

static void
register_without_a_file_finishes_the_wipe(void **state)
{
    (void)state;
    put_back_file(content, 0600);
    rig_holdfast(&rig, &run, "register", NULL);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
}

/* The receipt needs the token, which `status` does not log in to. */
static void
expect_finish(void)
{
    rig_holdfast(&rig, &run, "register", NULL);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 0, "");
}

/* Overwriting had begun, which the file's sticky bit says. */
static void
half_overwritten_file_is_wiped(void **state)
{
    char *bytes = half_overwritten();

    (void)state;
    put_back_file(bytes, 0600 | S_ISVTX);
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 78, "not finished");
    assert_false(rig_exists(file));
    expect_finish();
    free(bytes);
}

static void
file_that_is_gone_is_recorded_as_that(void **state)
{
    (void)state;
    put_back_file(content, 0600);
    assert_int_equal(unlink(file), 0);
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 78, "not finished");
    assert_non_null(strstr(run.out, "gone"));
    expect_finish();
}

static void
damaged_state_is_said_so(void **state)
{
    char path[RIG_PATH + 16];

    (void)state;
    snprintf(path, sizeof path, "%s/state.json", rig.state);
    rig_write(path, "{", 1);
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 73, "the recorded state cannot be read");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(another_file_under_the_name_is_left_alone),
        TEST(altered_content_is_left_alone),
        TEST(register_without_a_file_finishes_the_wipe),
        TEST(half_overwritten_file_is_wiped),
        TEST(file_that_is_gone_is_recorded_as_that),
        TEST(damaged_state_is_said_so),
    };

    kind = argc == 2 ? argv[1] : "soft";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
