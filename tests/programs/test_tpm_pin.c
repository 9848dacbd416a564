/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in a TPM with the user's PIN: it is asked for, tried once, and never
 * where one more refusal would lock the TPM. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/support/tpm2/swtpm.h"
#include "tests/support/rig_case.h"
#include "tests/support/rig_tpm.h"

#define WRONG_PIN "000000"

static char context[RIG_PATH + 16];

static void
write_pin(const char *pin)
{
    rig_write(rig.pin_file, pin, strlen(pin));
}

static void
register_with_pin(void)
{
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1", "--pin-file",
                 rig.pin_file, file, NULL);
}

static void
unregister_with_pin(void)
{
    rig_holdfast(&rig, &run, "unregister", "--pin-file", rig.pin_file, NULL);
}

static int
start(void **state)
{
    (void)rig_case_start_one(state);
    snprintf(context, sizeof context, "%s/context", rig.directory);
    write_pin(RIG_PIN "\n");
    return 0;
}

static int
start_registered(void **state)
{
    (void)start(state);
    register_with_pin();
    rig_expect(&run, 0, "");
    return 0;
}

/* Refusals that the TPM has counted, by its own word. */
static unsigned
count_refusals(void)
{
    static const char name[] = "TPM2_PT_LOCKOUT_COUNTER: 0x";
    const char *at;

    tpm2_tool(&run, swtpm_socket(rig.tpm), "getcap", "properties-variable",
              NULL);
    rig_expect(&run, 0, "");
    at = strstr(run.out, name);
    assert_non_null(at);
    return (unsigned)strtoul(at + strlen(name), NULL, 16);
}

static void
expect_refusals(unsigned count)
{
    assert_int_equal(count_refusals(), count);
}

/* Somebody tries passwords at a key of another, until so many are counted. */
static void
refuse_until(unsigned count)
{
    tpm_tool(&rig, "createprimary", "-C", "o", "-G", "ecc", "-p", "secret",
             "-c", context, NULL);
    for (unsigned had = count_refusals(); had < count; had++) {
        tpm2_tool(&run, swtpm_socket(rig.tpm), "create", "-C", context, "-P",
                  "wrong", NULL);
        assert_int_not_equal(run.status, 0);
        tpm_tool(&rig, "flushcontext", "-t", NULL);
    }
    expect_refusals(count);
}

static void
without_it_nothing_is_done(void **state)
{
    (void)state;
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 78,
               "holdfast: unregister: the token needs a PIN: there is no "
               "terminal to ask at; give it with --pin-file\n");
    assert_int_equal(rig_count_keys(&rig), 1);
    expect_refusals(0);
}

static void
wrong_one_is_tried_once(void **state)
{
    (void)state;
    write_pin(WRONG_PIN);
    unregister_with_pin();
    rig_expect(&run, 78, "holdfast: unregister: the token refused the PIN: ");
    assert_null(strstr(run.err, WRONG_PIN));
    expect_refusals(1);
    unregister_with_pin();
    rig_expect(&run, 78, "refused before and unchanged since");
    expect_refusals(1);
    assert_int_equal(rig_count_keys(&rig), 1);
    write_pin(RIG_PIN);
    unregister_with_pin();
    rig_expect(&run, 0, "");
    assert_int_equal(rig_count_keys(&rig), 0);
}

static void
none_is_tried_before_a_lockout(void **state)
{
    (void)state;
    refuse_until(2);
    unregister_with_pin();
    rig_expect(&run, 78,
               "one more refusal would lock the TPM (2 of 3); wait "
               "1000 s");
    refuse_until(3);
    unregister_with_pin();
    rig_expect(&run, 78,
               "holdfast: unregister: the token's PIN is locked or on its last "
               "try: the TPM is in lockout after 3 refusals; wait 1000 s");
    assert_int_equal(rig_count_keys(&rig), 1);
    tpm_tool(&rig, "dictionarylockout", "--clear-lockout", NULL);
    unregister_with_pin();
    rig_expect(&run, 0, "");
}

