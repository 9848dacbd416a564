/* SPDX-License-Identifier: Apache-2.0 */
/* TPMs, and credentials for them, that `register` refuses: with one line that
 * says why, the file as it was to its inode, and nothing new in the TPM. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/tpm2/swtpm.h"
#include "tests/support/rig_case.h"
#include "tests/support/rig_tpm.h"
#include "tests/support/tpm2/tap.h"

/* What a TPM without a resource manager has room for. */
#define SLOTS 3
#define CC_START_AUTH_SESSION 0x176 /* TPM 2.0 Library, Part 2, 6.5.2 */

static char *content;
static struct stat before;

static void
take_file(const char *key)
{
    rig_download_key(&rig, key, file);
    free(content);
    content = rig_read(file, NULL);
    assert_int_equal(stat(file, &before), 0);
}

static int
start(void **state)
{
    (void)rig_case_start(state);
    take_file("rsa2048");
    return 0;
}

static int
stop(void **state)
{
    free(content);
    content = NULL;
    return rig_case_stop(state);
}

static void
expect_file_untouched(void)
{
    struct stat now;
    char *after = rig_read(file, NULL);

    assert_int_equal(stat(file, &now), 0);
    assert_string_equal(after, content);
    assert_int_equal(now.st_ino, before.st_ino);
    assert_int_equal(now.st_mtim.tv_sec, before.st_mtim.tv_sec);
    assert_int_equal(now.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
    assert_int_equal(now.st_mode, before.st_mode);
    free(after);
}

/* KEYS: from an earlier attempt. */
static void
expect_refusal(int status, const char *says, size_t keys)
{
    static const char start_of_line[] = "holdfast: register: ";

    rig_expect(&run, status, says);
    assert_memory_equal(run.err, start_of_line, sizeof start_of_line - 1);
    assert_ptr_equal(strchr(run.err, '\n'), run.err + strlen(run.err) - 1);
    expect_file_untouched();
    assert_int_equal(rig_count_keys(&rig), keys);
}

static void
expect_nothing_recorded(void)
{
    char path[RIG_PATH + 16];

    snprintf(path, sizeof path, "%s/state.json", rig.state);
    assert_false(rig_exists(path));
}

/* At a handle that the URI names; else another is made. */
static void
planted_root_key(void **state)
{
    char context[RIG_PATH + 16];

    (void)state;
    snprintf(context, sizeof context, "%s/context", rig.directory);
    tpm_tool(&rig, "createprimary", "-C", "o", "-G", "ecc", "-c", context,
             NULL);
    tpm_tool(&rig, "evictcontrol", "-C", "o", "-c", context, "0x81000001",
             NULL);
    tpm_tool(&rig, "flushcontext", "-t", NULL);
    snprintf(rig.token + strlen(rig.token),
             sizeof rig.token - strlen(rig.token), ";root=0x81000001");
    rig_register(&rig, &run, file);
    expect_refusal(78, "the TPM's storage root key is not to be trusted", 0);
    expect_nothing_recorded();
    tpm_expect_only_srk(&rig);
}

/* The key is in the TPM, the vault not reached yet. */
static void
interrupt_registration(void)
{
    char right[sizeof rig.ca_file];

    memcpy(right, rig.ca_file, sizeof right);
    snprintf(rig.ca_file, sizeof rig.ca_file,
             "/etc/ssl/certs/ca-certificates.crt");
    rig_register(&rig, &run, file);
    expect_refusal(69, "could not be authenticated", 1);
    memcpy(rig.ca_file, right, sizeof right);
}

static void
swapped_tpm(void **state)
{
    (void)state;
    interrupt_registration();
    assert_int_equal(swtpm_replace(rig.tpm), 0);
    rig_register(&rig, &run, file);
    expect_refusal(78, "the TPM was cleared or replaced, its keys are lost", 1);
    tpm_expect_empty(&rig);
}

static void
cleared_tpm(void **state)
{
    (void)state;
    interrupt_registration();
    tpm_tool(&rig, "clear", NULL);
    rig_register(&rig, &run, file);
    expect_refusal(78, "the TPM was cleared or replaced, its keys are lost", 1);
    tpm_expect_empty(&rig);
}

/* The way out of both, which the message names. */
static void
registration_of_a_lost_tpm_is_given_up(void **state)
{
    char keys[RIG_PATH + 16];

    (void)state;
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_int_equal(swtpm_replace(rig.tpm), 0);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 78, "'holdfast status' says the way back");
    assert_int_equal(rig_count_keys(&rig), 1);
    rig_holdfast(&rig, &run, "unregister", "--offline", NULL);
    rig_expect(&run, 0, "");
    assert_non_null(strstr(run.out, "lost with their TPM"));
    assert_non_null(strstr(run.out, "was not told"));
    assert_null(strstr(run.out, "would still load"));
    snprintf(keys, sizeof keys, "%s/keys", rig.state);
    assert_int_equal(rmdir(keys), 0); /* which is empty */
    take_file("p256");
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_int_equal(rig_count_keys(&rig), 1);
}

