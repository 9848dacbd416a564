/* SPDX-License-Identifier: Apache-2.0 */
/* Every message of the lists, with each field as long as it may be: it arrives
 * as it was put, and nothing else arrives as it.  The lists are the product's,
 * so that a new message is tested without a line here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/ipc/layout.h"
#include "agent/ipc/msg_field.h"
#include "tests/unit/agent/ipc/layout_messages.h"

#define HEAD 8 /* type and length, of 32 bits each */

static const struct layout_message *const all = layout_messages;
static const struct layout_message *end;
static int pair[2];
static struct msg *msg, *other;

static void
receive_as(struct msg *ret, const uint8_t *datagram, size_t length)
{
    bool eof;

    assert_int_equal(send(pair[0], datagram, length, 0), length);
    assert_int_equal(msg_receive(pair[1], ret, 1000, &eof, NULL), KS_OK);
}

/* The datagram that FROM is on the wire. */
static size_t
datagram_of(struct msg *from, uint8_t ret[static HEAD + MSG_BODY_MAX])
{
    ssize_t length;

    assert_int_equal(msg_send(pair[0], from, NULL), KS_OK);
    length = recv(pair[1], ret, HEAD + MSG_BODY_MAX, 0);
    assert_true(length >= HEAD);
    return (size_t)length;
}

static void
every_message_arrives_as_it_was_put(void **state)
{
    static uint8_t datagram[HEAD + MSG_BODY_MAX];

    (void)state;
    for (const struct layout_message *m = all; m < end; m++) {
        layout_messages_begin(SIZE_MAX, SIZE_MAX, SIZE_MAX);
        if (!m->put(msg))
            fail_msg("%s does not fit", m->name);
        receive_as(other, datagram, datagram_of(msg, datagram));
        if (m->take(other) != KS_OK || !m->equal())
            fail_msg("%s does not arrive", m->name);
        m->forget();
        assert_int_equal(msg_type(other), m->type);
    }
}

/* Each by its own error. */
static void
message_cut_or_with_more_is_refused(void **state)
{
    static uint8_t datagram[HEAD + MSG_BODY_MAX + 1];

    (void)state;
    for (const struct layout_message *m = all; m < end; m++) {
        uint32_t whole;

        layout_messages_begin(SIZE_MAX, 600, 2);
        assert_true(m->put(msg));
        whole = (uint32_t)(datagram_of(msg, datagram) - HEAD);
        for (uint32_t length = 0; length <= whole + 1; length++) {
            memcpy(datagram + 4, &length, sizeof length);
            receive_as(other, datagram, HEAD + length);
            if (m->take(other) != (length == whole ? KS_OK : m->refusal))
                fail_msg("%s of %u bytes of %u", m->name, length, whole);
            m->forget();
        }
    }
}

static void
field_over_its_limit_is_refused_by_the_reader(void **state)
{
    static uint8_t datagram[HEAD + MSG_BODY_MAX];
    size_t refused = 0;

    (void)state;
    for (const struct layout_message *m = all; m < end; m++) {
        size_t fields = 1;

        for (size_t number = 0; number <= fields; number++) {
            layout_messages_begin(number, SIZE_MAX, SIZE_MAX);
            msg_begin(msg, m->type);
            m->fill(msg);
            fields = layout_messages_fields();
            receive_as(other, datagram, datagram_of(msg, datagram));
            if (m->take(other) != (number == fields ? KS_OK : m->refusal))
                fail_msg("%s takes field %zu", m->name, number);
            refused += number < fields;
            m->forget();
        }
    }
    assert_true(refused > (size_t)(end - all));
}

