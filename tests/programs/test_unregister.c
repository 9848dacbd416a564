/* SPDX-License-Identifier: Apache-2.0 */
/* `unregister` that was cut short between the vault and the token, or comes
 * after somebody else did half of it: the same command does the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/support/rig_case.h"

static int
start(void **state)
{
    (void)rig_case_start_one(state);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    return 0;
}

/* With OPTION, or without any: the vault knows, and nothing is left. */
static void
expect_left(const char *option)
{
    json_t *answer;

    rig_holdfast(&rig, &run, "unregister", "--json", option, NULL);
    rig_expect(&run, 0, "");
    answer = rig_json(&run);
    assert_true(json_is_true(json_object_get(answer, "vault_told")));
    json_decref(answer);
    assert_int_equal(rig_count_keys(&rig), 0);
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 78, "nothing is recorded");
}

static void
lost_reply_to_the_leaving_is_made_good(void **state)
{
    (void)state;
    rig_use_net(&rig, NET_REPLY_LOST);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 69, "the connection broke");
    assert_int_equal(rig_count_keys(&rig), 1);
    rig_use_net(&rig, NULL);
    expect_left(NULL);
}

static void
machine_that_was_revoked_leaves(void **state)
{
    json_t *report;
    const char *machine;

    (void)state;
    rig_holdfast(&rig, &run, "status", "--json", NULL);
    rig_expect(&run, 0, "");
    report = rig_json(&run);
    machine = json_string_value(
        json_object_get(json_object_get(report, "machine"), "id"));
    assert_non_null(machine);
    rig_vaultctl(&rig, &run, "revoke", machine, NULL);
    json_decref(report);
    expect_left(NULL);
}

/* The key that could tell the vault again is gone. */
static void
leave_without_hearing_of_it(void)
{
    rig_use_helper(&rig, "holdfast-token", TOKEN_REMOVAL_UNANSWERED);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 75, "after a removal");
    assert_int_equal(rig_count_keys(&rig), 0);
    rig_use_helper(&rig, "holdfast-token", NULL);
}

static void
removal_that_broke_off_is_finished(void **state)
{
    (void)state;
    leave_without_hearing_of_it();
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 78, "it has left the vault");
    rig_register(&rig, &run, file);
    rig_expect(&run, 78, "finish that with 'holdfast unregister'");
    expect_left(NULL);
}

/* What the vault answers is holdfast-net's word. */
static void
nothing_is_destroyed_for_a_key_that_proves_nothing(void **state)
{
    char other[RIG_PATH];

    (void)state;
    rig_use_helper(&rig, "holdfast-token", TOKEN_WITHOUT_PROOF);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 78, "it signs nothing");
    assert_int_equal(rig_count_keys(&rig), 1);
    rig_use_helper(&rig, "holdfast-token", NULL);
    expect_left(NULL);
    rig_download(&rig, "one", other);
    rig_use_helper(&rig, "holdfast-token", TOKEN_WITHOUT_PROOF);
    rig_register(&rig, &run, other);
    rig_expect(&run, 78, "it signs nothing");
    assert_true(rig_exists(other));
    rig_use_helper(&rig, "holdfast-token", NULL);
    rig_register(&rig, &run, other);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(other));
}

/* Also where the registration had not come to its end. */
static void
machine_that_has_left_is_not_finished(void **state)
{
    char path[RIG_PATH + 32];
    json_t *recorded;

    (void)state;
    leave_without_hearing_of_it();
    snprintf(path, sizeof path, "%s/state.json", rig.state);
    recorded = json_load_file(path, 0, NULL);
    assert_int_equal(json_object_del(recorded, "receipt"), 0);
    assert_int_equal(json_dump_file(recorded, path, 0), 0);
    json_decref(recorded);
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 78, "it has left the vault");
    rig_register(&rig, &run, file);
    rig_expect(&run, 78, "finish that with 'holdfast unregister'");
    expect_left(NULL);
}

static void
what_the_vault_was_told_stays_told_offline(void **state)
{
    (void)state;
    leave_without_hearing_of_it();
    expect_left("--offline");
}

/* The way out is in the message. */
static void
machine_whose_key_is_gone_leaves_offline(void **state)
{
    char path[RIG_PATH + 32];
    char *recorded;

    (void)state;
    snprintf(path, sizeof path, "%s/state.json", rig.state);
    recorded = rig_read(path, NULL);
    rig_holdfast(&rig, &run, "unregister", "--offline", NULL);
    rig_expect(&run, 0, "");
    rig_write(path, recorded, strlen(recorded));
    free(recorded);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 78, "'holdfast unregister --offline'");
    rig_holdfast(&rig, &run, "unregister", "--offline", NULL);
    rig_expect(&run, 0, "");
    assert_non_null(strstr(run.out, "was not told"));
}

static void
take_token_away(const char *to)
{
    char path[2][RIG_PATH + 16];
    const char *argv[] = {"/bin/mv", path[0], path[1], NULL};

    snprintf(path[0], sizeof path[0], "%s/tokens", rig.directory);
    snprintf(path[1], sizeof path[1], "%s/%s", rig.directory, to);
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    assert_int_equal(mkdir(path[0], 0700), 0);
}

/* Only with the words for it: a token may just not be plugged in. */
static void
token_that_is_lost_is_given_up(void **state)
{
    json_t *answer;

    (void)state;
    if (rig.kind == RIG_PKCS11)
        take_token_away("tokens-lost");
    rig_holdfast(&rig, &run, "unregister", "--token-lost", NULL);
    rig_expect(&run, 64, "--offline, too");
    if (rig.kind == RIG_PKCS11) {
        rig_holdfast(&rig, &run, "unregister", "--offline", NULL);
        rig_expect(&run, 78, "'holdfast unregister --offline --token-lost'");
    }
    rig_holdfast(&rig, &run, "unregister", "--offline", "--token-lost",
                 "--json", NULL);
    rig_expect(&run, 0, "");
    answer = rig_json(&run);
    assert_true(json_is_false(json_object_get(answer, "vault_told")));
    assert_true(json_is_true(json_object_get(answer, "vault_may_list")));
    assert_true(json_is_false(json_object_get(answer, "token_asked")));
    json_decref(answer);
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 78, "nothing is recorded");
}

#define TEST(name) RIG_CASE(name, start)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(lost_reply_to_the_leaving_is_made_good),
        TEST(machine_that_was_revoked_leaves),
        TEST(removal_that_broke_off_is_finished),
        TEST(nothing_is_destroyed_for_a_key_that_proves_nothing),
        TEST(machine_that_has_left_is_not_finished),
        TEST(what_the_vault_was_told_stays_told_offline),
        TEST(machine_whose_key_is_gone_leaves_offline),
        TEST(token_that_is_lost_is_given_up),
    };

    return rig_case_main(argc, argv, tests);
}
