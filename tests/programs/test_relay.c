/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast relay between restic and the vault: what it takes, what it signs,
 * and what it can know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "tests/support/tpm2/swtpm.h"
#include "tests/support/rig_case.h"
#include "tests/support/rig_data.h"
#include "tests/support/tpm2/tap.h"
#include "tests/vault/rules/scan.h"

#define CC_SIGN 0x15d /* TPM 2.0 Library, Part 2, 6.5.2 */

static struct tap *tap;

static int
start(void **state)
{
    (void)rig_case_start(state);
    if (rig.kind == RIG_TPM2) {
        tap = tap_new(swtpm_socket(rig.tpm), rig.directory);
        assert_non_null(tap);
        snprintf(rig.token, sizeof rig.token, "tpm2:swtpm=%s", tap_socket(tap));
    } else if (rig.kind == RIG_PKCS11) {
        rig_use_module(&rig, SPY_MODULE);
    }
    rig_data_prepare(&rig);
    return 0;
}

static int
stop(void **state)
{
    tap_free(&tap);
    return rig_case_stop(state);
}

static void
words_that_are_not_restics_are_refused(void **state)
{
    (void)state;
    rig_holdfast(&rig, &run, "relay", NULL);
    rig_expect(&run, 64, "restic starts this");
    rig_holdfast(&rig, &run, "relay", "serve", "restic", "--stdio", "vault",
                 NULL);
    rig_expect(&run, 64, "");
    rig_holdfast(&rig, &run, "relay", "serve", "restic", "--stdio",
                 "--b2-hard-delete", "other", NULL);
    rig_expect(&run, 64, "");
    rig_holdfast(&rig, &run, "relay", "serve", "restic", "--stdio",
                 "--b2-hard-delete", "vault", "more", NULL);
    rig_expect(&run, 64, "");
}

/* How often the token has signed, as somebody beside it sees. */
static size_t
count_signatures(void)
{
    char path[RIG_PATH + 16];
    size_t count = 0;
    char *log;

    if (rig.kind == RIG_TPM2)
        return tap_count(tap, CC_SIGN);
    snprintf(path, sizeof path, "%s/spy.log", rig.directory);
    log = rig_read(path, NULL);
    for (char *at = log; (at = strstr(at, ": C_SignInit\n")) != NULL; at++)
        count++;
    free(log);
    return count;
}

/* One for the one connection; with PKCS#11 one more before it, where a fresh
 * process finds an EC key, whose public half no token tells with the private
 * one. */
static void
one_run_of_restic_is_one_signature(void **state)
{
    size_t before, each = rig.kind == RIG_PKCS11 ? 2 : 1;

    (void)state;
    rig_data_back_up(&rig);
    before = count_signatures();
    assert_true(before > 0);
    rig_data_back_up(&rig);
    assert_int_equal(count_signatures(), before + each);
    rig_data_expect_restored(&rig);
    assert_int_equal(count_signatures(), before + 2 * each);
}

/* vaultd stands still, and with it restic and the relay; or goes on. */
static void
signal_vaultd(int number)
{
    pid_t pids[SCAN_PROCESSES];
    size_t count = scan_find_processes(rig.vault, pids), found = 0;

    for (size_t i = 0; i < count; i++) {
        pid_t pid = rig_data_find(pids[i], "vaultd", NULL);

        if (pid == pids[i]) {
            assert_int_equal(kill(pid, number), 0);
            found++;
        }
    }
    assert_int_equal(found, 1);
}

/* The connection stands when the relay, which has holdfast-net started, has let
 * the state go again. */
static bool
is_relaying(void *context)
{
    char path[RIG_PATH + 16];
    bool is_free;
    int fd;

    if (rig_data_find(*(pid_t *)context, "holdfast-net", "holdfast") == 0)
        return false;
    snprintf(path, sizeof path, "%s/lock", rig.state);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    is_free = flock(fd, LOCK_SH | LOCK_NB) == 0;
    close(fd);
    return is_free;
}

static void
scan_text(struct scan *scan, pid_t pid, const char *name)
{
    char path[64], text[8192];
    FILE *stream;
    size_t length;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    stream = fopen(path, "re");
    if (stream == NULL && geteuid() != 0)
        return; /* nor can anybody else */
    assert_non_null(stream);
    length = fread(text, 1, sizeof text, stream);
    (void)fclose(stream);
    if (memmem(text, length, scan->needles[0].data, scan->needles[0].length))
        scan->hits++;
}

/* Not even its own user may look into what is not dumpable. */
static void
scan_memory(struct scan *scan, pid_t pid)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
    if (geteuid() == 0)
        scan_process(scan, pid);
    else
        assert_true(open(path, O_RDONLY) < 0);
}

