/* SPDX-License-Identifier: Apache-2.0 */
/* Whose data it is: of one machine, until its access ends, and of what its
 * owner puts in its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/rig_case.h"
#include "tests/support/rig_data.h"

static struct rig other;

static void
expect_no_access(struct rig *machine, int status, const char *says)
{
    char target[RIG_PATH + 8];

    snprintf(target, sizeof target, "%s/t", rig.directory);
    rig_holdfast(machine, &run, "snapshots", NULL);
    rig_expect(&run, status, says);
    assert_string_equal(run.out, "");
    rig_holdfast(machine, &run, "restore", "--target", target, NULL);
    rig_expect(&run, status, says);
    assert_false(rig_exists(target));
    rig_holdfast(machine, &run, "backup", rig.source, NULL);
    rig_expect(&run, status, says);
    assert_int_equal(rig_data_count(&rig, "snapshots"), 1);
}

/* It has the right passphrase, and a repository of its own. */
static void
another_machine_of_the_vault_finds_nothing(void **state)
{
    (void)state;
    rig_data_add_machine(&rig, "second", &other);
    rig_holdfast(&other, &run, "snapshots", NULL);
    rig_expect(&run, 66, "Replace on that machine's page");
    rig_data_back_up(&other);
    assert_int_equal(rig_data_count(&rig, "keys"), 2);
    rig_holdfast(&other, &run, "snapshots", "--json", NULL);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "snapshots", NULL);
    rig_expect(&run, 0, "");
    assert_non_null(strstr(run.out, "1 snapshots"));
}

static void
machine_that_left_has_no_access_and_its_data_stays(void **state)
{
    char copy[RIG_PATH];
    const char *argv[] = {"/bin/cp", "-r", rig.state, copy, NULL};

    (void)state;
    snprintf(copy, sizeof copy, "%.100s/copy", rig.directory);
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    expect_no_access(&rig, 78, "not registered");
    /* A copy of the state, and of what keys lie in files, does not help. */
    snprintf(rig.state, sizeof rig.state, "%s", copy);
    expect_no_access(&rig, rig.kind == RIG_PKCS11 ? 78 : 76, "");
    assert_true(rig_data_count(&rig, "data") > 0);
}

static void
revoked_machine_has_no_access_and_its_data_stays(void **state)
{
    char machine[64];

    (void)state;
    rig_data_machine(&rig, machine);
    rig_vaultctl(&rig, &run, "revoke", machine, NULL);
    expect_no_access(&rig, 76, "revoked: the machine was revoked");
    assert_true(rig_data_count(&rig, "data") > 0);
}

/* The portal's name of it is all the same. */
static void
registering_again_brings_no_data_back(void **state)
{
    (void)state;
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    rig_data_add_machine(&rig, "state", &other);
    rig_holdfast(&other, &run, "snapshots", NULL);
    rig_expect(&run, 66, "Replace on that machine's page");
}

static void
replacement_opens_the_data_with_the_same_passphrase(void **state)
{
    char machine[64];

    (void)state;
    rig_data_machine(&rig, machine);
    rig_data_replace(&rig, machine, file);
    other = rig;
    snprintf(other.state, sizeof other.state, "%.100s/heir", rig.directory);
    rig_register(&other, &run, file);
    rig_expect(&run, 0, "");
    rig_data_expect_restored(&other);
    rig_data_back_up(&other);
    rig_holdfast(&other, &run, "snapshots", NULL);
    rig_expect(&run, 0, "");
    assert_non_null(strstr(run.out, "2 snapshots"));
    assert_int_equal(rig_data_count(&rig, "keys"), 1);
    rig_holdfast(&rig, &run, "snapshots", NULL);
    rig_expect(&run, 76, "revoked: ");
}

static void
replacement_with_another_passphrase_reads_nothing(void **state)
{
    char machine[64];

    (void)state;
    rig_data_machine(&rig, machine);
    rig_data_replace(&rig, machine, file);
    other = rig;
    snprintf(other.state, sizeof other.state, "%.100s/heir", rig.directory);
    rig_register(&other, &run, file);
    rig_expect(&run, 0, "");
    rig_data_write(&rig, "another", "of sixteen letters, but another\n",
                   other.passphrase);
    expect_no_access(&other, 65, "does not open the backups");
}

#define TEST(name) RIG_CASE(name, rig_case_start_backed_up)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(another_machine_of_the_vault_finds_nothing),
        TEST(machine_that_left_has_no_access_and_its_data_stays),
        TEST(revoked_machine_has_no_access_and_its_data_stays),
        TEST(registering_again_brings_no_data_back),
        TEST(replacement_opens_the_data_with_the_same_passphrase),
        TEST(replacement_with_another_passphrase_reads_nothing),
    };

    return rig_case_main(argc, argv, tests);
}
