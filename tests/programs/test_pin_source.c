/* SPDX-License-Identifier: Apache-2.0 */
/* Sources of a PIN that are there for one process, once, on the way to a relay
 * whose own standard input is restic's protocol. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/support/rig_case.h"
#include "tests/support/rig_data.h"

/* $1: where it is, $2: state, $4: passphrase, $5: command. */
#define HOLDFAST "exec \"$1\"/holdfast $5 -s \"$2\" -P \"$4\" "

static void
pin_from_a_pipe_or_a_descriptor_is_read_once(void **state)
{
    static const char *const scripts[] = {
        "cat \"$3\" | " HOLDFAST "-p /dev/stdin $6",
        HOLDFAST "-p /dev/stdin $6 <\"$3\"",
        "cat \"$3\" | " HOLDFAST "-p fd:0 $6",
        HOLDFAST "-p fd:7 $6 7<\"$3\"",
        HOLDFAST "-p /dev/fd/5 $6 5<\"$3\"",
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

#define TEST(name) RIG_CASE(name, rig_case_start_data)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(pin_from_a_pipe_or_a_descriptor_is_read_once),
        TEST(wrong_pin_from_a_pipe_is_tried_once),
        TEST(relay_reads_no_pin_from_a_pipe),
    };

    return rig_case_main(argc, argv, tests);
}
