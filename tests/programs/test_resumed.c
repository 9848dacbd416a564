/* SPDX-License-Identifier: Apache-2.0 */
/* A registration that is taken up again knows what happened before: that the
 * vault was asked, and by which credential. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/rig_case.h"
#include "tests/support/rig_state.h"

/* Seconds that a credential which is about to expire has yet: for a start of
 * five programs on a busy machine, under a sanitizer. */
#define LEFT 25
#define VALIDITY (48 * 3600)

/* A credential that has SECONDS left, by both clocks. */
static void
download_ending_in(int seconds)
{
    char offset[32];

    snprintf(offset, sizeof offset, "%d", seconds - VALIDITY);
    rig_vaultlever(&rig, "clock", offset);
    rig_download(&rig, "one", file);
    rig_vaultlever(&rig, "clock", "0");
}

/* Until it has, by the clock here, which is the vault's, too. */
static void
wait_for_the_end(const char *path)
{
    const struct timespec pause = {0, 200000000};

    for (int i = 0; i < 10 * LEFT; i++) {
        rig_holdfast(&rig, &run, "show", path, NULL);
        if (run.status == 65)
            break;
        (void)nanosleep(&pause, NULL);
    }
    rig_expect(&run, 65, "the credential has expired");
}

static void
lose_the_reply(const char *path)
{
    rig_use_net(&rig, NET_REPLY_LOST);
    rig_register(&rig, &run, path);
    rig_expect(&run, 69, "the connection broke");
    assert_true(rig_exists(path));
    rig_use_net(&rig, NULL);
}

/* An attempt that is cut before it comes as far as the one before. */
static void
break_off_the_second_attempt(const char *path)
{
    rig_vaultctl(&rig, &run, "stop", NULL, NULL);
    rig_register(&rig, &run, path);
    rig_expect(&run, 69, "the vault cannot be reached");
    rig_vaultctl(&rig, &run, "start", NULL, NULL);
}

static void
expect_listed(bool listed)
{
    json_t *report;

    rig_holdfast(&rig, &run, "status", "--json", NULL);
    rig_expect(&run, 78, "not finished");
    report = rig_json(&run);
    assert_true(json_is_boolean(json_object_get(
        json_object_get(report, "machine"), "vault_may_list_it")));
    assert_true(json_is_true(json_object_get(json_object_get(report, "machine"),
                                             "vault_may_list_it")) == listed);
    json_decref(report);
}

/* Nobody was asked with it: it is refused here, and takes nothing away. */
static void
expired_credential_that_asked_nobody_is_refused(void **state)
{
    char expired[RIG_PATH];

    (void)state;
    download_ending_in(-1);
    memcpy(expired, file, sizeof expired);
    rig_download(&rig, "one", file);
    lose_the_reply(file);
    rig_register(&rig, &run, expired);
    rig_expect(&run, 65, "the credential has expired");
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
}

static void
vault_that_was_asked_is_not_forgotten(void **state)
{
    json_t *answer;

    (void)state;
    rig_download(&rig, "one", file);
    break_off_the_second_attempt(file);
    expect_listed(false);
    lose_the_reply(file);
    expect_listed(true);
    break_off_the_second_attempt(file);
    expect_listed(true);
    rig_holdfast(&rig, &run, "unregister", "--json", NULL);
    rig_expect(&run, 0, "");
    answer = rig_json(&run);
    assert_true(json_is_true(json_object_get(answer, "vault_may_list")));
    json_decref(answer);
}

/* Its file would have the vault that may list the machine forgotten. */
static void
another_vault_is_refused_once_one_was_asked(void **state)
{
    (void)state;
    rig_download(&rig, "one", file);
    lose_the_reply(file);
    rig_state_set(&rig, "vault", "1");
    rig_register(&rig, &run, file);
    rig_expect(&run, 65, "was asked already and may list this machine");
    assert_true(rig_exists(file));
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    assert_non_null(strstr(run.out, "Vault \"lab1\" may list the machine"));
    assert_int_equal(rig_count_keys(&rig), 0);
}

/* Written when the phase alone told it, and cut short twice. */
static void
state_without_the_fact_is_understood(void **state)
{
    (void)state;
    download_ending_in(LEFT);
    lose_the_reply(file);
    rig_state_set(&rig, "asked_with", NULL);
    rig_state_set(&rig, "phase", "imported");
    expect_listed(true);
    wait_for_the_end(file);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
}

/* As the certificate's hash is recorded; the caller frees it. */
static char *
hash_of(const char *path)
{
    json_t *report;
    char *hash;

    rig_holdfast(&rig, &run, "show", "--json", path, NULL);
    report = rig_json(&run);
    hash = strdup(json_string_value(
        json_object_get(json_object_get(report, "certificate"), "sha256")));
    assert_non_null(hash);
    json_decref(report);
    return hash;
}

/* Every key, and nothing else. */
static void
lose_the_keys(void)
{
    char path[RIG_PATH + 16];
    char *recorded;

    snprintf(path, sizeof path, "%s/state.json", rig.state);
    recorded = rig_read(path, NULL);
    rig_holdfast(&rig, &run, "unregister", "--offline", NULL);
    rig_expect(&run, 0, "");
    assert_int_equal(rig_count_keys(&rig), 0);
    rig_write(path, recorded, strlen(recorded));
    free(recorded);
}

static size_t
count_requests(void)
{
    json_t *log = rig_access_log(&rig);
    size_t count = json_array_size(log);

    json_decref(log);
    return count;
}

/* The vault answers an expired credential for the key that it knows alone. */
static void
expired_credential_is_no_use_for_a_new_key(void **state)
{
    char expired[RIG_PATH];
    char *hash;
    size_t requests;
    json_t *recorded;

    (void)state;
    download_ending_in(-1);
    memcpy(expired, file, sizeof expired);
    hash = hash_of(expired);
    rig_download(&rig, "several", file);
    lose_the_reply(file);
    rig_state_set(&rig, "asked_with", hash);
    lose_the_keys();
    requests = count_requests();
    rig_register(&rig, &run, expired);
    rig_expect(&run, 65, "the credential has expired");
    rig_expect(&run, 65, "not on the token any more");
    assert_int_equal(count_requests(), requests);
    assert_true(rig_exists(expired));
    expect_listed(true);
    /* A TPM that the vault has as that of the machine whose key is lost. */
    if (rig.kind == RIG_TPM2) {
        rig_register(&rig, &run, file);
        rig_expect(&run, 76, "this TPM is in the vault already");
    }
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1", "--attest",
                 "off", file, NULL);
    rig_expect(&run, 0, "");
    recorded = rig_state_load(&rig);
    assert_null(strstr(
        json_string_value(json_object_get(recorded, "asked_with")), hash));
    json_decref(recorded);
    free(hash);
}

#define TEST(name) RIG_CASE(name, rig_case_start)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(expired_credential_that_asked_nobody_is_refused),
        TEST(vault_that_was_asked_is_not_forgotten),
        TEST(another_vault_is_refused_once_one_was_asked),
        TEST(state_without_the_fact_is_understood),
        TEST(expired_credential_is_no_use_for_a_new_key),
    };

    return rig_case_main(argc, argv, tests);
}
