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

#include "tests/programs/untouched.h"

static void
another_vault_than_expected(void **state)
{
    (void)state;
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab2", file, NULL);
    untouched_expect(65, "the file is for another vault: \"lab1\"", 0);
}

static void
no_terminal_to_ask_at(void **state)
{
    (void)state;
    rig_holdfast(&rig, &run, "register", file, NULL);
    untouched_expect(64, "give --expect-vault", 0);
}

static void
host_that_is_not_allowed(void **state)
{
    (void)state;
    snprintf(rig.host, sizeof rig.host, "localhost:1");
    rig_register(&rig, &run, file);
    untouched_expect(65, "a host that is not allowed", 0);
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
    untouched_expect(
        78, rig.kind == RIG_PKCS11 ? "register: " : "software emulation", 0);
}

/* Before anything is imported: a TPM alone proves anything. */
static void
proof_of_a_token_that_has_none(void **state)
{
    (void)state;
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1", "--attest",
                 "require", "--token",
                 rig.kind == RIG_TPM2 ? "soft:/keys" : rig.token, file, NULL);
    untouched_expect(78, "where the key lives cannot be proved", 0);
}

static void
proof_of_another_kind(void **state)
{
    static const char *const wrong[][2] = {
        {"--attest", "sometimes"}, {"--attest", ""},
        {"--attest-pcrs", "24"},   {"--attest-pcrs", "0,0"},
        {"--attest-pcrs", "0-7"},  {"--attest-pcrs", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1",
                     wrong[i][0], wrong[i][1], file, NULL);
        rig_expect(&run, 64, wrong[i][0]);
        assert_true(rig_exists(file));
    }
}

static void
file_that_others_can_read(void **state)
{
    (void)state;
    assert_int_equal(chmod(file, 0644), 0);
    rig_register(&rig, &run, file);
    untouched_expect(77, "others can get at the credential file", 0);
}

static void
symbolic_link(void **state)
{
    char link[RIG_PATH + 8];

    (void)state;
    snprintf(link, sizeof link, "%s.link", file);
    assert_int_equal(symlink(file, link), 0);
    rig_register(&rig, &run, link);
    untouched_expect(66, "not a plain file of its own", 0);
}

static void
missing_file(void **state)
{
    (void)state;
    rig_register(&rig, &run, "/nonexistent/file");
    untouched_expect(66, "no such file", 0);
}

static void
vault_that_is_down(void **state)
{
    (void)state;
    rig_vaultctl(&rig, &run, "stop", NULL, NULL);
    rig_register(&rig, &run, file);
    untouched_expect(69, "the vault cannot be reached", 1);
}

static void
superseded_credential(void **state)
{
    char newer[RIG_PATH];

    (void)state;
    rig_download(&rig, "one", newer);
    rig_register(&rig, &run, file);
    untouched_expect(76, "superseded", 1);
}

static void
expired_credential(void **state)
{
    (void)state;
    rig_vaultlever(&rig, "clock", "172860");
    rig_register(&rig, &run, file);
    untouched_expect(76, "expired", 1);
}

/* By this machine's clock, which is right here: the vault's is SECONDS off
 * when it writes the file. */
static void
download_at(const char *seconds)
{
    rig_vaultlever(&rig, "clock", seconds);
    untouched_download();
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
        untouched_expect(65, cases[i][1], 0);
    }
}

/* Nothing was used up: with the clocks together again it succeeds. */
static void
clock_that_is_not_the_vaults(void **state)
{
    (void)state;
    rig_vaultlever(&rig, "clock", "1800");
    rig_register(&rig, &run, file);
    untouched_expect(76, "this machine's clock is not the vault's", 1);
    rig_vaultlever(&rig, "clock", "0");
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
    untouched_expect(76, "superseded", 1);
    rig_holdfast(&rig, &run, "unregister", NULL);
    untouched_expect(0, "", 0);
    rig_register(&rig, &run, newer);
    untouched_expect(0, "", 1);
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
    untouched_expect(76, "superseded", 1);
    choose_another_token();
    rig_register(&rig, &run, file);
    untouched_expect(78, "this is not the token that was registered", 1);
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
    untouched_expect(78, "registered already", 1);
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
    untouched_expect(76, "retired", rig.kind == RIG_PKCS11 ? 2 : 1);
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
    untouched_expect(78, "refused", 0);
    assert_false(rig_exists(path));
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        UNTOUCHED(another_vault_than_expected),
        UNTOUCHED(no_terminal_to_ask_at),
        UNTOUCHED(host_that_is_not_allowed),
        UNTOUCHED(emulation_without_a_word_for_it),
        UNTOUCHED(proof_of_a_token_that_has_none),
        UNTOUCHED(proof_of_another_kind),
        UNTOUCHED(file_that_others_can_read),
        UNTOUCHED(symbolic_link),
        UNTOUCHED(missing_file),
        UNTOUCHED(vault_that_is_down),
        UNTOUCHED(superseded_credential),
        UNTOUCHED(expired_credential),
        UNTOUCHED(certificate_out_of_its_time_here),
        UNTOUCHED(clock_that_is_not_the_vaults),
        UNTOUCHED(unfinished_registration_is_removed),
        UNTOUCHED(another_token_than_the_recorded_one),
        UNTOUCHED(machine_that_is_registered_already),
        UNTOUCHED(one_machine_credential_used_by_a_second),
    };

    /* No other kind has a PIN here. */
    const struct CMUnitTest with_pin[] = {
        UNTOUCHED(wrong_pin_is_tried_once),
    };
    int failed;

    rig_case_begin(argc, argv);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (strcmp(kind, "pkcs11") == 0)
        failed += cmocka_run_group_tests(with_pin, NULL, NULL);
    return failed;
}
