/* SPDX-License-Identifier: Apache-2.0 */
/* Statuses are the manual's, phrases those of docs/errors.md. */
#include "tests/programs/data_cause.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <sys/stat.h>

static struct rig_run run;

#define HALF_A_CENTURY "1600000000" /* seconds */

static char path[RIG_PATH];

static void
no_pin(struct rig *rig, struct data_cause_given *given)
{
    (void)rig;
    given->pin = NULL;
}

static void
wrong_pin(struct rig *rig, struct data_cause_given *given)
{
    rig_data_write(rig, "wrong", "000000\n", path);
    given->pin = path;
}

/* The right PIN takes the latch away. */
static void
forget_wrong_pin(struct rig *rig)
{
    rig_holdfast(rig, &run, "snapshots", NULL);
    rig_expect(&run, 0, "");
}

static void
pin_of_another_protocol(struct rig *rig, struct data_cause_given *given)
{
    rig_data_write(rig, "protocol", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", path);
    given->pin = path;
}

static void
pin_that_others_read(struct rig *rig, struct data_cause_given *given)
{
    rig_data_write(rig, "exposed", RIG_PIN "\n", path);
    assert_int_equal(chmod(path, 0644), 0);
    given->pin = path;
}

static void
no_issuers(struct rig *rig, struct data_cause_given *given)
{
    (void)rig;
    given->issuers = "/nonexistent/ca.pem";
}

static char moved[RIG_PATH + 8];

/* Those of the registration, which the relay looks for. */
static void
recorded_issuers_gone(struct rig *rig, struct data_cause_given *given)
{
    (void)given;
    snprintf(moved, sizeof moved, "%s.moved", rig->ca_file);
    assert_int_equal(rename(rig->ca_file, moved), 0);
}

static void
bring_issuers_back(struct rig *rig)
{
    assert_int_equal(rename(moved, rig->ca_file), 0);
}

static void
foreign_issuers(struct rig *rig, struct data_cause_given *given)
{
    (void)rig;
    given->issuers = "/etc/ssl/certs/ca-certificates.crt";
}

static void
no_passphrase(struct rig *rig, struct data_cause_given *given)
{
    (void)rig;
    given->passphrase = NULL;
}

static void
wrong_passphrase(struct rig *rig, struct data_cause_given *given)
{
    rig_data_write(rig, "other", "sixteen letters, but the wrong ones\n", path);
    given->passphrase = path;
}

static void
vault_stopped(struct rig *rig, struct data_cause_given *given)
{
    (void)given;
    rig_vaultctl(rig, &run, "stop", NULL, NULL);
}

static void
start_vault_again(struct rig *rig)
{
    rig_vaultctl(rig, &run, "start", NULL, NULL);
}

static void
no_such_snapshot(struct rig *rig, struct data_cause_given *given)
{
    (void)rig;
    given->snapshot = "deadbeef";
}

static void
missing_source(struct rig *rig, struct data_cause_given *given)
{
    (void)rig;
    given->source = "/nonexistent/source";
}

static void
no_state(struct rig *rig, struct data_cause_given *given)
{
    (void)rig;
    given->state = "/nonexistent/state";
}

static void
set_quota(const struct rig *rig, const char *bytes)
{
    const char *argv[] = {VAULTCTL,  "quota", rig->vault, "lab1",
                          "--bytes", bytes,   NULL};

    rig_run(&run, argv);
    rig_expect(&run, 0, "");
}

static void
vault_full(struct rig *rig, struct data_cause_given *given)
{
    (void)rig;
    (void)given;
    set_quota(rig, "1");
}

static void
give_room(struct rig *rig)
{
    (void)rig;
    set_quota(rig, "1000000000");
}

/* By the vault's clock. */
static void
certificate_ended(struct rig *rig, struct data_cause_given *given)
{
    (void)given;
    rig_vaultlever(rig, "clock", HALF_A_CENTURY);
}

static void
put_clock_back(struct rig *rig)
{
    rig_vaultlever(rig, "clock", "0");
}

static void
another_machine_without_backups(struct rig *rig, struct data_cause_given *given)
{
    static struct rig other;

    rig_data_add_machine(rig, "second", &other);
    given->state = other.state;
}

static void
machine_revoked(struct rig *rig, struct data_cause_given *given)
{
    char machine[64];

    (void)given;
    rig_data_machine(rig, machine);
    rig_vaultctl(rig, &run, "revoke", machine, NULL);
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
token_gone(struct rig *rig, struct data_cause_given *given)
{
    (void)rig;
    (void)given;
    use_softhsm("--delete-token", "--force");
}

static void
token_replaced(struct rig *rig, struct data_cause_given *given)
{
    (void)rig;
    (void)given;
    use_softhsm("--init-token", "--free");
}

/* In this order: the last ones are for good. */
const struct data_cause data_causes[] = {
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
     "the machine's certificate has ended: ",
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
    {NULL, NULL, {0}, NULL, NULL},
};
