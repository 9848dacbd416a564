/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/base/err.h: every error has its words, and a cause cannot overflow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "keystore/base/err.h"

static void
unknown_number_is_an_internal_error(void **state)
{
    static const int numbers[] = {-1, KS_ERR__MAX, KS_ERR__MAX + 1, 1 << 30};

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        enum ks_err err = (enum ks_err)numbers[i];

        assert_string_equal(err_name(err), "KS_ERR_INTERNAL");
        assert_string_equal(err_phrase(err), err_phrase(KS_ERR_INTERNAL));
        assert_string_equal(err_remedy(err), err_remedy(KS_ERR_INTERNAL));
        assert_int_equal(err_exit_status(err), 70);
    }
}

/* What has no remedy of ours gets one from the cause. */
static void
every_error_has_its_words(void **state)
{
    (void)state;
    for (int i = KS_OK + 1; i < KS_ERR__MAX; i++) {
        enum ks_err err = (enum ks_err)i;

        assert_int_equal(strncmp(err_name(err), "KS_ERR_", 7), 0);
        assert_true(strlen(err_phrase(err)) > 5);
        assert_non_null(err_remedy(err));
        for (int j = KS_OK; j < i; j++) {
            assert_string_not_equal(err_name(err), err_name((enum ks_err)j));
            assert_string_not_equal(err_phrase(err),
                                    err_phrase((enum ks_err)j));
        }
    }
}

/* sysexits(3), and the two that only Holdfast has */
static void
exit_statuses_are_few_and_stable(void **state)
{
    static const int allowed[] = {10, 11, 12, 64, 65, 66, 69, 70,
                                  71, 73, 74, 75, 76, 77, 78};

    (void)state;
    assert_int_equal(err_exit_status(KS_OK), 0);
    for (int i = KS_OK + 1; i < KS_ERR__MAX; i++) {
        int status = err_exit_status((enum ks_err)i);
        size_t found = 0;

        while (found < sizeof allowed / sizeof allowed[0] &&
               allowed[found] != status)
            found++;
        assert_true(found < sizeof allowed / sizeof allowed[0]);
    }
    assert_int_equal(err_exit_status(KS_ERR_UNWIPED), 10);
    assert_int_equal(err_exit_status(KS_ERR_RESIDUE), 11);
    assert_int_equal(err_exit_status(KS_ERR_USAGE), 64);
    assert_int_equal(err_exit_status(KS_ERR_CRED_EXPIRED), 65);
    assert_int_equal(err_exit_status(KS_ERR_FILE_MISSING), 66);
    assert_int_equal(err_exit_status(KS_ERR_NET), 69);
    assert_int_equal(err_exit_status(KS_ERR_BUSY), 75);
    assert_int_equal(err_exit_status(KS_ERR_PIN_LOCKED), 78);
}

static void
cause_may_be_left_out(void **state)
{
    (void)state;
    errno = ENOENT;
    assert_int_equal(err_set(NULL, KS_ERR_NET, "%d", 1), KS_ERR_NET);
    assert_int_equal(err_set_errno(NULL, KS_ERR_WIPE, "open"), KS_ERR_WIPE);
    assert_int_equal(err_set_openssl(NULL, KS_ERR_NET, "read"), KS_ERR_NET);
}

static void
long_cause_is_cut(void **state)
{
    struct {
        struct err_cause cause;
        char behind;
    } guarded = {.behind = 'x'};
    char text[1024];

    (void)state;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(err_set(&guarded.cause, KS_ERR_NET, "%s", text),
                     KS_ERR_NET);
    assert_int_equal(strlen(guarded.cause.text), sizeof guarded.cause.text - 1);
    errno = ENOENT;
    (void)err_set_errno(&guarded.cause, KS_ERR_NET, text);
    assert_int_equal(strlen(guarded.cause.text), sizeof guarded.cause.text - 1);
    assert_int_equal(guarded.behind, 'x');
}

static void
errno_becomes_words(void **state)
{
    struct err_cause cause;

    (void)state;
    errno = ENOENT;
    assert_int_equal(err_set_errno(&cause, KS_ERR_STATE_WRITE, "open x"),
                     KS_ERR_STATE_WRITE);
    assert_string_equal(cause.text, "open x: No such file or directory");
}

/* "No such file: Too many open files" would send people to the wrong place. */
static void
shortage_is_told_as_one(void **state)
{
    static const int shortages[] = {EMFILE, ENFILE, ENOMEM};
    struct err_cause cause;

    (void)state;
    for (size_t i = 0; i < sizeof shortages / sizeof shortages[0]; i++) {
        errno = shortages[i];
        assert_int_equal(err_set_errno(&cause, KS_ERR_FILE_MISSING, "open x"),
                         KS_ERR_RESOURCES);
        assert_non_null(strstr(cause.text, "open x: "));
    }
}

static void
openssl_error_becomes_words_and_is_taken(void **state)
{
    struct err_cause cause;

    (void)state;
    assert_null(EVP_MD_fetch(NULL, "no such digest", NULL));
    assert_true(ERR_peek_error() != 0);
    assert_int_equal(err_set_openssl(&cause, KS_ERR_INTERNAL, "fetch"),
                     KS_ERR_INTERNAL);
    assert_int_equal(strncmp(cause.text, "fetch: ", 7), 0);
    assert_null(strstr(cause.text, "unknown OpenSSL error"));
    assert_int_equal(ERR_peek_error(), 0);
    (void)err_set_openssl(&cause, KS_ERR_INTERNAL, "fetch");
    assert_string_equal(cause.text, "fetch: unknown OpenSSL error");
}

