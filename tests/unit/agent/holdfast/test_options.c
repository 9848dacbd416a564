/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: words, lists, and words that another program adds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/holdfast/options.h"

#define WORDS_MAX 80

static const char *const tail[] = {"serve", "restic", NULL};
static const struct options_command backup = {
    "backup", "PATH...", "", OPTIONS_BACKUP, 1, SIZE_MAX, NULL, NULL};
static const struct options_command restore = {
    "restore", "[SNAPSHOT]", "", OPTIONS_RESTORE, 0, 1, NULL, NULL};
static const struct options_command relay = {
    "relay", "WORD...", "", OPTIONS_RELAY, 0, 0, tail, NULL};

static const struct options_command show = {"show", "FILE", "",   OPTIONS_SHOW,
                                            1,      1,      NULL, NULL};

/* Arguments as main() has them, from words with spaces between. */
static char text[2048];
static char *argv[WORDS_MAX];
static int argc;

static void
split(const char *words)
{
    char *rest = text;

    snprintf(text, sizeof text, "%s", words);
    argc = 0;
    while ((argv[argc] = strsep(&rest, " ")) != NULL)
        assert_true(++argc < WORDS_MAX);
}

/* The last result. */
static struct options options;

static void
parse(const struct options_command *command, const char *words)
{
    options_free(&options);
    options = (struct options){.file = NULL};
    split(words);
    options_parse(command, argc, argv, &options);
}

/* It ends the process, so in another one. */
static void
expect_usage_error(const struct options_command *command, const char *words)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        close(STDERR_FILENO);
        parse(command, words);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 64)
        fail_msg("taken: %s", words);
}

static void
too_few_and_too_many_words_are_refused(void **state)
{
    (void)state;
    expect_usage_error(&backup, "backup");
    expect_usage_error(&backup, "backup --json");
    expect_usage_error(&restore, "restore one two");
}

static void
options_of_other_commands_are_refused(void **state)
{
    (void)state;
    expect_usage_error(&restore, "restore --exclude x");
    expect_usage_error(&backup, "backup --target x path");
    expect_usage_error(&relay, "relay --json serve restic");
    expect_usage_error(&show, "show --crl-file x file");
}

static void
vault_host_that_can_never_match_is_refused(void **state)
{
    (void)state;
    expect_usage_error(&show, "show --vault-host https://vault.example file");
    expect_usage_error(&show, "show --vault-host vault.example/ file");
    expect_usage_error(&show, "show --vault-host vault.example. file");
    expect_usage_error(&show, "show --vault-host *.example file");
    expect_usage_error(&show, "show --vault-host vault.example:0 file");
    expect_usage_error(&show, "show --vault-host ::1 file");
    expect_usage_error(&show, "show --vault-host= file");
    parse(&show, "show --vault-host [::1]:8443 --vault-host a_b file");
    assert_int_equal(options.hosts.count, 2);
}

static void
tail_that_is_missing_or_another_is_refused(void **state)
{
    (void)state;
    expect_usage_error(&relay, "relay");
    expect_usage_error(&relay, "relay serve");
    expect_usage_error(&relay, "relay restic serve");
    expect_usage_error(&relay, "relay serve restic more");
    expect_usage_error(&relay, "relay more serve restic");
    expect_usage_error(&relay, "relay --state-dir serve restic");
    expect_usage_error(&relay, "serve restic");
}

static void
list_has_an_end(void **state)
{
    char words[1024] = "backup path";

    (void)state;
    for (int i = 0; i < OPTIONS_LIST_MAX; i++)
        strcat(words, " -x pattern");
    parse(&backup, words);
    assert_int_equal(options.excludes.count, OPTIONS_LIST_MAX);
    strcat(words, " -x pattern");
    expect_usage_error(&backup, words);
}

static void
words_keep_their_order_among_options(void **state)
{
    (void)state;
    parse(&backup, "backup one -x a two --exclude=b --json -- -three");
    assert_int_equal(options.word_count, 3);
    assert_string_equal(options.words[0], "one");
    assert_string_equal(options.words[1], "two");
    assert_string_equal(options.words[2], "-three");
    assert_null(options.words[3]);
    assert_string_equal(options.file, "one");
    assert_int_equal(options.excludes.count, 2);
    assert_string_equal(options.excludes.text[0], "a");
    assert_string_equal(options.excludes.text[1], "b");
    assert_true(options.json);
}

static void
word_may_be_left_out_where_it_may(void **state)
{
    (void)state;
    parse(&restore, "restore -d there");
    assert_int_equal(options.word_count, 0);
    assert_null(options.file);
    assert_string_equal(options.target, "there");
}

static void
tail_is_taken_off_before_options(void **state)
{
    (void)state;
    parse(&relay, "relay -s there -p pin --crl-file l serve restic");
    assert_string_equal(options.crl_file, "l");
    assert_string_equal(options.state_directory, "there");
    assert_string_equal(options.pin_source, "pin");
    assert_int_equal(options.word_count, 0);
    parse(&relay, "relay -s serve serve restic");
    assert_string_equal(options.state_directory, "serve");
}

static int
free_options(void **state)
{
    (void)state;
    options_free(&options);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_few_and_too_many_words_are_refused),
        cmocka_unit_test(options_of_other_commands_are_refused),
        cmocka_unit_test(vault_host_that_can_never_match_is_refused),
        cmocka_unit_test(tail_that_is_missing_or_another_is_refused),
        cmocka_unit_test(list_has_an_end),
        cmocka_unit_test(words_keep_their_order_among_options),
        cmocka_unit_test(word_may_be_left_out_where_it_may),
        cmocka_unit_test(tail_is_taken_off_before_options),
    };

    return cmocka_run_group_tests(tests, NULL, free_options);
}
