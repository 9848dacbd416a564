/* SPDX-License-Identifier: Apache-2.0 */
/* Every credential file that is known to be out there, good and bad, given to
 * the real programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "tests/programs/refusal.h"

#define ARENA (1024 * 1024)
static void
bad_files_are_refused_each_with_its_reason(void **state)
{
    (void)state;
    for (const struct fixture_file *row = fixture_refused; row->name != NULL;
         row++) {
        struct fixture_bytes content = row->make(row);

        refusal_make_place();
        refusal_write(&content);
        refusal_expect(row->name, refusal_path, 65, row->says);
        fixture_free(&content);
        refusal_remove_place();
    }
    assert_int_equal(rig_count_keys(&rig), 1);
}

/* The same from a pipe, of which nobody can know the length. */
static void
bad_standard_input_is_refused(void **state)
{
    static const char *const inputs[][2] = {
        {"head -c 300000 /dev/zero", "more than 256 KiB"},
        {"printf garbage", "not XML, line 1"},
        {"true", "not XML, line 1"}};
    char script[1024];
    const char *argv[] = {"/bin/sh", "-c", script, NULL};

    (void)state;
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
        snprintf(script, sizeof script, "%s | '%s/holdfast' show -",
                 inputs[i][0], rig.bin);
        rig_run(&run, argv);
        refusal_expect_line(inputs[i][0], 65, inputs[i][1]);
    }
}

static void
good_files_can_register(void **state)
{
    (void)state;
    for (const struct fixture_file *row = fixture_accepted; row->name != NULL;
         row++) {
        struct fixture_bytes content = row->make(row);
        json_t *shown;

        refusal_make_place();
        refusal_write(&content);
        rig_holdfast(&rig, &run, "show", "--json", refusal_path, NULL);
        if (run.status != 0)
            fail_msg("%s: %s", row->name, run.err);
        shown = rig_json(&run);
        assert_true(json_is_true(json_object_get(shown, "can_register")));
        json_decref(shown);
        fixture_free(&content);
        refusal_remove_place();
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_files_are_refused_each_with_its_reason),
        cmocka_unit_test(bad_standard_input_is_refused),
        cmocka_unit_test(good_files_can_register),
        cmocka_unit_test(registration_goes_on_afterwards),
    };

    rig_case_begin(argc, argv);
    if (secret_init(ARENA, NULL) != KS_OK)
        return 1;
    return cmocka_run_group_tests(tests, refusal_start, refusal_stop);
}
