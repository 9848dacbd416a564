/* SPDX-License-Identifier: Apache-2.0 */
/* Why backup, restore and snapshots fail: the exit status is the manual's, and
 * the first line on standard error is Holdfast's, whoever failed. */
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

#include "tests/integration/rig_data.h"

#define HALF_A_CENTURY "1600000000" /* seconds */

static struct rig rig;
static struct rig_run run;

/* What the three are given; NULL: nothing. */
static struct {
    const char *state, *pin, *passphrase, *issuers, *source, *snapshot;
} given;

enum which { BACKUP, RESTORE, SNAPSHOTS, COMMANDS };
static const char *const names[COMMANDS] = {"backup", "restore", "snapshots"};

struct cause {
    const char *name;
    void (*set_up)(void);
    int status[COMMANDS];
    const char *phrase; /* of those that fail */
    void (*undo)(void); /* or NULL */
};

static char path[RIG_PATH];

static void
no_pin(void)
{
    given.pin = NULL;
}

static void
wrong_pin(void)
{
    rig_data_write(&rig, "wrong", "000000\n", path);
    given.pin = path;
}

/* The right PIN takes the latch away. */
static void
forget_wrong_pin(void)
{
    rig_holdfast(&rig, &run, "snapshots", NULL);
    rig_expect(&run, 0, "");
}