/* Then no key is made that could not be used, and the file stays; but one
 * without a PIN does not ask whether there is a lockout. */
static void
locked_tpm_takes_keys_without_one(void **state)
{
    (void)state;
    refuse_until(3);
    register_with_pin();
    rig_expect(&run, 78, "the TPM is in lockout");
    assert_int_equal(rig_count_keys(&rig), 0);
    assert_true(rig_exists(file));
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    expect_refusals(3);
}

static void
one_longer_than_a_tpm_takes_is_refused(void **state)
{
    (void)state;
    write_pin("0123456789abcdef0123456789abcdef0");
    register_with_pin();
    rig_expect(&run, 78, "a TPM takes at most 32 bytes");
    assert_true(rig_exists(file));
    assert_int_equal(rig_count_keys(&rig), 0);
}

static void
machine_lives_with_it(void **state)
{
    (void)state;
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 0, "");
    unregister_with_pin();
    rig_expect(&run, 0, "");
    expect_refusals(0);
    tpm_expect_only_srk(&rig);
}

/* The first attempt, without one, does not reach the vault. */
static void
pin_given_on_resume_is_wanted_later(void **state)
{
    char right[sizeof rig.ca_file], path[RIG_PATH + 16];
    json_t *recorded;
    char *text;

    (void)state;
    memcpy(right, rig.ca_file, sizeof right);
    snprintf(rig.ca_file, sizeof rig.ca_file,
             "/etc/ssl/certs/ca-certificates.crt");
    rig_register(&rig, &run, file);
    rig_expect(&run, 69, "could not be authenticated");
    memcpy(rig.ca_file, right, sizeof right);
    register_with_pin();
    rig_expect(&run, 0, "");
    snprintf(path, sizeof path, "%s/state.json", rig.state);
    text = rig_read(path, NULL);
    recorded = json_loads(text, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(recorded, "token_pin")),
                     1);
    json_decref(recorded);
    free(text);
    unregister_with_pin();
    rig_expect(&run, 0, "");
}

/* reconfigure takes the PIN that the keys have, and none for keys without. */
static void
pin_file_is_recorded_where_the_keys_have_it(void **state)
{
    char other[RIG_PATH + 16];

    (void)state;
    snprintf(other, sizeof other, "%s/other", rig.directory);
    rig_write(other, WRONG_PIN "\n", sizeof WRONG_PIN);
    rig_holdfast(&rig, &run, "reconfigure", "--pin-file", other, NULL);
    rig_expect(&run, 78, "the token refused the PIN");
    expect_refusals(1);
    rig_holdfast(&rig, &run, "reconfigure", "--pin-file", rig.pin_file, NULL);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    rig_download(&rig, "one", file);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    rig_holdfast(&rig, &run, "reconfigure", "--pin-file", rig.pin_file, NULL);
    rig_expect(&run, 64, "the registered keys have no PIN");
}

/* Where a PIN could be asked for, it would be. */
static void
leave_terminal(void)
{
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);

    if (terminal < 0)
        return;
    (void)ioctl(terminal, TIOCNOTTY);
    (void)close(terminal);
}

#define NEW(name) RIG_CASE(name, start)
#define REGISTERED(name) RIG_CASE(name, start_registered)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        REGISTERED(without_it_nothing_is_done),
        REGISTERED(wrong_one_is_tried_once),
        REGISTERED(none_is_tried_before_a_lockout),
        NEW(locked_tpm_takes_keys_without_one),
        NEW(one_longer_than_a_tpm_takes_is_refused),
        REGISTERED(machine_lives_with_it),
        NEW(pin_given_on_resume_is_wanted_later),
        REGISTERED(pin_file_is_recorded_where_the_keys_have_it),
    };

    leave_terminal();
    return rig_case_main(argc, argv, tests);
}
