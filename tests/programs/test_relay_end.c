/* SPDX-License-Identifier: Apache-2.0 */
/* Every way in which restic, the relay and the vault can end in the middle of a
 * backup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/rig_case.h"
#include "tests/support/rig_data.h"

/* So much that a backup of it does not end before it is looked at. */
static void
make_much(void)
{
    char path[RIG_PATH + 16];

    snprintf(path, sizeof path, "%s/much", rig.source);
    assert_int_equal(close(open(path, O_WRONLY | O_CREAT, 0600)), 0);
    assert_int_equal(truncate(path, (off_t)1 << 30), 0);
}

static bool
has_no_lock(void *context)
{
    (void)context;
    return rig_data_count(&rig, "locks") == 0;
}

/* Of the backup in CONTEXT: restic is in the middle of what make_much() made.
 * Soon after its lock is there it would not yet take it away. */
static bool
is_reading_much(void *context)
{
    pid_t restic = rig_data_find(*(pid_t *)context, "restic", "holdfast");
    char path[64], target[256];

    for (int fd = 3; restic > 0 && fd < 64; fd++) {
        ssize_t length;

        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)restic, fd);
        length = readlink(path, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        if (length > 5 && strcmp(target + length - 5, "/much") == 0)
            return true;
    }
    return false;
}

static bool
is_gone(void *context)
{
    return kill(*(pid_t *)context, 0) != 0 && errno == ESRCH;
}

/* The processes of a backup that is in the middle. */
static pid_t
start_long_backup(pid_t *ret_restic, pid_t *ret_relay, pid_t *ret_net)
{
    pid_t backup;

    rig_data_back_up(&rig);
    make_much();
    backup = rig_data_spawn(&rig, "backup", rig.source);
    rig_data_until(is_reading_much, &backup);
    *ret_restic = rig_data_find(backup, "restic", "holdfast");
    *ret_relay = rig_data_find(backup, "holdfast", "restic");
    *ret_net = rig_data_find(backup, "holdfast-net", "holdfast");
    assert_true(*ret_restic > 0 && *ret_relay > 0 && *ret_net > 0);
    return backup;
}

static void
expect_sound_repository(void)
{
    char path[RIG_PATH + 16];

    snprintf(path, sizeof path, "%s/much", rig.source);
    assert_int_equal(unlink(path), 0);
    rig_data_back_up(&rig);
    rig_data_expect_restored(&rig);
}

static void
restic_killed_leaves_no_relay(void **state)
{
    pid_t restic, relay, net;
    pid_t backup = start_long_backup(&restic, &relay, &net);

    (void)state;
    assert_int_equal(kill(restic, SIGKILL), 0);
    assert_int_equal(rig_data_wait(backup), 69);
    rig_data_until(is_gone, &relay);
    rig_data_until(is_gone, &net);
    expect_sound_repository();
}

static void
relay_killed_ends_the_backup(void **state)
{
    pid_t restic, relay, net;
    pid_t backup = start_long_backup(&restic, &relay, &net);

    (void)state;
    assert_int_equal(kill(relay, SIGKILL), 0);
    assert_int_equal(rig_data_wait(backup), 69);
    rig_data_until(is_gone, &net);
    expect_sound_repository();
}

static void
vault_that_goes_away_ends_the_backup(void **state)
{
    pid_t restic, relay, net;
    pid_t backup = start_long_backup(&restic, &relay, &net);

    (void)state;
    rig_vaultctl(&rig, &run, "stop", NULL, NULL);
    assert_int_equal(rig_data_wait(backup), 69);
    rig_vaultctl(&rig, &run, "start", NULL, NULL);
    expect_sound_repository();
}

/* As from systemd or kill(1): restic is told, and unlocks. */
static void
backup_ended_from_outside_leaves_no_lock(void **state)
{
    pid_t restic, relay, net;
    pid_t backup = start_long_backup(&restic, &relay, &net);

    (void)state;
    assert_int_equal(kill(backup, SIGTERM), 0);
    assert_int_equal(rig_data_wait(backup), -SIGTERM);
    rig_data_until(is_gone, &restic);
    rig_data_until(is_gone, &net);
    rig_data_until(has_no_lock, NULL);
    expect_sound_repository();
}

static bool
has_said_all(int terminal, char text[static 4096])
{
    size_t length = 0;
    ssize_t n = 1;

    while (n > 0 && length < 4095) {
        n = read(terminal, text + length, 4095 - length);
        length += n > 0 ? (size_t)n : 0;
    }
    text[length] = '\0';
    return n <= 0;
}

/* Control-C at the terminal, which goes to every process of the foreground. */
static void
backup_interrupted_at_the_keyboard_leaves_no_lock(void **state)
{
    char program[RIG_PATH + 16], text[4096];
    int terminal, status;
    pid_t pid;

    (void)state;
    rig_data_back_up(&rig);
    make_much();
    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    pid = forkpty(&terminal, NULL, NULL, NULL);
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)execl(program, "holdfast", "backup", "-s", rig.state, "-P",
                    rig.passphrase, rig.source, (char *)NULL);
        _exit(127);
    }
    rig_data_until(is_reading_much, &pid);
    assert_int_equal(write(terminal, "\x03", 1), 1);
    while (!has_said_all(terminal, text))
        ;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close(terminal);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 69);
    assert_non_null(strstr(text, "it was interrupted"));
    assert_int_equal(rig_data_count(&rig, "locks"), 0);
    expect_sound_repository();
}

#define TEST(name) RIG_CASE(name, rig_case_start_data)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(restic_killed_leaves_no_relay),
        TEST(relay_killed_ends_the_backup),
        TEST(vault_that_goes_away_ends_the_backup),
        TEST(backup_ended_from_outside_leaves_no_lock),
        TEST(backup_interrupted_at_the_keyboard_leaves_no_lock),
    };

    return rig_case_main(argc, argv, tests);
}
