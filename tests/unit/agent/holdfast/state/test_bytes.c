/* SPDX-License-Identifier: Apache-2.0 */
/* Paths that are no text, and a disk that takes a part: what the state keeps of
 * the one and says of the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agent/holdfast/session/pin.h"
#include "agent/holdfast/state/state.h"
#include "agent/holdfast/state/given.h"
#include "tests/support/own_directory.h"

#define LATIN "/root/t\351l\351chargement/c"

static struct err_cause cause;

/* Of an earlier file, too, and beside a path that is text. */
static void
path_that_is_no_utf8_is_there_again(void **unused)
{
    static const uint8_t one[32] = {1}, two[32] = {2};
    const struct state_given first = {.path = LATIN, .sha256 = one};
    const struct state_given second = {.path = "/caf\303\251", .sha256 = two};
    struct state *state = NULL;

    (void)unused;
    assert_int_equal(state_open(directory, true, &state, &cause), KS_OK);
    assert_int_equal(state_given_put(state, &first, &cause), KS_OK);
    assert_int_equal(state_given_put(state, &second, &cause), KS_OK);
    state_set_text(state, STATE_CA_FILE, LATIN ".pem");
    state_set_text(state, STATE_CRL_FILE, LATIN ".crl");
    assert_int_equal(state_save(state, STATE_IMPORTING, &cause), KS_OK);
    assert_string_equal(state_text(state, STATE_CA_FILE), LATIN ".pem");
    state_close(&state);
    assert_int_equal(state_open(directory, false, &state, &cause), KS_OK);
    assert_string_equal(state_text(state, STATE_FILE_PATH), "/caf\303\251");
    assert_string_equal(state_text(state, STATE_CA_FILE), LATIN ".pem");
    assert_string_equal(state_text(state, STATE_CRL_FILE), LATIN ".crl");
    assert_int_equal(state_given_count(state), 2);
    assert_string_equal(state_given_text(state, 1, STATE_FILE_PATH), LATIN);
    assert_int_equal(state_save(state, STATE_IMPORTED, &cause), KS_OK);
    state_close(&state);
}

static void
bytes_that_are_none_are_damage(void **unused)
{
    static const char *const broken[] = {"{}",
                                         "{\"hex\": \"\"}",
                                         "{\"hex\": \"e\"}",
                                         "{\"hex\": 7}",
                                         "{\"hex\": \"e900\"}",
                                         "{\"hex\": \"xy\"}",
                                         "{\"hex\": \"e9\", \"more\": 1}"};

    (void)unused;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct state *state = NULL;
        char text[128];

        (void)snprintf(text, sizeof text,
                       "{\"format\": 1, \"phase\": \"done\", \"ca_file\": %s}",
                       broken[i]);
        own_directory_write("state.json", text);
        assert_int_equal(state_open(directory, false, &state, &cause),
                         KS_ERR_STATE_BROKEN);
    }
}

static void
limit_files(rlim_t size)
{
    const struct rlimit limit = {size, RLIM_INFINITY};

    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A write that gets only some of it there sets no errno. */
static void
room_for_a_part_of_the_state_is_told_as_that(void **unused)
{
    struct state *state = NULL;
    enum ks_err rc;

    (void)unused;
    assert_int_equal(state_open(directory, true, &state, &cause), KS_OK);
    state_set_text(state, STATE_VAULT, "7");
    limit_files(10);
    errno = ENOTTY;
    rc = state_save(state, STATE_IMPORTING, &cause);
    limit_files(RLIM_INFINITY);
    assert_int_equal(rc, KS_ERR_STATE_WRITE);
    assert_string_equal(cause.text, "state.json: File too large");
    state_close(&state);
}

static void
room_for_a_part_of_the_latch_is_told_as_that(void **unused)
{
    struct pin_source source = {.fd = -1};
    int fd = open(directory, O_RDONLY | O_DIRECTORY);
    enum ks_err rc;

    (void)unused;
    limit_files(10);
    errno = ENOTTY;
    rc = pin_latch_set(fd, "1", &source, &cause);
    limit_files(RLIM_INFINITY);
    assert_int_equal(rc, KS_ERR_STATE_WRITE);
    assert_string_equal(cause.text, "pin-refused: File too large");
    close(fd);
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, own_directory_make,                  \
                                    own_directory_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(path_that_is_no_utf8_is_there_again),
        TEST(bytes_that_are_none_are_damage),
        TEST(room_for_a_part_of_the_state_is_told_as_that),
        TEST(room_for_a_part_of_the_latch_is_told_as_that),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
