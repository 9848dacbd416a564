/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody at a terminal who types a PIN or a passphrase, wrongly, or does not
 * come to the end of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/support/rig_case.h"
#include "tests/support/rig_data.h"

#define PROMPT "PIN of token \"rig\": "
#define WRONG_PIN "000000\n"

static int terminal;

/* As a shell does whose job has ended. */
static void
take_terminal(int number)
{
    (void)number;
    (void)tcsetpgrp(STDIN_FILENO, getpid());
}

/* The terminal's shell, with holdfast in the foreground. */
_Noreturn static void
run_job(void)
{
    char program[RIG_PATH + 16];

    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    (void)signal(SIGTTOU, SIG_IGN);
    (void)signal(SIGUSR1, take_terminal);
    if (fork() == 0) {
        (void)setpgid(0, 0);
        (void)tcsetpgrp(STDIN_FILENO, getpid());
        (void)signal(SIGTTOU, SIG_DFL);
        (void)execl(program, "holdfast", "snapshots", "-s", rig.state,
                    (char *)NULL);
        _exit(127);
    }
    for (;;)
        (void)pause();
}

static bool
is_silent(void *context)
{
    struct termios now;

    (void)context;
    assert_int_equal(tcgetattr(terminal, &now), 0);
    return (now.c_lflag & ECHO) == 0;
}

static bool
is_heard(void *context)
{
    return !is_silent(context);
}

/* The helper is in read(2), not on its way there, where it would stop with its
 * whole job once the shell has the terminal. */
static bool
is_asking(void *context)
{
    char path[64], state = '\0';
    FILE *stat;

    if (!is_silent(NULL))
        return false;
    snprintf(path, sizeof path, "/proc/%d/stat",
             (int)rig_data_find(*(pid_t *)context, "holdfast-token", NULL));
    stat = fopen(path, "re");
    if (stat == NULL)
        return false;
    if (fscanf(stat, "%*d (holdfast-token) %c", &state) != 1)
        state = '\0';
    (void)fclose(stat);
    return state == 'S';
}

static bool
has_terminal(void *context)
{
    return tcgetpgrp(terminal) == *(pid_t *)context;
}

/* By NUMBER, while somebody types his passphrase; the shell may be faster in
 * taking the terminal than the helper in putting it right. */
static void
echo_comes_back_after(int number)
{
    pid_t shell, holdfast;

    shell = forkpty(&terminal, NULL, NULL, NULL);
    assert_true(shell >= 0);
    if (shell == 0)
        run_job();
    rig_data_until(is_asking, &shell);
    holdfast = rig_data_find(shell, "holdfast", NULL);
    assert_true(holdfast > 0);
    assert_int_equal(kill(shell, SIGUSR1), 0);
    rig_data_until(has_terminal, &shell);
    assert_int_equal(kill(holdfast, number), 0);
    rig_data_until(is_heard, NULL);
    assert_int_equal(kill(shell, SIGKILL), 0);
    assert_int_equal(waitpid(shell, NULL, 0), shell);
    close(terminal);
}

static void
terminal_echoes_again_after_the_end_at_a_prompt(void **state)
{
    (void)state;
    echo_comes_back_after(SIGTERM);
    echo_comes_back_after(SIGKILL);
}

/* Type WRONG_PIN at every prompt until nothing more is said.  What was goes
 * into TEXT; how many prompts there were. */
static unsigned
answer_prompts(char text[static 4096])
{
    const char *next = text, *at;
    size_t length = 0;
    unsigned prompts = 0;
    ssize_t n;

    while ((n = read(terminal, text + length, 4095 - length)) > 0) {
        length += (size_t)n;
        text[length] = '\0';
        at = strstr(next, PROMPT);
        if (at == NULL)
            continue;
        rig_data_until(is_silent, NULL);
        assert_int_equal(write(terminal, WRONG_PIN, strlen(WRONG_PIN)),
                         strlen(WRONG_PIN));
        next = at + strlen(PROMPT);
        prompts++;
    }
    return prompts;
}

/* No second relay asks for it again, and nobody has to guess why. */
static void
wrong_pin_at_the_first_backup_is_asked_for_once_and_told(void **state)
{
    char program[RIG_PATH + 16], text[4096] = "";
    int status;
    pid_t pid;

    (void)state;
    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    pid = forkpty(&terminal, NULL, NULL, NULL);
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)execl(program, "holdfast", "backup", "-s", rig.state, "-P",
                    rig.passphrase, rig.source, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(answer_prompts(text), 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close(terminal);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 78);
    assert_non_null(strstr(text, "the token refused the PIN"));
    assert_int_equal(rig_data_count(&rig, "keys"), 0);
}

#define TEST(name) RIG_CASE(name, rig_case_start_data)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(terminal_echoes_again_after_the_end_at_a_prompt),
        TEST(wrong_pin_at_the_first_backup_is_asked_for_once_and_told),
    };

    return rig_case_main(argc, argv, tests);
}
