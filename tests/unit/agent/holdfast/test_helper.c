/* SPDX-License-Identifier: Apache-2.0 */
/* How long a helper's answer is waited for, and what the keyboard does
 * meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "agent/holdfast/child.h"
#include "agent/holdfast/helper.h"
#include "agent/holdfast/session/pin.h"

static struct err_cause cause;
static int waited;
static bool heeded;
static bool breaks;

enum ks_err __wrap_msg_send(int channel, struct msg *msg,
                            struct err_cause *why);
enum ks_err __wrap_channel_answer(int channel, struct msg *msg, int timeout,
                                  struct err_cause *why);

enum ks_err
__wrap_msg_send(int channel, struct msg *msg, struct err_cause *why)
{
    (void)channel;
    (void)msg;
    (void)why;
    return KS_OK;
}

static bool
would_end_by_keyboard(void)
{
    struct sigaction action;
    sigset_t blocked;

    assert_int_equal(sigaction(SIGINT, NULL, &action), 0);
    assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &blocked), 0);
    return action.sa_handler == SIG_DFL && sigismember(&blocked, SIGINT) == 0;
}

enum ks_err
__wrap_channel_answer(int channel, struct msg *msg, int timeout,
                      struct err_cause *why)
{
    (void)channel;
    (void)msg;
    waited = timeout;
    if (breaks)
        return err_set(why, KS_ERR_HELPER, "no answer");
    heeded = would_end_by_keyboard();
    if (!heeded)
        assert_int_equal(raise(SIGINT), 0);
    return KS_OK;
}

static void
question_has_its_helpers_limit(void **state)
{
    (void)state;
    assert_int_equal(
        helper_ask(HELPER_INSPECT, &HELPER_NO_FDS, false, NULL, &cause), KS_OK);
    assert_int_equal(waited, 20000);
    assert_true(heeded);
}

/* Somebody may look for his passphrase, and Control-C is the helper's. */
static void
question_to_a_person_has_no_limit(void **state)
{
    (void)state;
    assert_int_equal(
        helper_ask_undisturbed(HELPER_TOKEN, &HELPER_NO_FDS, NULL, &cause),
        KS_OK);
    assert_int_equal(waited, -1);
    assert_false(heeded);
    assert_true(would_end_by_keyboard());
}

/* A pipe whose other end never closes is no person. */
static void
source_that_is_no_terminal_has_the_limit(void **state)
{
    struct pin_source source = {.fd = -1};
    int pair[2], memfd = -1;

    (void)state;
    assert_int_equal(pipe(pair), 0);
    source.fd = pair[0];
    assert_int_equal(pin_read(&source, NULL, &memfd, &cause), KS_OK);
    assert_int_equal(waited, 300000);
    assert_true(heeded);
    close(memfd);
    close(pair[0]);
    close(pair[1]);
}

/* Its process is gone, and the number may be another's. */
static void
helper_without_an_answer_has_ended(void **state)
{
    struct helper *helper = NULL;

    (void)state;
    assert_int_equal(
        helper_start(HELPER_INSPECT, &HELPER_NO_FDS, false, &helper, &cause),
        KS_OK);
    breaks = true;
    assert_int_equal(helper_answer(helper, NULL, &cause), KS_ERR_HELPER);
    assert_string_equal(
        cause.text, "holdfast-inspect: no answer; it may be the fault of the "
                    "token or of its module: see whether its own tool "
                    "works, or report this");
    breaks = false;
    assert_int_equal(helper_answer(helper, NULL, &cause), KS_ERR_HELPER);
    assert_string_equal(cause.text, "holdfast-inspect has ended");
    assert_int_equal(helper_send(helper, NULL, &cause), KS_ERR_HELPER);
    helper_stop(&helper);
}

/* A process that ends when the pipe's writing end in RET is closed. */
static pid_t
start_child(int *ret)
{
    int pair[2];
    pid_t pid;
    char byte;

    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    pid = fork();
    if (pid == 0) {
        (void)close(pair[1]);
        _exit(read(pair[0], &byte, 1) == 0 ? 0 : 1);
    }
    assert_true(pid > 0);
    (void)close(pair[0]);
    *ret = pair[1];
    return pid;
}

/* Another's end wakes who waits, and is not its own. */
static void
end_of_a_child_is_waited_for(void **state)
{
    int one, other;
    pid_t first = start_child(&one);
    pid_t second = start_child(&other);
    sigset_t before, after;

    (void)state;
    assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &before), 0);
    (void)close(other);
    assert_false(child_ends_in_time(first, 1));
    (void)close(one);
    assert_true(child_ends_in_time(first, 60));
    assert_true(child_ends_in_time(second, 60));
    assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &after), 0);
    assert_int_equal(sigismember(&after, SIGCHLD),
                     sigismember(&before, SIGCHLD));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(question_has_its_helpers_limit),
        cmocka_unit_test(question_to_a_person_has_no_limit),
        cmocka_unit_test(source_that_is_no_terminal_has_the_limit),
        cmocka_unit_test(helper_without_an_answer_has_ended),
        cmocka_unit_test(end_of_a_child_is_waited_for),
    };

    (void)signal(SIGINT, SIG_DFL); /* the starter of this may have it ignored */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
