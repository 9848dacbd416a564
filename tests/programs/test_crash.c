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

#include <openssl/evp.h>

#include "tests/support/rig_case.h"

static char *content;
static size_t content_length;

static int
start(void **state)
{
    (void)rig_case_start_one(state);
    content = rig_read(file, &content_length);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
    return 0;
}

static int
stop(void **state)
{
    free(content);
    return rig_case_stop(state);
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
    json_object_set_new(state, "file_path", json_string(file));
    json_object_set_new(state, "file_device", json_integer((int)now.st_dev));
    json_object_set_new(state, "file_inode",
                        json_integer((json_int_t)now.st_ino));
    json_object_set_new(state, "file_size",
                        json_integer((json_int_t)content_length));
    json_object_del(state, "wipe_outcome");
    json_object_del(state, "wipe_detail");
    json_object_del(state, "wiped_at");
    json_object_del(state, "receipt");
    assert_int_equal(json_object_del(state, "file_mark_sha256"), 0);
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

static void
set_recorded(const char *key, json_t *value)
{
    char path[RIG_PATH + 16];
    json_t *state;

    snprintf(path, sizeof path, "%s/state.json", rig.state);
    state = json_load_file(path, 0, NULL);
    assert_non_null(state);
    assert_int_equal(json_object_set_new(state, key, value), 0);
    assert_int_equal(json_dump_file(state, path, 0), 0);
    json_decref(state);
}

/* SHA-256 of 32 bytes 0xa5, with which half_overwritten() begins. */
static void
record_mark(void)
{
    char hex[2 * 32 + 1];
    unsigned char begin[32], hash[32];

    memset(begin, 0xa5, sizeof begin);
    assert_int_equal(
        EVP_Q_digest(NULL, "SHA256", NULL, begin, sizeof begin, hash, NULL), 1);
    for (size_t i = 0; i < sizeof hash; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    set_recorded("file_mark_sha256", json_string(hex));
}

static void
renumber_device(void)
{
    struct stat now;

    assert_int_equal(stat(file, &now), 0);
    set_recorded("file_device", json_integer((json_int_t)now.st_dev + 1));
}

/* Overwriting had begun: the file begins with the mark that is recorded. */
static void
half_overwritten_file_is_wiped(void **state)
{
    char *bytes = half_overwritten();

    (void)state;
    put_back_file(bytes, 0600);
    record_mark();
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 78, "not finished");
    assert_false(rig_exists(file));
    expect_finish();
    free(bytes);
}

/* The mark is in the state before it is in the file. */
static void
file_that_a_wipe_did_not_reach_is_wiped(void **state)
{
    (void)state;
    put_back_file(content, 0600);
    record_mark();
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 78, "not finished");
    assert_false(rig_exists(file));
    expect_finish();
}

static void
expect_untouched(const char *bytes, size_t length)
{
    char *now;
    size_t now_length;

    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 10, "not what was registered with");
    now = rig_read(file, &now_length);
    assert_int_equal(now_length, length);
    assert_memory_equal(now, bytes, length);
    free(now);
}

/* A stranger's content under the recorded device, inode and size, whatever
 * mode it has and wherever a wipe had come to. */
static void
foreign_content_is_left_alone(void **state)
{
    static const mode_t modes[] = {0600, 0600 | S_ISVTX};
    char *bytes = malloc(content_length);

    (void)state;
    assert_non_null(bytes);
    memset(bytes, 'x', content_length);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        put_back_file(bytes, modes[i]);
        expect_untouched(bytes, content_length);
        record_mark();
        expect_untouched(bytes, content_length);
    }
    free(bytes);
}

/* As long as a wipe makes it, and not by one. */
static void
foreign_content_of_whole_blocks_is_left_alone(void **state)
{
    struct stat now;
    size_t length;
    char *bytes;

    (void)state;
    put_back_file(content, 0600);
    record_mark();
    assert_int_equal(stat(file, &now), 0);
    length = (content_length + (size_t)now.st_blksize - 1) /
             (size_t)now.st_blksize * (size_t)now.st_blksize;
    bytes = malloc(length);
    assert_non_null(bytes);
    memset(bytes, 'x', length);
    rig_write(file, bytes, length);
    expect_untouched(bytes, length);
    free(bytes);
}

/* As after a restart with disks in another order. */
static void
file_of_a_renumbered_device_is_known_by_its_content(void **state)
{
    char *bytes = half_overwritten();

    (void)state;
    put_back_file(bytes, 0600);
    renumber_device();
    expect_untouched(bytes, content_length);
    record_mark();
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 78, "not finished");
    assert_false(rig_exists(file));
    put_back_file(content, 0600);
    renumber_device();
    expect_finish();
    assert_false(rig_exists(file));
    free(bytes);
}

/* Killed while the wipe made the file longer, as strace(1) can. */
static void
file_that_a_wipe_made_longer_is_wiped(void **state)
{
    static const size_t more[] = {1, 1024, 2048};
    char *bytes = half_overwritten();

    (void)state;
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        put_back_file(bytes, 0600);
        record_mark();
        assert_int_equal(truncate(file, (off_t)(content_length + more[i])), 0);
        rig_holdfast(&rig, &run, "status", NULL);
        rig_expect(&run, 78, "not finished");
        assert_false(rig_exists(file));
        expect_finish();
    }
    free(bytes);
}

/* Killed between the unlinking and the recording of what came of it. */
static void
wipe_that_nobody_recorded_is_not_called_too_late(void **state)
{
    (void)state;
    put_back_file(content, 0600);
    record_mark();
    assert_int_equal(unlink(file), 0);
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 78, "not finished");
    assert_non_null(strstr(run.out, "a wipe had begun"));
    assert_null(strstr(run.out, "before it could be wiped"));
    assert_null(strstr(run.out, "overwritten"));
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
    rig_write(path, "{\"format\": 2}", 13);
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 73,
               "the recorded state is of a newer Holdfast: state.json has "
               "format 2, and Holdfast 0.1.0 reads 1; use the Holdfast that "
               "wrote it, or one that is newer");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(altered_content_is_left_alone),
        TEST(register_without_a_file_finishes_the_wipe),
        TEST(half_overwritten_file_is_wiped),
        TEST(file_that_a_wipe_did_not_reach_is_wiped),
        TEST(foreign_content_is_left_alone),
        TEST(foreign_content_of_whole_blocks_is_left_alone),
        TEST(file_of_a_renumbered_device_is_known_by_its_content),
        TEST(file_that_a_wipe_made_longer_is_wiped),
        TEST(wipe_that_nobody_recorded_is_not_called_too_late),
        TEST(damaged_state_is_said_so),
    };

    return rig_case_main(argc, argv, tests);
}
