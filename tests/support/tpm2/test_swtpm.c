/* SPDX-License-Identifier: Apache-2.0 */
/* That the emulated TPMs of the tests are what the tests take them for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/store_fixture.h"
#include "tests/support/tpm2/swtpm.h"
#include "tests/support/tpm2/swtpm_maker.h"
#include "tests/support/tpm2/tpm2_tool.h"

#define OPENSSL "/usr/bin/openssl"
#define PERSISTENT "0x81000001"

static struct store_fixture *fixture;
static struct rig_run run;

static int
start(void **state)
{
    (void)state;
    fixture = store_fixture_new("tpm2");
    return fixture != NULL ? 0 : -1;
}

static int
start_endorsed(void **state)
{
    (void)state;
    fixture = store_fixture_new("endorsed");
    return fixture != NULL ? 0 : -1;
}

static int
stop(void **state)
{
    (void)state;
    store_fixture_free(&fixture);
    return 0;
}

static const char *
socket_of(const struct store_fixture *store)
{
    return swtpm_socket(store_fixture_swtpm(store));
}

static void
make_primary(const struct store_fixture *store)
{
    tpm2_tool_create_primary(&run, socket_of(store),
                             store_fixture_directory(store));
    rig_expect(&run, 0, "");
}

static void
persist_primary(void)
{
    make_primary(fixture);
    tpm2_tool(&run, socket_of(fixture), "evictcontrol", "-C", "o", "-c",
              "0x80000000", PERSISTENT, NULL);
    rig_expect(&run, 0, "");
}

static void
assert_handles(const char *kind, const char *wanted)
{
    tpm2_tool(&run, socket_of(fixture), "getcap", kind, NULL);
    rig_expect(&run, 0, "");
    assert_string_equal(run.out, wanted);
}

static void
place_that_does_not_do_is_refused(void **state)
{
    char deep[128];

    (void)state;
    memset(deep, 'a', sizeof deep);
    (void)memcpy(deep, "/tmp/", strlen("/tmp/"));
    deep[sizeof deep - 1] = '\0';
    assert_null(swtpm_new(deep));
    assert_null(swtpm_new("tmp"));
    assert_null(swtpm_new("/nonexistent"));
    /* One is there already. */
    assert_null(swtpm_new(store_fixture_directory(fixture)));
}

static void
each_has_a_seed_of_its_own(void **state)
{
    struct store_fixture *second = store_fixture_new("tpm2");
    char *first;

    (void)state;
    assert_non_null(second);
    make_primary(fixture);
    first = strdup(run.out);
    make_primary(second);
    assert_string_not_equal(run.out, first);
    make_primary(fixture);
    assert_string_equal(run.out, first);
    free(first);
    store_fixture_free(&second);
}

static void
restart_keeps_what_is_persistent(void **state)
{
    (void)state;
    persist_primary();
    assert_handles("handles-transient", "- 0x80000000\n");
    assert_int_equal(swtpm_restart(store_fixture_swtpm(fixture)), 0);
    assert_handles("handles-transient", "");
    assert_handles("handles-persistent", "- " PERSISTENT "\n");
}

static void
replaced_one_is_another(void **state)
{
    char *before;

    (void)state;
    make_primary(fixture);
    before = strdup(run.out);
    persist_primary();
    assert_int_equal(swtpm_replace(store_fixture_swtpm(fixture)), 0);
    assert_handles("handles-persistent", "");
    make_primary(fixture);
    assert_string_not_equal(run.out, before);
    free(before);
}

static void
none_runs_on_after_its_fixture(void **state)
{
    struct store_fixture *store = store_fixture_new("tpm2");
    char socket[128];

    (void)state;
    assert_non_null(store);
    (void)snprintf(socket, sizeof socket, "%s", socket_of(store));
    tpm2_tool(&run, socket, "getrandom", "--hex", "8", NULL);
    rig_expect(&run, 0, "");
    store_fixture_free(&store);
    tpm2_tool(&run, socket, "getrandom", "--hex", "8", NULL);
    assert_int_not_equal(run.status, 0);
}

/* Read the certificate at the NV INDEX, and have OpenSSL hold it against the
 * maker's. */
static void
assert_vouched(const char *index)
{
    const char *directory = store_fixture_directory(fixture);
    char der[128], pem[128], root[160], issuer[160];
    const char *convert[] = {OPENSSL, "x509", "-inform", "DER", "-in",
                             der,     "-out", pem,       NULL};
    const char *verify[] = {OPENSSL,      "verify", "-CAfile", root,
                            "-untrusted", issuer,   pem,       NULL};

    (void)snprintf(der, sizeof der, "%s/%s.der", directory, index);
    (void)snprintf(pem, sizeof pem, "%s/%s.pem", directory, index);
    (void)snprintf(root, sizeof root,
                   "%s/" STORE_FIXTURE_MAKER "/" SWTPM_MAKER_ROOT, directory);
    (void)snprintf(issuer, sizeof issuer,
                   "%s/" STORE_FIXTURE_MAKER "/" SWTPM_MAKER_ISSUER, directory);
    tpm2_tool(&run, socket_of(fixture), "nvread", index, "-o", der, NULL);
    rig_expect(&run, 0, "");
    rig_run(&run, convert);
    rig_expect(&run, 0, "");
    rig_run(&run, verify);
    rig_expect(&run, 0, "");
}

static void
endorsed_one_has_its_makers_word(void **state)
{
    (void)state;
    assert_handles("handles-persistent", "- 0x81010001\n- 0x81010016\n");
    assert_vouched("0x01c00002");
    assert_vouched("0x01c00016");
    /* Another of the same maker's, with the CA that is there already. */
    assert_int_equal(swtpm_replace(store_fixture_swtpm(fixture)), 0);
    assert_vouched("0x01c00002");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(place_that_does_not_do_is_refused),
        TEST(each_has_a_seed_of_its_own),
        TEST(restart_keeps_what_is_persistent),
        TEST(replaced_one_is_another),
        cmocka_unit_test_setup_teardown(endorsed_one_has_its_makers_word,
                                        start_endorsed, stop),
        TEST(none_runs_on_after_its_fixture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
