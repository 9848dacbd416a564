/* SPDX-License-Identifier: Apache-2.0 */
/* What `register` refuses, and that everything is then as it was: the file byte
 * for byte, the token empty. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/integration/rig.h"

static const char *kind;
static struct rig rig;
static struct rig_run run;
static char file[RIG_PATH];
static char *before;

static int
start(void **state)
{
    (void)state;
    rig_start(&rig, kind);
    rig_download(&rig, "one", file);
    before = rig_read(file, NULL);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    free(before);
    rig_stop(&rig);
    return 0;
}

/* KEYS: on the token; a vault refuses when the key is there already. */
static void
expect_refusal(int status, const char *says, size_t keys)
{
    char *after = rig_read(file, NULL);

    rig_expect(&run, status, says);
    assert_string_equal(after, before);
    assert_int_equal(rig_count_keys(&rig), keys);
    free(after);
}

static void
another_vault_than_expected(void **state)
{
    (void)state;
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab2", file, NULL);
    expect_refusal(65, "the file is for another vault: \"lab1\"", 0);
}

static void
no_terminal_to_ask_at(void **state)
{
    (void)state;
    rig_holdfast(&rig, &run, "register", file, NULL);
    expect_refusal(64, "give --expect-vault", 0);
}

static void
host_that_is_not_allowed(void **state)
{
    (void)state;
    snprintf(rig.host, sizeof rig.host, "localhost:1");
    rig_register(&rig, &run, file);
    expect_refusal(65, "a host that is not allowed", 0);
}

static void
emulation_without_a_word_for_it(void **state)
{
    char program[RIG_PATH + 16];
    const char *argv[] = {
        program,          "register",  "--state-dir",  rig.state,
        "--token",        rig.token,   "--vault-host", rig.host,
        "--ca-file",      rig.ca_file, "--pin-file",   rig.pin_file,
        "--expect-vault", "lab1",      file,           NULL};

    (void)state;
    if (rig.kind != RIG_PKCS11) /* has no PIN */
        memmove(&argv[10], &argv[12], 4 * sizeof argv[0]);
    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    rig_run(&run, argv);
    /* Without consent SOFTHSM2_CONF is not handed on: SoftHSM then finds the
     * machine's own tokens, or none that this user may use. */
    expect_refusal(
        78, rig.kind == RIG_PKCS11 ? "register: " : "software emulation", 0);
}

static void
file_that_others_can_read(void **state)
{
    (void)state;
    assert_int_equal(chmod(file, 0644), 0);
    rig_register(&rig, &run, file);
    expect_refusal(77, "others can get at the credential file", 0);
}

static void
symbolic_link(void **state)
{
    char link[RIG_PATH + 8];

    (void)state;
    snprintf(link, sizeof link, "%s.link", file);
    assert_int_equal(symlink(file, link), 0);
    rig_register(&rig, &run, link);
    expect_refusal(66, "not a plain file of its own", 0);
}

static void
missing_file(void **state)
{
    (void)state;
    rig_register(&rig, &run, "/nonexistent/file");
    expect_refusal(66, "no such file", 0);
}

static void
vault_that_is_down(void **state)
{
    (void)state;
    rig_vaultctl(&rig, &run, "stop", NULL, NULL);
    rig_register(&rig, &run, file);
    expect_refusal(69, "the vault cannot be reached", 1);
}

static void
superseded_credential(void **state)
{
    char newer[RIG_PATH];

    (void)state;
    rig_download(&rig, "one", newer);
    rig_register(&rig, &run, file);
    expect_refusal(76, "superseded", 1);
}

static void
expired_credential(void **state)
{
    (void)state;
    rig_vaultctl(&rig, &run, "clock", "172860", NULL);
    rig_register(&rig, &run, file);
    expect_refusal(76, "expired", 1);
}

/* By this machine's clock, which is right here: the vault's is SECONDS off
 * when it writes the file. */
static void
download_at(const char *seconds)
{
    rig_vaultctl(&rig, &run, "clock", seconds, NULL);
    rig_download(&rig, "one", file);
    free(before);
    before = rig_read(file, NULL);
}

