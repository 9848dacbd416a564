/* SPDX-License-Identifier: Apache-2.0 */
/* `token list`: what it shows, and which module's file it does not load. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/support/rig_case.h"

/* With these options, of which the later may be NULL. */
static void
list_with(const char *first, const char *second, const char *third)
{
    char program[RIG_PATH + 16];
    const char *argv[] = {program, "token", "list", "--json",
                          first,   second,  third,  NULL};

    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    rig_run(&run, argv);
}

/* Of MODULE; OPTION may be NULL. */
static void
list_tokens(const char *module, const char *option)
{
    list_with("--module", module, option);
}

/* In one line, which nobody else adds to. */
static void
expect_refusal(const char *says)
{
    rig_expect(&run, 78, says);
    assert_string_equal(run.out, "");
    assert_string_equal(strchr(run.err, '\n'), "\n");
}

static void
path_that_no_file_can_have_is_refused(void **state)
{
    char path[5000];

    (void)state;
    memset(path, 'a', sizeof path - 1);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    list_tokens(path, NULL);
    expect_refusal("the PKCS#11 module cannot be used: ");
}

/* A good module, which would be listed. */
static void
module_that_others_may_write_is_not_loaded(void **state)
{
    char copy[RIG_PATH + 16];
    const char *argv[] = {"/bin/cp", SOFTHSM_MODULE, copy, NULL};

    (void)state;
    snprintf(copy, sizeof copy, "%s/module.so", rig.directory);
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    assert_int_equal(chmod(copy, 0755), 0);
    list_tokens(copy, "--allow-emulation");
    rig_expect(&run, 0, "");
    assert_int_equal(chmod(copy, 0777), 0);
    list_tokens(copy, "--allow-emulation");
    expect_refusal("others than root and the caller may change");
}

static void
module_without_an_absolute_path_is_not_looked_for(void **state)
{
    (void)state;
    list_tokens("libsofthsm2.so", NULL);
    expect_refusal("its path is not absolute");
}

static void
file_that_is_no_module_is_named_with_the_reason(void **state)
{
    (void)state;
    list_tokens("/nonexistent/module.so", NULL);
    expect_refusal("/nonexistent/module.so: No such file or directory");
    list_tokens("/etc/passwd", NULL);
    expect_refusal("/etc/passwd: invalid ELF header");
}

static bool
lists_the_rigs_token(void)
{
    json_t *tokens = rig_json(&run);
    json_t *token;
    size_t i;
    bool found = false;

    json_array_foreach(tokens, i, token)
    {
        const char *label = json_string_value(json_object_get(token, "label"));

        if (label == NULL || strcmp(label, "rig") != 0)
            continue;
        found = true;
        assert_true(json_is_true(json_object_get(token, "initialised")));
        assert_true(json_is_true(json_object_get(token, "login_required")));
        assert_true(json_is_false(json_object_get(token, "pin_locked")));
        assert_int_equal(json_string_length(json_object_get(token, "serial")),
                         16);
    }
    json_decref(tokens);
    return found;
}

static void
token_is_listed_with_what_names_it(void **state)
{
    (void)state;
    list_tokens(SOFTHSM_MODULE, "--allow-emulation");
    rig_expect(&run, 0, "");
    assert_true(lists_the_rigs_token());
}

/* SoftHSM then finds the machine's own tokens, or none that it may use. */
static void
softhsm_is_not_told_where_without_consent(void **state)
{
    (void)state;
    list_tokens(SOFTHSM_MODULE, NULL);
    assert_true(run.status == 78 || !lists_the_rigs_token());
}

static void
module_and_tpm_together_are_refused(void **state)
{
    (void)state;
    list_with("--module=" SOFTHSM_MODULE, "--token=tpm2:swtpm=/nonexistent",
              NULL);
    rig_expect(&run, 64, "either a module or a TPM");
    assert_string_equal(run.out, "");
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(path_that_no_file_can_have_is_refused),
        cmocka_unit_test(module_that_others_may_write_is_not_loaded),
        cmocka_unit_test(module_without_an_absolute_path_is_not_looked_for),
        cmocka_unit_test(file_that_is_no_module_is_named_with_the_reason),
        cmocka_unit_test(token_is_listed_with_what_names_it),
        cmocka_unit_test(softhsm_is_not_told_where_without_consent),
        cmocka_unit_test(module_and_tpm_together_are_refused),
    };

    rig_case_begin(argc, argv);
    return cmocka_run_group_tests(tests, rig_case_start, rig_case_stop);
}