static void
what_could_command_a_terminal_is_replaced(void **state)
{
    char text[] = "a\033[2J\n\t\x7f\xc3\xa4 ~";

    (void)state;
    err_escape(text);
    assert_string_equal(text, "a?[2J????? ~");
}

/* A cause that knows better what helps. */
static void
own_remedy_of_a_cause_takes_the_place_of_the_errors(void **state)
{
    struct err_cause cause = {.text = ""};

    (void)state;
    assert_string_equal(err_remedy_after(KS_ERR_PERMISSION, &cause),
                        err_remedy(KS_ERR_PERMISSION));
    (void)err_set(&cause, KS_ERR_PERMISSION, "others may read %s", "it");
    assert_string_equal(err_remedy_after(KS_ERR_PERMISSION, &cause),
                        err_remedy(KS_ERR_PERMISSION));
    (void)err_set(&cause, KS_ERR_PERMISSION, "others may read %s; chmod 600 it",
                  "it");
    assert_string_equal(err_remedy_after(KS_ERR_PERMISSION, &cause), "");
    assert_string_equal(err_remedy_after(KS_ERR_UNWIPED, &cause),
                        err_remedy(KS_ERR_UNWIPED));
}

static void
expect_remedy(enum ks_err err, const struct err_cause *cause, const char *text,
              const char *remedy)
{
    assert_string_equal(cause->text, text);
    assert_string_equal(err_remedy_after(err, cause), remedy);
}

/* A vault's sentence, a label or a path may have what begins a remedy of ours.
 */
static void
words_of_others_take_no_remedy_away(void **state)
{
    static const enum ks_err err = KS_ERR_FILE_MISSING;
    struct err_cause cause = {.text = ""};
    char sentence[] = "quota; see the owner; \033x;y";

    (void)state;
    err_quote(sentence);
    assert_string_equal(sentence, "quota, see the owner, ?x;y");
    errno = ENOENT;
    (void)err_set_errno(&cause, err, "/a; b");
    expect_remedy(err, &cause, "/a, b: No such file or directory",
                  err_remedy(err));
    (void)err_set(&cause, err, "token \"%s\"", "a; b; c");
    expect_remedy(err, &cause, "token \"a, b, c\"", err_remedy(err));
    (void)err_set_openssl(&cause, err, "a; b");
    expect_remedy(err, &cause, "a, b: unknown OpenSSL error", err_remedy(err));
}

/* The cause's own remedy stays whole, and the words before it no part of it. */
static void
words_of_others_begin_no_remedy(void **state)
{
    struct err_cause cause = {.text = ""};

    (void)state;
    (void)err_set(&cause, KS_ERR_PERMISSION, "others may read %s; chmod 600 it",
                  "a; chmod 600 it; b");
    expect_remedy(KS_ERR_PERMISSION, &cause,
                  "others may read a, chmod 600 it, b; chmod 600 it", "");
    (void)err_set(&cause, KS_ERR_PERMISSION, "%s; wait %u s, or %s", "a; b", 5U,
                  "c; d");
    expect_remedy(KS_ERR_PERMISSION, &cause, "a, b; wait 5 s, or c; d", "");
    err_cut_remedy(&cause);
    assert_string_equal(cause.text, "a, b");
}

/* Of a remedy that is cut off at its beginning nothing counts. */
static void
remedy_without_room_is_none(void **state)
{
    struct err_cause cause = {.text = ""};
    char path[sizeof cause.text];

    (void)state;
    memset(path, 'a', sizeof path);
    path[sizeof path - 6] = '\0';
    (void)err_set(&cause, KS_ERR_PERMISSION, "%s; chmod it", path);
    assert_string_equal(err_remedy_after(KS_ERR_PERMISSION, &cause),
                        err_remedy(KS_ERR_PERMISSION));
}

static void
remedy_of_a_cause_that_is_passed_on_stays(void **state)
{
    const struct err_cause why = {.text = "no module; install it"};
    struct err_cause cause;

    (void)state;
    assert_int_equal(err_pass(&cause, KS_ERR_NET, "%s: %s", "x", why.text),
                     KS_ERR_NET);
    expect_remedy(KS_ERR_NET, &cause, "x: no module; install it", "");
    assert_int_equal(err_pass(NULL, KS_ERR_NET, "%s", why.text), KS_ERR_NET);
}

/* Who hands a cause on with a remedy of another kind. */
static void
remedy_of_a_cause_is_cut_off(void **state)
{
    struct err_cause cause = {.text = "no module; install it; or not"};

    (void)state;
    err_cut_remedy(&cause);
    assert_string_equal(cause.text, "no module");
    err_cut_remedy(&cause);
    assert_string_equal(cause.text, "no module");
    err_cut_remedy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_remedy_of_a_cause_takes_the_place_of_the_errors),
        cmocka_unit_test(words_of_others_take_no_remedy_away),
        cmocka_unit_test(words_of_others_begin_no_remedy),
        cmocka_unit_test(remedy_without_room_is_none),
        cmocka_unit_test(remedy_of_a_cause_that_is_passed_on_stays),
        cmocka_unit_test(remedy_of_a_cause_is_cut_off),
        cmocka_unit_test(unknown_number_is_an_internal_error),
        cmocka_unit_test(cause_may_be_left_out),
        cmocka_unit_test(long_cause_is_cut),
        cmocka_unit_test(what_could_command_a_terminal_is_replaced),
        cmocka_unit_test(every_error_has_its_words),
        cmocka_unit_test(exit_statuses_are_few_and_stable),
        cmocka_unit_test(errno_becomes_words),
        cmocka_unit_test(shortage_is_told_as_one),
        cmocka_unit_test(openssl_error_becomes_words_and_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
