/* SPDX-License-Identifier: Apache-2.0 */
/* The durable state: damage, locks, and what a crash may leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/holdfast/state/state.h"
#include "tests/support/own_directory.h"

static struct err_cause cause;

static void
damaged_state_is_refused_and_kept(void **unused)
{
    static const char *const broken[] = {
        "",
        "{",
        "[]",
        "{\"format\": -1, \"phase\": \"done\"}",
        "{\"format\": \"2\", \"phase\": \"done\"}",
        "{\"phase\": \"done\"}",
        "{\"format\": 1, \"phase\": \"dome\"}",
        "{\"format\": 1, \"phase\": \"done\", \"vault\": 7}",
        "{\"format\": 1, \"phase\": \"done\", \"file_size\": \"7\"}",
        "{\"format\": 1, \"phase\": \"done\", \"phase\": \"none\"}",
        "{\"format\": 1, \"phase\": \"done\", \"earlier_files\": {}}",
        "{\"format\": 1, \"phase\": \"done\", \"earlier_files\": [7]}",
        "{\"format\": 1, \"phase\": \"done\", \"earlier_files\": "
        "[{\"file_path\": 7}]}",
        "{\"format\": 1, \"phase\": \"done\", \"earlier_files\": "
        "[{}, {}, {}, {}, {}, {}, {}, {}, {}]}"};
    char path[128];
    struct stat status;

    (void)unused;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct state *state = NULL;

        own_directory_write("state.json", broken[i]);
        assert_int_equal(state_open(directory, true, &state, &cause),
                         KS_ERR_STATE_BROKEN);
        assert_null(state);
        (void)snprintf(path, sizeof path, "%s/state.json", directory);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_size, strlen(broken[i]));
    }
}

static void
second_opener_is_told_that_it_is_busy(void **unused)
{
    struct state *first = NULL, *second = NULL;

    (void)unused;
    assert_int_equal(state_open(directory, true, &first, &cause), KS_OK);
    assert_int_equal(state_open(directory, true, &second, &cause), KS_ERR_BUSY);
    assert_null(second);
    state_close(&first);
    assert_int_equal(state_open(directory, true, &second, &cause), KS_OK);
    state_close(&second);
}

static void
missing_directory_is_not_registered_and_is_not_made(void **unused)
{
    struct state *state = NULL;
    char path[128];

    (void)unused;
    (void)snprintf(path, sizeof path, "%s/none", directory);
    assert_int_equal(state_open(path, false, &state, &cause),
                     KS_ERR_NOT_REGISTERED);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void
what_was_saved_is_there_again(void **unused)
{
    const uint8_t id[4] = {0, 0x7f, 0x80, 0xff};
    uint8_t back[4];
    struct state *state = NULL;

    (void)unused;
    assert_int_equal(state_open(directory, true, &state, &cause), KS_OK);
    assert_int_equal(state_phase(state), STATE_NONE);
    assert_string_equal(state_text(state, STATE_VAULT), "");
    state_set_text(state, STATE_VAULT, "8726350008099341699");
    state_set_number(state, STATE_FILE_INODE, UINT64_MAX);
    state_set_bytes(state, STATE_MACHINE_ID, id, sizeof id);
    assert_int_equal(state_save(state, STATE_IMPORTING, &cause), KS_OK);
    state_close(&state);
    assert_int_equal(state_open(directory, false, &state, &cause), KS_OK);
    assert_int_equal(state_phase(state), STATE_IMPORTING);
    assert_string_equal(state_text(state, STATE_VAULT), "8726350008099341699");
    assert_true(state_number(state, STATE_FILE_INODE) == UINT64_MAX);
    assert_false(state_bytes(state, STATE_MACHINE_ID, back, 3));
    assert_true(state_bytes(state, STATE_MACHINE_ID, back, sizeof back));
    assert_memory_equal(back, id, sizeof id);
    state_close(&state);
}

/* What a crash between writing and renaming leaves is no state. */
static void
half_written_replacement_is_ignored(void **unused)
{
    struct state *state = NULL;

    (void)unused;
    own_directory_write("state.json",
                        "{\"format\": 1, \"phase\": \"imported\"}");
    own_directory_write("state.json.new", "{\"format\": 1, \"pha");
    assert_int_equal(state_open(directory, false, &state, &cause), KS_OK);
    assert_int_equal(state_phase(state), STATE_IMPORTED);
    assert_int_equal(state_save(state, STATE_REGISTERING, &cause), KS_OK);
    state_close(&state);
    assert_int_equal(state_open(directory, false, &state, &cause), KS_OK);
    assert_int_equal(state_phase(state), STATE_REGISTERING);
    state_close(&state);
}

