/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM whose 0x81000001 is another program's: a machine's whole life with a
 * root key that is elsewhere, or nowhere persistent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/tpm2/swtpm.h"
#include "tests/support/rig_case.h"
#include "tests/support/rig_data.h"
#include "tests/support/rig_tpm.h"

#define OPENSSL "/usr/bin/openssl"

/* As tpm2-tools' users do, without a word on the template. */
static void
take_the_handle(void)
{
    char context[RIG_PATH + 16];

    snprintf(context, sizeof context, "%s/context", rig.directory);
    tpm_tool(&rig, "createprimary", "-C", "o", "-c", context, NULL);
    tpm_tool(&rig, "evictcontrol", "-C", "o", "-c", context, "0x81000001",
             NULL);
    tpm_tool(&rig, "flushcontext", "-t", NULL);
}

static void
name_in_uri(const char *option)
{
    size_t length = strlen(rig.token);

    snprintf(rig.token + length, sizeof rig.token - length, "%s", option);
}

static void
expect_status(const char *handle)
{
    json_t *report, *token;

    rig_holdfast(&rig, &run, "status", "--json", NULL);
    rig_expect(&run, 0, "");
    report = rig_json(&run);
    token = json_object_get(report, "token");
    assert_string_equal(
        json_string_value(json_object_get(token, "storage_root_handle")),
        handle);
    assert_string_equal(
        json_string_value(json_object_get(token, "storage_root_key")),
        "made again by the TPM and the same");
    json_decref(report);
}

/* The machine's key file, without its suffix. */
static void
find_key_file(char ret[static RIG_PATH + 64])
{
    char keys[RIG_PATH + 8];
    struct dirent **entries = NULL;
    int count;

    snprintf(keys, sizeof keys, "%s/keys", rig.state);
    count = scandir(keys, &entries, NULL, NULL);
    ret[0] = '\0';
    for (int i = 0; i < count; i++) {
        const char *dot = strstr(entries[i]->d_name, ".pem");

        if (dot != NULL)
            snprintf(ret, RIG_PATH + 64, "%s/%.*s", keys,
                     (int)(dot - entries[i]->d_name), entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    assert_string_not_equal(ret, "");
}

/* tpm2-openssl's provider, and with a signature that its own half verifies. */
static void
expect_openssl_reads_the_key(void)
{
    char key[RIG_PATH + 64], script[2048];
    const char *argv[] = {"/bin/sh", "-c", script, NULL};

    find_key_file(key);
    snprintf(
        script, sizeof script,
        "set -e; cd '%s'; export TPM2OPENSSL_TCTI='swtpm:path=%s'; "
        "head -c 32 /dev/zero >digest; " OPENSSL
        " pkey -provider tpm2 -provider base -in '%s.pem' -passin "
        "'file:%s.auth' -pubout -out public; " OPENSSL
        " pkeyutl -provider tpm2 -provider base -sign -inkey '%s.pem' -passin "
        "'file:%s.auth' -in digest -out signature -pkeyopt "
        "digest:sha256; " OPENSSL
        " pkeyutl -verify -pubin -inkey public -in digest -sigfile "
        "signature -pkeyopt digest:sha256",
        rig.directory, swtpm_socket(rig.tpm), key, key, key, key);
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
}

static void
expect_a_whole_life(const char *handle, size_t persistent)
{
    rig_data_prepare(&rig);
    expect_status(handle);
    rig_data_back_up(&rig);
    rig_data_expect_restored(&rig);
    expect_openssl_reads_the_key();
    tpm_expect_persistent(&rig, persistent);
    tpm_expect_transient(&rig, 0);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    assert_int_equal(rig_count_keys(&rig), 0);
    tpm_expect_persistent(&rig, persistent);
    tpm_expect_transient(&rig, 0);
}

static void
handle_taken_by_another_object(void **state)
{
    (void)state;
    take_the_handle();
    expect_a_whole_life("none: it is made at each opening", 1);
}

static void
root_key_at_another_handle(void **state)
{
    (void)state;
    take_the_handle();
    name_in_uri(";root=0x81000002");
    expect_a_whole_life("0x81000002", 2);
}

static void
nothing_persistent_at_all(void **state)
{
    (void)state;
    name_in_uri(";root=transient");
    expect_a_whole_life("none: it is made at each opening", 0);
}

static void
ordinary_root_key(void **state)
{
    (void)state;
    expect_a_whole_life("0x81000001", 1);
}

static void
expect_listed(const char *says)
{
    char program[RIG_PATH + 16];
    const char *argv[] = {program, "token", "list", "--token", rig.token, NULL};

    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    if (strstr(run.out, says) == NULL)
        fail_msg("no %s in\n%s", says, run.out);
}

static void
list_tells_a_foreign_key(void **state)
{
    (void)state;
    take_the_handle();
    expect_listed("another program's key stands where");
    name_in_uri(";root=0x81000002");
    expect_listed("no storage root key yet");
    rig.token[strlen(rig.token) - strlen("0x81000002")] = '\0';
    name_in_uri("transient");
    expect_listed("made at each opening");
}

/* The owner makes the key elsewhere by holdfast(8): only so with a password. */
static void
owner_with_a_password_makes_it_at_another_handle(void **state)
{
    char script[1024];
    const char *argv[] = {"/bin/sh", "-c", script, NULL};

    (void)state;
    take_the_handle();
    tpm_tool(&rig, "changeauth", "-c", "owner", "secret", NULL);
    rig_download(&rig, "several", file);
    rig_register(&rig, &run, file);
    rig_expect(&run, 78, "the TPM's owner password is set: ");
    rig_expect(&run, 78, "the key at 0x81000001 is not of a standard template");
    assert_true(rig_exists(file));
    snprintf(script, sizeof script,
             "set -e; cd '%s'; export TPM2TOOLS_TCTI='swtpm:path=%s'; "
             "printf '\\040\\000%%0128d\\040\\000%%0128d' 0 0 | tr 0 '\\000' "
             ">unique; "
             "tpm2_createprimary -C o -P secret -G ecc -u unique -c srk -a "
             "'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|"
             "restricted|decrypt'; "
             "tpm2_evictcontrol -C o -P secret -c srk 0x81000002; "
             "tpm2_flushcontext -t",
             rig.directory, swtpm_socket(rig.tpm));
    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    name_in_uri(";root=0x81000002");
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
}

#define TEST(name) RIG_CASE(name, rig_case_start)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(handle_taken_by_another_object),
        TEST(root_key_at_another_handle),
        TEST(nothing_persistent_at_all),
        TEST(ordinary_root_key),
        TEST(list_tells_a_foreign_key),
        TEST(owner_with_a_password_makes_it_at_another_handle),
    };

    return rig_case_main(argc, argv, tests);
}