/* In every process that a backup consists of, while they are at work. */
static void
passphrase_is_in_restics_memory_alone(void **state)
{
    static struct scan scan, control, holder;
    char *passphrase = rig_read(rig.passphrase, NULL);
    pid_t backup, restic, relay, net;

    (void)state;
    passphrase[strcspn(passphrase, "\n")] = '\0';
    memset(&scan, 0, sizeof scan);
    memset(&control, 0, sizeof control);
    memset(&holder, 0, sizeof holder);
    control.silent = holder.silent = true;
    scan_add(&scan, "passphrase", passphrase, strlen(passphrase));
    scan_add(&control, "passphrase", passphrase, strlen(passphrase));
    scan_add(&holder, "passphrase", passphrase, strlen(passphrase));
    rig_data_back_up(&rig);
    signal_vaultd(SIGSTOP);
    backup = rig_data_spawn(&rig, "backup", rig.source);
    rig_data_until(is_relaying, &backup);
    restic = rig_data_find(backup, "restic", "holdfast");
    relay = rig_data_find(backup, "holdfast", "restic");
    net = rig_data_find(backup, "holdfast-net", "holdfast");
    assert_true(restic > 0 && relay > 0 && net > 0);
    scan_process(&control, restic);
    assert_true(control.hits > 0);
    scan_memory(&scan, relay);
    scan_memory(&scan, net);
    /* It has the sealed descriptor, and has not read it. */
    scan_memory(&holder, backup);
    assert_int_equal(holder.hits, geteuid() == 0 ? 1 : 0);
    scan_text(&scan, restic, "cmdline");
    scan_text(&scan, restic, "environ");
    signal_vaultd(SIGCONT);
    assert_int_equal(rig_data_wait(backup), 0);
    scan_directory(&scan, rig.vault);
    scan_directory(&scan, rig.state);
    assert_int_equal(scan.hits, 0);
    free(passphrase);
}

/* What restic leaks into the relay is closed: there is nothing but the streams,
 * standard error and the channel to holdfast-net. */
static void
relay_holds_nothing_of_restics(void **state)
{
    char path[64], target[256];
    pid_t backup, relay;
    size_t seen = 0;

    (void)state;
    signal_vaultd(SIGSTOP);
    backup = rig_data_spawn(&rig, "backup", rig.source);
    rig_data_until(is_relaying, &backup);
    relay = rig_data_find(backup, "holdfast", "restic");
    assert_true(relay > 0);
    for (int fd = 0; fd < 256; fd++) {
        ssize_t length;

        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)relay, fd);
        length = readlink(path, target, sizeof target - 1);
        if (length < 0)
            continue;
        assert_int_equal(geteuid(), 0); /* nobody else may look */
        target[length] = '\0';
        if (strncmp(target, fd < 3 ? "pipe:" : "socket:", fd < 3 ? 5 : 7) != 0)
            fail_msg("descriptor %d: %s", fd, target);
        seen++;
    }
    assert_true(seen > 3 || geteuid() != 0);
    signal_vaultd(SIGCONT);
    assert_int_equal(rig_data_wait(backup), 0);
}

/* All of restic, by the words of the manual. */
static void
restic_alone_does_with_the_relay(void **state)
{
    char relay[4 * RIG_PATH];
    const char *argv[] = {"/usr/bin/restic",
                          "-r",
                          "rclone:vault",
                          "-o",
                          relay,
                          "--password-file",
                          rig.passphrase,
                          "--no-cache",
                          "check",
                          "--read-data",
                          NULL};
    bool pin = rig.kind == RIG_PKCS11;

    (void)state;
    rig_data_back_up(&rig);
    snprintf(relay, sizeof relay,
             "rclone.program='%s/holdfast' relay -s '%s'%s%s", rig.bin,
             rig.state, pin ? " -p " : "", pin ? rig.pin_file : "");
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    assert_non_null(strstr(run.out, "no errors were found"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(words_that_are_not_restics_are_refused),
        TEST(passphrase_is_in_restics_memory_alone),
        TEST(relay_holds_nothing_of_restics),
        TEST(restic_alone_does_with_the_relay),
    };

    /* Beside the software store is nobody who could count. */
    const struct CMUnitTest counted[] = {
        TEST(one_run_of_restic_is_one_signature),
    };
    int failed;

    rig_case_begin(argc, argv);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (strcmp(kind, "soft") != 0)
        failed += cmocka_run_group_tests(counted, NULL, NULL);
    return failed;
}