static void
pin_of_another_protocol(void)
{
    rig_data_write(&rig, "protocol", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", path);
    given.pin = path;
}

static void
pin_that_others_read(void)
{
    rig_data_write(&rig, "exposed", RIG_PIN "\n", path);
    assert_int_equal(chmod(path, 0644), 0);
    given.pin = path;
}

static void
no_issuers(void)
{
    given.issuers = "/nonexistent/ca.pem";
}

static char moved[RIG_PATH + 8];

/* Those of the registration, which the relay looks for. */
static void
recorded_issuers_gone(void)
{
    snprintf(moved, sizeof moved, "%s.moved", rig.ca_file);
    assert_int_equal(rename(rig.ca_file, moved), 0);
}

static void
bring_issuers_back(void)
{
    assert_int_equal(rename(moved, rig.ca_file), 0);
}

static void
foreign_issuers(void)
{
    given.issuers = "/etc/ssl/certs/ca-certificates.crt";
}

static void
no_passphrase(void)
{
    given.passphrase = NULL;
}

static void
wrong_passphrase(void)
{
    rig_data_write(&rig, "other", "sixteen letters, but the wrong ones\n",
                   path);
    given.passphrase = path;
}

static void
vault_stopped(void)
{
    rig_vaultctl(&rig, &run, "stop", NULL, NULL);
}

static void
start_vault_again(void)
{
    rig_vaultctl(&rig, &run, "start", NULL, NULL);
}

static void
no_such_snapshot(void)
{
    given.snapshot = "deadbeef";
}

static void
missing_source(void)
{
    given.source = "/nonexistent/source";
}

static void
no_state(void)
{
    given.state = "/nonexistent/state";
}

static void
set_quota(const char *bytes)
{
    const char *argv[] = {VAULTCTL,  "quota", rig.vault, "lab1",
                          "--bytes", bytes,   NULL};

    rig_run(&run, argv);
    rig_expect(&run, 0, "");
}

static void
vault_full(void)
{
    set_quota("1");
}

static void
give_room(void)
{
    set_quota("1000000000");
}

/* By the vault's clock. */
static void
certificate_ended(void)
{
    rig_vaultctl(&rig, &run, "clock", HALF_A_CENTURY, NULL);
}

static void
put_clock_back(void)
{
    rig_vaultctl(&rig, &run, "clock", "0", NULL);
}

static void
another_machine_without_backups(void)
{
    static struct rig other;

    rig_data_add_machine(&rig, "second", &other);
    given.state = other.state;
}

static void
machine_revoked(void)
{
    char machine[64];

    rig_data_machine(&rig, machine);
    rig_vaultctl(&rig, &run, "revoke", machine, NULL);
}

static void
use_softhsm(const char *first, const char *second)
{
    const char *argv[] = {"/usr/bin/softhsm2-util",
                          first,
                          second,
                          "--token",
                          "rig",
                          "--label",
                          "rig",
                          "--so-pin",
                          "12345678",
                          "--pin",
                          RIG_PIN,
                          NULL};

    rig_run(&run, argv);
    rig_expect(&run, 0, "");
}

static void
token_gone(void)
{
    use_softhsm("--delete-token", "--force");
}

static void
token_replaced(void)
{
    use_softhsm("--init-token", "--free");
}

/* In this order: the last ones are for good. */
static const struct cause causes[] = {
    {"no PIN", no_pin, {78, 78, 78}, "the token needs a PIN: ", NULL},
    {"wrong PIN",
     wrong_pin,
     {78, 78, 78},
     "the token refused the PIN: ",
     forget_wrong_pin},
    {"HTTP/2 as PIN",
     pin_of_another_protocol,
     {78, 78, 78},
     "the token needs a PIN: the one given has a control character",
     forget_wrong_pin},
    {"PIN file that others may read",
     pin_that_others_read,
     {77, 77, 77},
     "permission denied: ",
     NULL},
    {"no file of issuers", no_issuers, {66, 66, 66}, "no such file: ", NULL},
    {"recorded issuers gone",
     recorded_issuers_gone,
     {66, 66, 66},
     "no such file: ",
     bring_issuers_back},
    {"server of another issuer",
     foreign_issuers,
     {69, 69, 69},
     "the vault's server could not be authenticated: ",
     NULL},
    {"no passphrase",
     no_passphrase,
     {78, 78, 78},
     "the backup needs a passphrase: ",
     NULL},
    {"wrong passphrase",
     wrong_passphrase,
     {65, 65, 65},
     "this passphrase does not open the backups; ",
     NULL},
    {"vault stopped",
     vault_stopped,
     {69, 69, 69},
     "the vault cannot be reached: ",
     start_vault_again},
    {"no such snapshot",
     no_such_snapshot,
     {0, 66, 0},
     "no such snapshot; ",
     NULL},
    {"missing source",
     missing_source,
     {66, 0, 0},
     "a path to back up is not there: ",
     NULL},
    {"no registration",
     no_state,
     {78, 78, 78},
     "this machine is not registered",
     NULL},
    {"vault full",
     vault_full,
     {76, 0, 0},
     "the vault's space is used up: ",
     give_room},
    {"certificate ended",
     certificate_ended,
     {76, 76, 76},
     "the vault takes this credential no more: ",
     put_clock_back},
    {"no backups yet",
     another_machine_without_backups,
     {0, 66, 66},
     "this machine has no backups in the vault; ",
     NULL},
    {"machine revoked",
     machine_revoked,
     {76, 76, 76},
     "the vault refused: machine: 403 revoked: ",
     NULL},
    {"token gone", token_gone, {78, 78, 78}, "no such token: ", NULL},
    {"token replaced",
     token_replaced,
     {78, 78, 78},
     "this is not the token that was registered: ",
     NULL},
};

static void
add(const char **argv, const char *option, const char *value)
{
    if (value == NULL)
        return;
    while (*argv != NULL)
        argv++;
    *argv++ = option;
    *argv = value;
}

static void
run_command(enum which which)
{
    static unsigned restored; /* restic 0.14 makes no link anew */
    char program[RIG_PATH + 16], target[RIG_PATH + 32];
    const char *argv[16] = {program, names[which]};

    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    snprintf(target, sizeof target, "%s/restored-%u", rig.directory,
             restored++);
    add(argv, "-s", given.state);
    add(argv, "-p", given.pin);
    add(argv, "-P", given.passphrase);
    add(argv, "--ca-file", given.issuers);
    if (which == RESTORE) {
        add(argv, "-d", target);
        add(argv, "--", given.snapshot);
    } else if (which == BACKUP) {
        add(argv, "--", given.source);
    }
    rig_run(&run, argv);
}

/* Restore and snapshots first: the first backup makes what they lack. */
static void
expect_cause(const struct cause *cause)
{
    static const enum which order[] = {RESTORE, SNAPSHOTS, BACKUP};
    char begins[256];

    for (size_t i = 0; i < COMMANDS; i++) {
        enum which which = order[i];

        run_command(which);
        snprintf(begins, sizeof begins, "holdfast: %s: %s", names[which],
                 cause->phrase);
        if (run.status != cause->status[which] ||
            (run.status != 0 &&
             strncmp(run.err, begins, strlen(begins)) != 0) ||
            strstr(run.err, ".go:") != NULL ||
            strstr(run.err, "Is there a repository") != NULL)
            fail_msg("%s: %s ended with %d instead of %d\n%s%s", cause->name,
                     names[which], run.status, cause->status[which], run.out,
                     run.err);
    }
}

static void
exit_statuses_are_the_manuals_and_the_first_line_is_holdfasts(void **state)
{
    (void)state;
    rig_data_back_up(&rig);
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        given.state = rig.state;
        given.pin = rig.pin_file;
        given.passphrase = rig.passphrase;
        given.source = rig.source;
        given.issuers = given.snapshot = NULL;
        causes[i].set_up();
        expect_cause(&causes[i]);
        if (causes[i].undo != NULL)
            causes[i].undo();
    }
}