static void
owner_who_has_made_no_root_key(void **state)
{
    (void)state;
    tpm_tool(&rig, "changeauth", "-c", "owner", "secret", NULL);
    rig_register(&rig, &run, file);
    expect_refusal(78,
                   "the TPM's owner password is set: there is no "
                   "storage root key at 0x81000001",
                   0);
    expect_nothing_recorded();
    tpm_expect_empty(&rig);
}

static void
slots_full_of_others_objects(void **state)
{
    char context[RIG_PATH + 16];

    (void)state;
    snprintf(context, sizeof context, "%s/context", rig.directory);
    for (int i = 0; i < SLOTS; i++)
        tpm_tool(&rig, "createprimary", "-C", "o", "-G", "ecc", "-c", context,
                 NULL);
    rig_register(&rig, &run, file);
    expect_refusal(75, "the TPM has no free slot for a key", 0);
    expect_nothing_recorded();
    tpm_expect_transient(&rig, SLOTS);
}

/* Of clients that were cut off and could not give them back. */
static void
sessions_full(void **state)
{
    char context[RIG_PATH + 16];

    (void)state;
    rig_tap(&rig);
    snprintf(context, sizeof context, "%s/context", rig.directory);
    for (int i = 0; i < SLOTS; i++) {
        tap_inject(rig.tap, &(struct tap_fault){.action = TAP_CUT,
                                                .code = CC_START_AUTH_SESSION,
                                                .nth = 1,
                                                .executed = true});
        tpm2_tool(&run, tap_socket(rig.tap), "startauthsession", "-S", context,
                  NULL);
        assert_int_equal(tap_struck(rig.tap), 1);
    }
    rig_register(&rig, &run, file);
    expect_refusal(75, "the TPM has no free session", 0);
    tpm_expect_only_srk(&rig);
}

static void
emulation_without_a_word_for_it(void **state)
{
    char program[RIG_PATH + 16];
    const char *argv[] = {program,        "register",  "--state-dir",
                          rig.state,      "--token",   rig.token,
                          "--vault-host", rig.host,    "--expect-vault",
                          "lab1",         "--ca-file", rig.ca_file,
                          file,           NULL};

    (void)state;
    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    rig_run(&run, argv);
    expect_refusal(78, "this token is a software emulation: IBM", 0);
    expect_nothing_recorded();
    tpm_expect_empty(&rig);
}

static void
device_without_a_resource_manager(void **state)
{
    (void)state;
    snprintf(rig.token, sizeof rig.token, "tpm2:device=/dev/tpm0");
    rig_register(&rig, &run, file);
    expect_refusal(78, "use /dev/tpmrm0", 0);
    expect_nothing_recorded();
}

static void
device_that_is_not_there(void **state)
{
    (void)state;
    snprintf(rig.token, sizeof rig.token, "tpm2:device=/dev/tpmrm99");
    rig_register(&rig, &run, file);
    expect_refusal(78, "no such token: /dev/tpmrm99", 0);
    expect_nothing_recorded();
}

static void
rsa4096(void **state)
{
    (void)state;
    take_file("rsa4096");
    rig_register(&rig, &run, file);
    expect_refusal(78,
                   "this TPM takes no RSA-4096 keys; use a credential with "
                   "RSA-2048 or P-256",
                   0);
    tpm_expect_only_srk(&rig);
}

/* The last test: from then on this process's children may do less, if they are
 * root's. */
static void
socket_of_somebody_else(void **state)
{
    (void)state;
    if (geteuid() == 0)
        assert_int_equal(prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0), 0);
    assert_int_equal(chmod(swtpm_socket(rig.tpm), 0), 0);
    rig_register(&rig, &run, file);
    expect_refusal(77, "permission denied: ", 0);
    assert_non_null(strstr(run.err, swtpm_socket(rig.tpm)));
    expect_nothing_recorded();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(planted_root_key),
        TEST(swapped_tpm),
        TEST(cleared_tpm),
        TEST(registration_of_a_lost_tpm_is_given_up),
        TEST(owner_who_has_made_no_root_key),
        TEST(slots_full_of_others_objects),
        TEST(sessions_full),
        TEST(emulation_without_a_word_for_it),
        TEST(device_without_a_resource_manager),
        TEST(device_that_is_not_there),
        TEST(rsa4096),
        TEST(socket_of_somebody_else),
    };

    return rig_case_main(argc, argv, tests);
}
