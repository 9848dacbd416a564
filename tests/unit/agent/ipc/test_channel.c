/* SPDX-License-Identifier: Apache-2.0 */
/* What a helper that cannot start its work says to whoever asks ahead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/ipc/channel.h"
#include "agent/ipc/layout.h"

#define TIMEOUT 20000

static void
refuse(int channel)
{
    struct err_cause why = {"the reason"};

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    channel_refuse(channel, KS_ERR_SANDBOX, &why);
    _exit(0);
}

static void
every_question_is_refused(void **state)
{
    struct msg *msg = msg_new();
    int pair[2], status = -1;
    pid_t pid;

    (void)state;
    assert_int_equal(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    (void)layout_net_connect_put(msg, &(struct layout_net_connect){0});
    assert_int_equal(msg_send(pair[0], msg, NULL), KS_OK);
    layout_bare_put(msg, NET_SELF);
    assert_int_equal(msg_send(pair[0], msg, NULL), KS_OK);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(pair[0]);
        refuse(pair[1]);
    }
    close(pair[1]);
    for (int i = 0; i < 3; i++) {
        struct err_cause cause = {""};

        if (i == 2)
            assert_int_equal(msg_send(pair[0], msg, NULL), KS_OK);
        assert_int_equal(channel_answer(pair[0], msg, TIMEOUT, &cause),
                         KS_ERR_SANDBOX);
        assert_string_equal(cause.text, "the reason");
        layout_bare_put(msg, NET_SELF);
    }
    close(pair[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    msg_free(&msg);
}

static enum ks_err
answer_at_length(void *context, struct msg *msg, struct err_cause *cause)
{
    static char nonce[LAYOUT_NONCE_MAX + 2];
    const size_t *length = context;

    (void)cause;
    memset(nonce, 'n', *length);
    nonce[*length] = '\0';
    LAYOUT_PUT(msg, net_nonce_answer, .nonce = nonce);
    return KS_OK;
}

/* An answer that was not sent would end the helper without a word. */
static void
answer_over_its_limits_is_a_failure(void **state)
{
    struct msg *question = msg_new(), *answer = msg_new();
    size_t lengths[] = {LAYOUT_NONCE_MAX + 1, LAYOUT_NONCE_MAX};
    const enum ks_err expected[] = {KS_ERR_INTERNAL, KS_OK};
    int pair[2];

    (void)state;
    assert_int_equal(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    for (int i = 0; i < 2; i++) {
        LAYOUT_PUT(question, net_nonce, .name = "name");
        assert_int_equal(msg_send(pair[0], question, NULL), KS_OK);
        assert_true(
            channel_serve_one(pair[1], answer, answer_at_length, &lengths[i]));
        assert_int_equal(channel_answer(pair[0], question, TIMEOUT, NULL),
                         expected[i]);
    }
    close(pair[0]);
    close(pair[1]);
    msg_free(&question);
    msg_free(&answer);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_question_is_refused),
        cmocka_unit_test(answer_over_its_limits_is_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