/* Sources that are there for one process, once. */
static void
pin_from_a_pipe_or_a_descriptor_is_read_once(void **state)
{
    static const char *const scripts[] = {
        "cat \"$3\" | exec \"$1\"/holdfast $5 -s \"$2\" -P \"$4\" -p "
        "/dev/stdin $6",
        "exec \"$1\"/holdfast $5 -s \"$2\" -P \"$4\" -p /dev/stdin $6 <\"$3\"",
        "cat \"$3\" | exec \"$1\"/holdfast $5 -s \"$2\" -P \"$4\" -p fd:0 $6",
        "exec \"$1\"/holdfast $5 -s \"$2\" -P \"$4\" -p fd:7 $6 7<\"$3\"",
        "exec \"$1\"/holdfast $5 -s \"$2\" -P \"$4\" -p /dev/fd/5 $6 5<\"$3\"",
    };

    (void)state;
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        const char *backup[] = {
            "/bin/sh", "-c",       scripts[i],   "sh",
            rig.bin,   rig.state,  rig.pin_file, rig.passphrase,
            "backup",  rig.source, NULL};
        const char *list[] = {
            "/bin/sh",    "-c",           scripts[i],  "sh", rig.bin, rig.state,
            rig.pin_file, rig.passphrase, "snapshots", "",   NULL};

        rig_run(&run, backup); /* the first: three runs of restic */
        rig_expect(&run, 0, "");
        rig_run(&run, list);
        rig_expect(&run, 0, "");
    }
}

/* A latch that a changed file opens would not hold for a pipe. */
static void
wrong_pin_from_a_pipe_is_tried_once(void **state)
{
    const char *argv[] = {"/bin/sh",
                          "-c",
                          "echo 000000 | exec \"$1\"/holdfast snapshots -s "
                          "\"$2\" -P \"$3\" -p /dev/stdin",
                          "sh",
                          rig.bin,
                          rig.state,
                          rig.passphrase,
                          NULL};

    (void)state;
    rig_run(&run, argv);
    rig_expect(&run, 78, "CKR_PIN_INCORRECT");
    rig_run(&run, argv);
    rig_expect(&run, 78, "refused before and unchanged since");
}

/* What restic hands it there is its own protocol. */
static void
relay_reads_no_pin_from_a_pipe(void **state)
{
    static const char *const sources[] = {"/dev/stdin", "fd:0", "fd:1", "fd:9",
                                          "/dev/null"};
    char latch[RIG_PATH + 16];

    (void)state;
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        const char *argv[] = {
            "/bin/sh",
            "-c",
            "printf 'PRI * HTTP/2.0\\r\\n\\r\\n' | { \"$1\"/holdfast relay -s "
            "\"$2\" -p \"$3\" serve restic --stdio --b2-hard-delete vault "
            "9<\"$4\"; "
            "echo \"exit $?\" >&2; } | cat",
            "sh",
            rig.bin,
            rig.state,
            sources[i],
            rig.pin_file,
            NULL};

        rig_run(&run, argv);
        rig_expect(&run, 0, "holdfast: relay: wrong usage: ");
        rig_expect(&run, 0, "exit 64\n");
    }
    snprintf(latch, sizeof latch, "%s/pin-refused", rig.state);
    assert_false(rig_exists(latch));
}

static int
start(void **state)
{
    (void)state;
    rig_start(&rig, "pkcs11");
    rig_data_prepare(&rig);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    rig_stop(&rig);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(exit_statuses_are_the_manuals_and_the_first_line_is_holdfasts),
        TEST(pin_from_a_pipe_or_a_descriptor_is_read_once),
        TEST(wrong_pin_from_a_pipe_is_tried_once),
        TEST(relay_reads_no_pin_from_a_pipe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