/* The reader would read past a shorter one. */
static void
array_or_certificate_of_another_length_is_refused(void **state)
{
    static uint8_t datagram[HEAD + MSG_BODY_MAX];
    size_t refused = 0;

    (void)state;
    for (const struct layout_message *m = all; m < end; m++) {
        size_t exact = 1;

        for (size_t number = 0; number <= exact; number++) {
            layout_messages_begin(SIZE_MAX, 600, 2);
            layout_messages_make_odd(number);
            msg_begin(msg, m->type);
            m->fill(msg);
            exact = layout_messages_exact();
            receive_as(other, datagram, datagram_of(msg, datagram));
            if (m->take(other) != (number < exact ? m->refusal : KS_OK))
                fail_msg("%s takes array or certificate %zu", m->name, number);
            m->forget();
            refused += number < exact;
        }
    }
    assert_true(refused > 0);
}

/* A flag, and a number of 32 bits, cannot be over. */
static void
field_over_its_limit_is_not_sent(void **state)
{
    static uint8_t datagram[HEAD + MSG_BODY_MAX];
    size_t refused = 0;

    (void)state;
    for (const struct layout_message *m = all; m < end; m++) {
        size_t fields = 1;

        for (size_t number = 0; number <= fields; number++) {
            layout_messages_begin(number, SIZE_MAX, SIZE_MAX);
            if (m->put(msg)) {
                receive_as(other, datagram, datagram_of(msg, datagram));
                assert_int_equal(m->take(other), KS_OK);
                assert_true(m->equal());
                m->forget();
            } else {
                assert_int_equal(msg_send(pair[0], msg, NULL), KS_ERR_INTERNAL);
                refused++;
            }
            fields = layout_messages_fields();
        }
    }
    assert_true(refused > 2 * layout_messages_count);
}

static void
request_is_no_other(void **state)
{
    (void)state;
    for (const struct layout_message *m = all; m < end; m++) {
        for (const struct layout_message *n = all; n < end; n++) {
            if (n->type == m->type)
                continue;
            layout_messages_begin(SIZE_MAX, SIZE_MAX, SIZE_MAX);
            assert_true(m->put(msg));
            msg_copy(other, msg);
            if (n->take(other) != n->refusal)
                fail_msg("%s passes for %s", m->name, n->name);
        }
    }
}

static bool
has_fields(enum channel_message type)
{
    for (const struct layout_message *m = all; m < end; m++)
        if (m->type == type)
            return true;
    return false;
}

static void
only_a_message_without_fields_is_put_bare(void **state)
{
    size_t bare = 0;

    (void)state;
    for (int type = CHANNEL_FAILED; type < CHANNEL__MAX; type++) {
        bool fits;

        layout_bare_put(msg, (enum channel_message)type);
        fits = msg_fits(msg);
        assert_int_equal(fits, !has_fields((enum channel_message)type));
        bare += fits;
    }
    assert_true(bare > 0);
    layout_done_put(msg);
    assert_int_equal(layout_done_take(msg, "x", NULL), KS_OK);
    msg_put_number(msg, 0);
    assert_int_equal(layout_done_take(msg, "x", NULL), KS_ERR_HELPER);
    assert_int_equal(layout_bare_take(msg, NULL), KS_ERR_INTERNAL);
}

/* A token's label that carries terminal commands. */
static void
text_is_copied_escaped_and_cut(void **state)
{
    char ret[5];

    (void)state;
    layout_copy("a\033[2J", ret, sizeof ret);
    assert_string_equal(ret, "a?[2");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_arrives_as_it_was_put),
        cmocka_unit_test(message_cut_or_with_more_is_refused),
        cmocka_unit_test(field_over_its_limit_is_refused_by_the_reader),
        cmocka_unit_test(array_or_certificate_of_another_length_is_refused),
        cmocka_unit_test(field_over_its_limit_is_not_sent),
        cmocka_unit_test(request_is_no_other),
        cmocka_unit_test(only_a_message_without_fields_is_put_bare),
        cmocka_unit_test(text_is_copied_escaped_and_cut),
    };

    end = layout_messages + layout_messages_count;
    msg = msg_new();
    other = msg_new();
    if (msg == NULL || other == NULL ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
