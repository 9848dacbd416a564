/* SPDX-License-Identifier: Apache-2.0 */
/* Registrations through a holdfast-net that lies or loses replies, in a tree of
 * programs where all others are the real ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/support/rig_case.h"

static void
foreign_certificate_is_refused(void **state)
{
    (void)state;
    rig_use_net(&rig, NET_FOREIGN_CERTIFICATE);
    rig_register(&rig, &run, file);
    rig_expect(&run, 76, "the vault sent a certificate that is not ours");
    assert_true(rig_exists(file));
    rig_use_net(&rig, NULL);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
}

/* The file is wiped for this machine in this vault, or not at all. */
static void
answer_for_somebody_else_is_refused(void **state)
{
    static const char *const programs[] = {NET_OTHER_MACHINE, NET_OTHER_VAULT};

    (void)state;
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        rig_use_net(&rig, programs[i]);
        rig_register(&rig, &run, file);
        rig_expect(&run, 76, "it calls this machine ");
        assert_true(rig_exists(file));
        assert_int_equal(rig_count_keys(&rig), 2);
    }
    rig_use_net(&rig, NULL);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
}

/* How many machines the vault has enrolled, repeats not counted. */
static size_t
count_machines(void)
{
    const char *seen[8] = {NULL};
    json_t *records = rig_records(&rig);
    json_t *record;
    size_t i, count = 0;

    json_array_foreach(records, i, record)
    {
        const char *machine = json_string_value(
            json_object_get(record, "machine"));
        bool known = false;

        if (machine == NULL || *machine == '\0')
            continue;
        for (size_t j = 0; j < count; j++)
            known = known || strcmp(seen[j], machine) == 0;
        if (!known)
            seen[count++] = machine;
        assert_true(count < 8);
    }
    json_decref(records);
    return count;
}

static void
lose_the_reply(void)
{
    rig_use_net(&rig, NET_REPLY_LOST);
    rig_register(&rig, &run, file);
    rig_expect(&run, 69, "the connection broke");
    assert_true(rig_exists(file));
    assert_int_equal(count_machines(), 1);
    rig_use_net(&rig, NULL);
}

static void
expect_one_machine(void)
{
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
    assert_int_equal(rig_count_keys(&rig), 1);
    assert_int_equal(count_machines(), 1);
}

/* The one-machine credential is retired by the enrolment that got lost. */
static void
lost_reply_is_made_good(void **state)
{
    (void)state;
    lose_the_reply();
    expect_one_machine();
}

static void
lost_reply_is_made_good_after_a_newer_download(void **state)
{
    char newer[RIG_PATH];

    (void)state;
    lose_the_reply();
    rig_download(&rig, "one", newer);
    expect_one_machine();
}

#define TEST(name) RIG_CASE(name, rig_case_start_one)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(foreign_certificate_is_refused),
        TEST(answer_for_somebody_else_is_refused),
        TEST(lost_reply_is_made_good),
        TEST(lost_reply_is_made_good_after_a_newer_download),
    };

    return rig_case_main(argc, argv, tests);
}
