/* SPDX-License-Identifier: Apache-2.0 */
/* Messages: what a hostile peer can send comes first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/ipc/channel.h"
#include "agent/ipc/msg_field.h"

struct fixture {
    int pair[2];
    struct msg *msg;
    struct err_cause cause;
};

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, f->pair), 0);
    f->msg = msg_new();
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    if (f->pair[0] >= 0)
        close(f->pair[0]);
    close(f->pair[1]);
    msg_free(&f->msg);
    free(f);
    return 0;
}

static enum ks_err
receive(struct fixture *f, bool *eof)
{
    return msg_receive(f->pair[1], f->msg, 1000, eof, &f->cause);
}

static void
datagram_shorter_than_its_head_is_refused(void **state)
{
    struct fixture *f = *state;
    bool eof;

    assert_int_equal(send(f->pair[0], "abc", 3, 0), 3);
    assert_int_equal(receive(f, &eof), KS_ERR_HELPER);
}

static void
length_that_lies_is_refused(void **state)
{
    struct fixture *f = *state;
    const uint32_t head[] = {TOKEN_OPEN, 4000, 1};
    bool eof;

    assert_int_equal(send(f->pair[0], head, sizeof head, 0), sizeof head);
    assert_int_equal(receive(f, &eof), KS_ERR_HELPER);
}

static void
datagram_longer_than_the_cap_is_refused(void **state)
{
    struct fixture *f = *state;
    size_t length = MSG_BODY_MAX + 9;
    uint32_t *big = calloc(1, length + 4);
    bool eof;

    big[1] = MSG_BODY_MAX + 1;
    assert_int_equal(send(f->pair[0], big, length, 0), length);
    free(big);
    assert_int_equal(receive(f, &eof), KS_ERR_HELPER);
}

static void
field_longer_than_its_message_spoils_it(void **state)
{
    struct fixture *f = *state;
    const unsigned char raw[] = {
        1, 0, 0, 0, 6, 0, 0, 0, 3, /* bytes */ 0xff, 0xff, 0xff, 0xff, 'x'};
    size_t length;
    bool eof;

    assert_int_equal(send(f->pair[0], raw, sizeof raw, 0), sizeof raw);
    assert_int_equal(receive(f, &eof), KS_OK);
    assert_null(msg_get_bytes(f->msg, &length));
    assert_int_equal(length, 0);
    assert_false(msg_complete(f->msg));
}

static void
text_with_a_zero_inside_spoils_the_message(void **state)
{
    struct fixture *f = *state;
    const unsigned char raw[] = {1, 0, 0, 0, 9,   0, 0,   0, 2,
                                 4, 0, 0, 0, 'a', 0, 'b', 0};
    bool eof;

    assert_int_equal(send(f->pair[0], raw, sizeof raw, 0), sizeof raw);
    assert_int_equal(receive(f, &eof), KS_OK);
    assert_string_equal(msg_get_text(f->msg), "");
    assert_false(msg_complete(f->msg));
}

static void
field_of_another_kind_spoils_the_message(void **state)
{
    struct fixture *f = *state;
    bool eof;

    msg_begin(f->msg, TOKEN_OPEN);
    msg_put_text(f->msg, "text");
    assert_int_equal(msg_send(f->pair[0], f->msg, &f->cause), KS_OK);
    assert_int_equal(receive(f, &eof), KS_OK);
    assert_int_equal(msg_get_number(f->msg), 0);
    assert_false(msg_complete(f->msg));
}

static void
fields_left_over_are_not_complete(void **state)
{
    struct fixture *f = *state;
    bool eof;

    msg_begin(f->msg, TOKEN_OPEN);
    msg_put_number(f->msg, 7);
    msg_put_number(f->msg, 8);
    assert_int_equal(msg_send(f->pair[0], f->msg, &f->cause), KS_OK);
    assert_int_equal(receive(f, &eof), KS_OK);
    assert_int_equal(msg_get_number(f->msg), 7);
    assert_false(msg_complete(f->msg));
    assert_int_equal(msg_get_number(f->msg), 8);
    assert_true(msg_complete(f->msg));
}

/* Such a field was wiped when the message was begun. */
static void
field_out_of_the_message_itself_spoils_it(void **state)
{
    struct fixture *f = *state;
    const char *view;
    bool eof;

    msg_begin(f->msg, TOKEN_OPEN);
    msg_put_text(f->msg, "text");
    assert_int_equal(msg_send(f->pair[0], f->msg, &f->cause), KS_OK);
    assert_int_equal(receive(f, &eof), KS_OK);
    view = msg_get_text(f->msg);
    assert_string_equal(view, "text");
    msg_begin(f->msg, CHANNEL_DONE);
    msg_put_text(f->msg, view);
    assert_int_equal(msg_send(f->pair[0], f->msg, &f->cause), KS_ERR_INTERNAL);
}

