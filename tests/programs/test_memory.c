/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No copy of the credential's key, its PFX or the PIN stays in any process:
 * a registration with the real programs, each of which searches its own memory
 * whenever it waits and when it ends, and in which nothing freed is used again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/programs/memory_secrets.h"
#include "tests/support/rig_case.h"
#include "tests/programs/scan_preload.h"
#include "tests/support/tpm2/tap.h"

#define CREDENTIAL "libexec/holdfast/holdfast-credential"
#define TOKEN "libexec/holdfast/holdfast-token"
#define NET "libexec/holdfast/holdfast-net"

static const char *const programs[] = {"bin/holdfast", CREDENTIAL, TOKEN, NET,
                                       "libexec/holdfast/holdfast-inspect"};
#define TPM2_CC_SIGN 0x15d /* TPM 2.0 Part 2, 6.5.2 */

static const char *const key_parts[] = {"d", "p", "q", "dp", "dq", "qinv"};

static char needles[RIG_PATH + 16], pipe_path[RIG_PATH + 16];
static int report = -1;
static char lines[512 * 1024];

static void shell(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

static void
shell(const char *format, ...)
{
    static struct rig_run one;
    char script[8 * RIG_PATH];
    const char *argv[] = {"/bin/sh", "-c", script, NULL};
    va_list args;

    va_start(args, format);
    vsnprintf(script, sizeof script, format, args);
    va_end(args);
    rig_run(&one, argv);
    rig_expect(&one, 0, "");
}

/* PROGRAM is this other one from now on. */
static void
put_program(const char *program, const char *other)
{
    shell("cp '%s' '%s/%s'", other, rig.directory, program);
}

/* What is started as PROGRAM starts PROGRAM.real with the scanner in it. */
static void
put_launcher(const char *program)
{
    char path[2 * RIG_PATH];
    FILE *script;

    snprintf(path, sizeof path, "%s/%s", rig.directory, program);
    shell("mv '%s' '%s.real'", path, path);
    script = fopen(path, "we");
    assert_non_null(script);
    (void)fprintf(script,
                  "#!/bin/sh\nexec /usr/bin/env LD_PRELOAD='%s' " SCAN_NEEDLES
                  "='%s' " SCAN_REPORT "='%s' '%s.real' \"$@\"\n",
                  SCAN_PRELOAD_MODULE, needles, pipe_path, path);
    assert_int_equal(fclose(script), 0);
    assert_int_equal(chmod(path, 0700), 0);
}

static int
start(void **state)
{
    (void)rig_case_start_one(state);
    rig_use_net(&rig, NULL);
    snprintf(needles, sizeof needles, "%s/needles", rig.directory);
    snprintf(pipe_path, sizeof pipe_path, "%s/report", rig.directory);
    memory_secrets_write(needles, file,
                         rig.kind == RIG_PKCS11 ? RIG_PIN : NULL);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    report = open(pipe_path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    assert_true(report >= 0);
    return 0;
}

static int
stop(void **state)
{
    assert_int_equal(close(report), 0);
    return rig_case_stop(state);
}

static void
put_launchers(void)
{
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
        put_launcher(programs[i]);
}

/* All that the scans have said until now. */
static void
read_report(void)
{
    size_t length = 0;
    ssize_t n;

    while ((n = read(report, lines + length, sizeof lines - 1 - length)) > 0)
        length += (size_t)n;
    lines[length] = '\0';
}

/* cmocka's own messages are cut off. */
static void
show_report(void)
{
    (void)fputs(lines, stderr);
}

/* The sum of what is said of WHAT in PROGRAM at POINT (any: ""). */
static unsigned long
sum_of(const char *program, const char *point, const char *what)
{
    char name[64], at[16], found[16];
    unsigned long number, sum = 0;
    const char *line = lines;

    while (sscanf(line, "%63s %15s %15s %lu", name, at, found, &number) == 4) {
        if (strncmp(name, program, strlen(program)) == 0 &&
            strncmp(at, point, strlen(point)) == 0 && strcmp(found, what) == 0)
            sum += number;
        line = strchr(line, '\n') + 1;
    }
    return sum;
}

static void
expect_scanned(const char *program)
{
    if (sum_of(program, "", "scanned") < 4) {
        show_report();
        fail_msg("%s was not scanned", program);
    }
}

static void
expect_nothing(const char *point, const char *what)
{
    if (sum_of("", point, what) > 0) {
        show_report();
        fail_msg("%s is left", what);
    }
}

/* A registration leaves nothing in any of the programs. */
static void
expect_clean_registration(void)
{
    put_launchers();
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    read_report();
    expect_scanned("holdfast.real");
    expect_scanned("holdfast-credential");
    expect_scanned("holdfast-token");
    expect_scanned("holdfast-net");
    if (rig.kind == RIG_PKCS11)
        expect_scanned("holdfast-inspect");
    for (size_t i = 0; i < sizeof key_parts / sizeof key_parts[0]; i++)
        expect_nothing("", key_parts[i]);
    expect_nothing("", "pfx");
    expect_nothing("", "base64");
    expect_nothing("", "pin");
    expect_nothing("", "token");
}

static void
no_secret_stays_in_any_process(void **state)
{
    (void)state;
    expect_clean_registration();
}

static void
no_secret_of_a_curve_stays_in_any_process(void **state)
{
    (void)state;
    rig_download_key(&rig, "p256", file);
    memory_secrets_write(needles, file,
                         rig.kind == RIG_PKCS11 ? RIG_PIN : NULL);
    expect_clean_registration();
}

/* The negative control of the access token: libcurl and jansson free it as it
 * is. */
static void
access_token_is_found_where_freed_memory_is_not_wiped(void **state)
{
    (void)state;
    put_program(NET, UNWIPED_NET);
    put_launchers();
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    read_report();
    assert_true(sum_of("holdfast-net", "ending", "token") > 0);
}

static void
register_with_pin(void)
{
    memory_secrets_write(needles, file, RIG_PIN);
    rig_write(rig.pin_file, RIG_PIN, strlen(RIG_PIN));
    put_launchers();
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1", "--pin-file",
                 rig.pin_file, file, NULL);
    rig_expect(&run, 0, "");
    read_report();
}

/* A TPM has no login: the PIN is given with each command, and kept for that as
 * long as a program has the TPM open. */
static void
no_pin_stays_when_a_tpm_is_let_go(void **state)
{
    (void)state;
    register_with_pin();
    assert_true(sum_of("holdfast-token", "waiting", "pin") > 0);
    expect_nothing("ending", "pin");
}

/* The TSS takes nothing more once a command was cut off: what it has of a PIN
 * then can only be freed. */
static void
no_pin_stays_where_the_connection_broke(void **state)
{
    (void)state;
    rig_tap(&rig);
    tap_inject(rig.tap, &(struct tap_fault){.action = TAP_CUT,
                                            .code = TPM2_CC_SIGN,
                                            .nth = 1,
                                            .executed = true});
    register_with_pin();
    assert_int_equal(tap_struck(rig.tap), 1);
    assert_true(sum_of("holdfast-token", "waiting", "pin") > 0);
    expect_nothing("ending", "pin");
}

/* The negative control: the TSS frees the PIN as it is. */
static void
pin_is_found_where_freed_memory_is_not_wiped(void **state)
{
    (void)state;
    put_program(TOKEN, UNWIPED_TOKEN);
    register_with_pin();
    assert_true(sum_of("holdfast-token", "ending", "pin") > 0);
}

/* Two things keep the key out: memory is wiped when it is freed, and the PFX is
 * walked without an EVP_PKEY.  Here is the second without the first; that the
 * PFX is seen shows that the first is off, and that the search finds. */
static void
walked_bags_leave_no_key_even_unwiped(void **state)
{
    (void)state;
    put_program(CREDENTIAL, UNWIPED_CREDENTIAL);
    put_launcher(CREDENTIAL);
    rig_holdfast(&rig, &run, "show", file, NULL);
    rig_expect(&run, 0, "");
    read_report();
    expect_scanned("holdfast-credential");
    for (size_t i = 0; i < sizeof key_parts / sizeof key_parts[0]; i++)
        expect_nothing("", key_parts[i]);
    assert_true(sum_of("", "", "pfx") > 0);
}

/* The negative control: the same, with PKCS12_parse(). */
static void
parsed_pfx_is_found(void **state)
{
    (void)state;
    put_program(CREDENTIAL, CREDENTIAL_UNWIPED_PFX);
    put_launcher(CREDENTIAL);
    rig_holdfast(&rig, &run, "show", file, NULL);
    rig_expect(&run, 0, "");
    read_report();
    for (size_t i = 0; i < sizeof key_parts / sizeof key_parts[0]; i++)
        assert_true(sum_of("holdfast-credential", "", key_parts[i]) > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(no_secret_stays_in_any_process),
        TEST(no_secret_of_a_curve_stays_in_any_process),
        TEST(access_token_is_found_where_freed_memory_is_not_wiped),
        TEST(walked_bags_leave_no_key_even_unwiped),
        TEST(parsed_pfx_is_found),
    };
    const struct CMUnitTest tpm2_tests[] = {
        TEST(no_pin_stays_when_a_tpm_is_let_go),
        TEST(no_pin_stays_where_the_connection_broke),
        TEST(pin_is_found_where_freed_memory_is_not_wiped),
    };
    int failed;

    rig_case_begin(argc, argv);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (strcmp(kind, "tpm2") == 0)
        failed += cmocka_run_group_tests(tpm2_tests, NULL, NULL);
    return failed;
}
