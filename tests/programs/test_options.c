/* SPDX-License-Identifier: Apache-2.0 */
/* What the options of `register` change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/support/rig_case.h"

static void
token_endpoint_at_a_strange_host_is_refused(void **state)
{
    (void)state;
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1",
                 "--token-endpoint", "https://evil.example/token", file, NULL);
    rig_expect(&run, 65, "the token endpoint is at evil.example");
    assert_true(rig_exists(file));
    assert_int_equal(rig_count_keys(&rig), 0);
}

/* The vault under its other name gets the request, and an assertion that says
 * so: it wants its first name there. */
static void
token_endpoint_is_asked_and_named_in_the_assertion(void **state)
{
    char host[64], url[256];
    json_t *shown;
    const char *tenant;

    (void)state;
    rig_holdfast(&rig, &run, "show", "--json", file, NULL);
    shown = rig_json(&run);
    tenant = json_string_value(
        json_object_get(json_object_get(shown, "endpoints"), "tenant"));
    assert_non_null(tenant);
    snprintf(host, sizeof host, "127.0.0.1%s", strchr(rig.host, ':'));
    snprintf(url, sizeof url, "https://%s/%s/oauth2/v2.0/token", host, tenant);
    json_decref(shown);
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1",
                 "--vault-host", host, "--token-endpoint", url, file, NULL);
    rig_expect(&run, 76, "assertion: its aud is not this vault's");
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
}

static void
credential_key_stays_until_the_machine_leaves(void **state)
{
    json_t *report;
    const char *key;

    (void)state;
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1",
                 "--keep-credential-key", "--json", file, NULL);
    rig_expect(&run, 0, "");
    report = rig_json(&run);
    key = json_string_value(
        json_object_get(json_object_get(report, "credential"), "key"));
    assert_string_equal(key, "kept on the token");
    json_decref(report);
    assert_int_equal(rig_count_keys(&rig), 2);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
    assert_int_equal(rig_count_keys(&rig), 0);
}

/* A file from a pipe may be anywhere. */
static void
copy_that_may_remain_is_an_error_on_request(void **state)
{
    (void)state;
    rig_register_input(&rig, &run, file, "--strict-wipe");
    rig_expect(&run, 11, "a copy may remain");
    rig_holdfast(&rig, &run, "status", NULL);
    rig_expect(&run, 0, "");
}

#define TEST(name) RIG_CASE(name, rig_case_start_one)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(token_endpoint_at_a_strange_host_is_refused),
        TEST(token_endpoint_is_asked_and_named_in_the_assertion),
        TEST(credential_key_stays_until_the_machine_leaves),
        TEST(copy_that_may_remain_is_an_error_on_request),
    };

    return rig_case_main(argc, argv, tests);
}