static void
too_much_to_send_is_an_error_of_sending(void **state)
{
    struct fixture *f = *state;
    uint8_t *big = calloc(1, MSG_BODY_MAX);

    msg_begin(f->msg, TOKEN_OPEN);
    msg_put_bytes(f->msg, big, MSG_BODY_MAX);
    free(big);
    assert_int_equal(msg_send(f->pair[0], f->msg, &f->cause), KS_ERR_INTERNAL);
}

static void
silence_ends_with_the_time_limit(void **state)
{
    struct fixture *f = *state;
    bool eof;

    assert_int_equal(msg_receive(f->pair[1], f->msg, 10, &eof, &f->cause),
                     KS_ERR_HELPER);
}

static void
end_of_the_peer_is_told_apart_from_a_message(void **state)
{
    struct fixture *f = *state;
    bool eof = false;

    close(f->pair[0]);
    f->pair[0] = -1;
    assert_int_equal(receive(f, &eof), KS_OK);
    assert_true(eof);
    assert_int_equal(msg_type(f->msg), CHANNEL_STOP);
}

static void
fields_arrive_as_they_were_put(void **state)
{
    struct fixture *f = *state;
    const uint8_t *bytes;
    size_t length;
    bool eof = true;

    msg_begin(f->msg, TOKEN_ENROL);
    msg_put_number(f->msg, UINT64_MAX);
    msg_put_text(f->msg, "");
    msg_put_bytes(f->msg, (const uint8_t *)"\0\1", 2);
    msg_put_bytes(f->msg, NULL, 0);
    assert_int_equal(msg_send(f->pair[0], f->msg, &f->cause), KS_OK);
    assert_int_equal(receive(f, &eof), KS_OK);
    assert_false(eof);
    assert_int_equal(msg_type(f->msg), TOKEN_ENROL);
    assert_true(msg_get_number(f->msg) == UINT64_MAX);
    assert_string_equal(msg_get_text(f->msg), "");
    bytes = msg_get_bytes(f->msg, &length);
    assert_int_equal(length, 2);
    assert_memory_equal(bytes, "\0\1", 2);
    (void)msg_get_bytes(f->msg, &length);
    assert_int_equal(length, 0);
    assert_true(msg_complete(f->msg));
}

/* A failure that carries terminal commands. */
static void
failure_of_a_peer_comes_back_escaped(void **state)
{
    struct fixture *f = *state;
    struct msg *answer = msg_new();

    msg_begin(answer, CHANNEL_FAILED);
    msg_put_number(answer, KS_ERR_PIN_WRONG);
    msg_put_text(answer, "bad\033[2J");
    assert_int_equal(msg_send(f->pair[1], answer, &f->cause), KS_OK);
    msg_free(&answer);
    msg_begin(f->msg, TOKEN_OPEN);
    assert_int_equal(channel_call(f->pair[0], f->msg, 1000, &f->cause),
                     KS_ERR_PIN_WRONG);
    assert_string_equal(f->cause.text, "bad?[2J");
}

static void
failure_with_a_number_that_is_none_of_ours_is_malformed(void **state)
{
    struct fixture *f = *state;
    struct msg *answer = msg_new();

    msg_begin(answer, CHANNEL_FAILED);
    msg_put_number(answer, KS_OK);
    msg_put_text(answer, "");
    assert_int_equal(msg_send(f->pair[1], answer, &f->cause), KS_OK);
    msg_free(&answer);
    msg_begin(f->msg, TOKEN_OPEN);
    assert_int_equal(channel_call(f->pair[0], f->msg, 1000, &f->cause),
                     KS_ERR_HELPER);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(datagram_shorter_than_its_head_is_refused),
        TEST(length_that_lies_is_refused),
        TEST(datagram_longer_than_the_cap_is_refused),
        TEST(field_longer_than_its_message_spoils_it),
        TEST(text_with_a_zero_inside_spoils_the_message),
        TEST(field_of_another_kind_spoils_the_message),
        TEST(fields_left_over_are_not_complete),
        TEST(field_out_of_the_message_itself_spoils_it),
        TEST(too_much_to_send_is_an_error_of_sending),
        TEST(silence_ends_with_the_time_limit),
        TEST(end_of_the_peer_is_told_apart_from_a_message),
        TEST(fields_arrive_as_they_were_put),
        TEST(failure_of_a_peer_comes_back_escaped),
        TEST(failure_with_a_number_that_is_none_of_ours_is_malformed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