static void
state_that_cannot_be_replaced_stays_as_it_was(void **unused)
{
    struct state *state = NULL;
    char path[128];

    (void)unused;
    assert_int_equal(state_open(directory, true, &state, &cause), KS_OK);
    assert_int_equal(state_save(state, STATE_IMPORTED, &cause), KS_OK);
    (void)snprintf(path, sizeof path, "%s/state.json.new", directory);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(state_save(state, STATE_DONE, &cause), KS_ERR_STATE_WRITE);
    assert_int_equal(state_phase(state), STATE_IMPORTED);
    state_close(&state);
    assert_int_equal(state_open(directory, false, &state, &cause), KS_OK);
    assert_int_equal(state_phase(state), STATE_IMPORTED);
    state_close(&state);
}

/* Whatever else is in it. */
static void
state_of_a_newer_version_is_said_so(void **unused)
{
    static const char *const texts[] = {
        "{\"format\": 2, \"phase\": \"done\"}",
        "{\"format\": 2, \"steps\": [1]}",
        "{\"format\": 9223372036854775807, \"phase\": 7}"};
    struct state *state = NULL;

    (void)unused;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        own_directory_write("state.json", texts[i]);
        assert_int_equal(state_open(directory, false, &state, &cause),
                         KS_ERR_STATE_NEWER);
        assert_null(state);
        assert_non_null(strstr(cause.text, "state.json has format "));
    }
}

static void
state_that_is_too_large_is_said_so(void **unused)
{
    static char text[256 * 1024 + 1];
    struct state *state = NULL;

    (void)unused;
    memset(text, ' ', sizeof text - 1);
    own_directory_write("state.json", text);
    errno = 0;
    assert_int_equal(state_open(directory, false, &state, &cause),
                     KS_ERR_STATE_BROKEN);
    assert_non_null(strstr(cause.text, strerror(EFBIG)));
}

/* A good state behind a shortage must not be called one to remove. */
static void
state_that_cannot_be_read_now_is_not_called_broken(void **unused)
{
    struct rlimit usual;
    struct rlimit none;
    struct state *state = NULL;
    enum ks_err rc;
    int last;

    (void)unused;
    own_directory_write("state.json", "{}");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    for (rlim_t spare = 0;; spare++) { /* until it comes as far as the file */
        last = open("/dev/null", O_RDONLY | O_CLOEXEC);
        assert_true(last >= 0);
        (void)close(last);
        none = (struct rlimit){(rlim_t)last + spare, usual.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
        rc = state_open(directory, false, &state, &cause);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
        assert_null(state);
        if (strncmp(cause.text, "state.json", 10) == 0)
            break;
        assert_true(spare < 8);
    }
    assert_int_equal(rc, KS_ERR_RESOURCES);
    assert_non_null(strstr(cause.text, strerror(EMFILE)));
}

static void
forgotten_state_is_none(void **unused)
{
    struct state *state = NULL;

    (void)unused;
    assert_int_equal(state_open(directory, true, &state, &cause), KS_OK);
    state_set_text(state, STATE_VAULT, "1");
    assert_int_equal(state_save(state, STATE_DONE, &cause), KS_OK);
    assert_int_equal(state_forget(state, &cause), KS_OK);
    assert_int_equal(state_phase(state), STATE_NONE);
    assert_string_equal(state_text(state, STATE_VAULT), "");
    state_close(&state);
    assert_int_equal(state_open(directory, false, &state, &cause), KS_OK);
    assert_int_equal(state_phase(state), STATE_NONE);
    state_close(&state);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, own_directory_make,                  \
                                    own_directory_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(damaged_state_is_refused_and_kept),
        TEST(state_of_a_newer_version_is_said_so),
        TEST(state_that_is_too_large_is_said_so),
        TEST(state_that_cannot_be_read_now_is_not_called_broken),
        TEST(second_opener_is_told_that_it_is_busy),
        TEST(missing_directory_is_not_registered_and_is_not_made),
        TEST(what_was_saved_is_there_again),
        TEST(half_written_replacement_is_ignored),
        TEST(state_that_cannot_be_replaced_stays_as_it_was),
        TEST(forgotten_state_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