static void
certificate_out_of_its_time_here(void **state)
{
    static const char *const cases[][2] = {
        {"-259200", "the credential has expired"},
        {"86400", "the credential is not valid yet"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        download_at(cases[i][0]);
        rig_holdfast(&rig, &run, "show", file, NULL);
        rig_expect(&run, 65, cases[i][1]);
        rig_register(&rig, &run, file);
        expect_refusal(65, cases[i][1], 0);
    }
}

/* Nothing was used up: with the clocks together again it succeeds. */
static void
clock_that_is_not_the_vaults(void **state)
{
    (void)state;
    rig_vaultctl(&rig, &run, "clock", "1800", NULL);
    rig_register(&rig, &run, file);
    expect_refusal(76, "this machine's clock is not the vault's", 1);
    rig_vaultctl(&rig, &run, "clock", "0", NULL);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_int_equal(rig_count_keys(&rig), 1);
}

static void
unfinished_registration_is_removed(void **state)
{
    char newer[RIG_PATH];

    (void)state;
    rig_download(&rig, "one", newer);
    rig_register(&rig, &run, file);
    expect_refusal(76, "superseded", 1);
    rig_holdfast(&rig, &run, "unregister", NULL);
    expect_refusal(0, "", 0);
    rig_register(&rig, &run, newer);
    expect_refusal(0, "", 1);
}

/* A second one, which would do for a first registration. */
static void
choose_another_token(void)
{
    const char *argv[] = {"/bin/sh", "-c",
                          "softhsm2-util --init-token --free --label other "
                          "--so-pin 12345678 --pin " RIG_PIN,
                          NULL};

    if (rig.kind != RIG_PKCS11) {
        snprintf(rig.token, sizeof rig.token, "soft:%.100s/other",
                 rig.directory);
        assert_int_equal(mkdir(rig.token + strlen("soft:"), 0700), 0);
        return;
    }
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    snprintf(rig.token, sizeof rig.token, "pkcs11:token=other?module-path=%s",
             SOFTHSM_MODULE);
}

static void
another_token_than_the_recorded_one(void **state)
{
    char newer[RIG_PATH];

    (void)state;
    rig_download(&rig, "one", newer);
    rig_register(&rig, &run, file);
    expect_refusal(76, "superseded", 1);
    choose_another_token();
    rig_register(&rig, &run, file);
    expect_refusal(78, "this is not the token that was registered", 1);
}

static void
machine_that_is_registered_already(void **state)
{
    char newer[RIG_PATH];

    (void)state;
    rig_download(&rig, "one", newer);
    rig_register(&rig, &run, newer);
    rig_expect(&run, 0, "");
    rig_register(&rig, &run, file);
    expect_refusal(78, "registered already", 1);
}

static void
one_machine_credential_used_by_a_second(void **state)
{
    char copy[RIG_PATH + 8];
    const char *argv[] = {"/bin/cp", "-p", file, copy, NULL};

    (void)state;
    snprintf(copy, sizeof copy, "%s.copy", file);
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    rig_register(&rig, &run, copy);
    rig_expect(&run, 0, "");
    snprintf(rig.state, sizeof rig.state, "%.100s/second", rig.directory);
    rig_register(&rig, &run, file);
    expect_refusal(76, "retired", rig.kind == RIG_PKCS11 ? 2 : 1);
}

static void
wrong_pin_is_tried_once(void **state)
{
    char path[RIG_PATH + 16];
    const char *argv[] = {"/bin/sh", "-c", "printf 000000 > \"$0\"",
                          rig.pin_file, NULL};

    (void)state;
    snprintf(path, sizeof path, "%s/state.json", rig.state);
    rig_run(&run, argv);
    rig_register(&rig, &run, file);
    rig_expect(&run, 78, "the token refused the PIN");
    rig_register(&rig, &run, file);
    expect_refusal(78, "refused", 0);
    assert_false(rig_exists(path));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(another_vault_than_expected),
        TEST(no_terminal_to_ask_at),
        TEST(host_that_is_not_allowed),
        TEST(emulation_without_a_word_for_it),
        TEST(file_that_others_can_read),
        TEST(symbolic_link),
        TEST(missing_file),
        TEST(vault_that_is_down),
        TEST(superseded_credential),
        TEST(expired_credential),
        TEST(certificate_out_of_its_time_here),
        TEST(clock_that_is_not_the_vaults),
        TEST(unfinished_registration_is_removed),
        TEST(another_token_than_the_recorded_one),
        TEST(machine_that_is_registered_already),
        TEST(one_machine_credential_used_by_a_second),
    };

    /* No other kind has a PIN here. */
    const struct CMUnitTest with_pin[] = {
        TEST(wrong_pin_is_tried_once),
    };
    int failed;

    kind = argc == 2 ? argv[1] : "soft";
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (strcmp(kind, "pkcs11") == 0)
        failed += cmocka_run_group_tests(with_pin, NULL, NULL);
    return failed;
}
