/* SPDX-License-Identifier: Apache-2.0 */
/* A file of CRLs for the vault's server, whose certificates come from an
 * authority between that issues such lists. */
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

#include <openssl/pem.h>

#include "tests/support/rig_data.h"
#include "tests/programs/server_crl.h"
#include "tests/programs/untouched.h"

static const struct server_certificate server = {
    .name = "server", .san = "DNS:localhost,IP:127.0.0.1"};
static const struct server_certificate middle = {
    .key = "P-256/middle",
    .name = "middle",
    .san = "",
    .basic = "critical,CA:TRUE",
    .usage = "critical,keyCertSign,cRLSign"};
static const struct server_certificate *const middles[] = {&middle, NULL};

static struct server_chain chain;
static char lists[RIG_PATH + 16];

/* The file of lists: these of the server's issuer and of that one's */
static void
write_lists(enum server_crl_kind servers, enum server_crl_kind middles_own,
            enum server_crl_form form)
{
    const struct server_crl kinds[] = {
        {servers, 0}, {middles_own, 1}, {CRL_END, 0}};

    server_crl_write(form != CRL_AS_WORDS ? kinds : &kinds[2], &chain, middles,
                     form, lists);
}

/* The vault's server is this from its next start on. */
static void
write_server(void)
{
    char path[RIG_PATH + 16];
    FILE *to;

    snprintf(path, sizeof path, "%s/server.pem", rig.vault);
    to = fopen(path, "we");
    assert_non_null(to);
    assert_int_equal(PEM_write_X509(to, chain.leaf), 1);
    assert_int_equal(PEM_write_X509(to, sk_X509_value(chain.others, 0)), 1);
    assert_int_equal(fclose(to), 0);
    snprintf(path, sizeof path, "%s/server.key", rig.vault);
    to = fopen(path, "we");
    assert_non_null(to);
    assert_int_equal(
        PEM_write_PrivateKey(to, chain.key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(fclose(to), 0);
}

static int
start(void **state)
{
    (void)untouched_start(state);
    snprintf(lists, sizeof lists, "%s/lists.pem", rig.directory);
    rig_vaultctl(&rig, &run, "stop", NULL, NULL);
    server_chain_begin(rig.ca_file);
    server_chain_make(&server, middles, SERVER_AUTHORITY, SERVER_NONE, &chain);
    write_server();
    rig_vaultctl(&rig, &run, "start", NULL, NULL);
    write_lists(CRL_GOOD, CRL_GOOD, CRL_AS_PEM);
    return 0;
}

static int
stop(void **state)
{
    server_chain_free(&chain);
    server_chain_end();
    return untouched_stop(state);
}

static void
register_with(const char *path)
{
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1", "--crl-file",
                 path, file, NULL);
}

static void
expect_recorded(const char *wanted)
{
    json_t *report;
    const char *is;

    rig_holdfast(&rig, &run, "status", "--json", NULL);
    report = rig_json(&run);
    is = json_string_value(
        json_object_get(json_object_get(report, "settings"), "crl_file"));
    assert_string_equal(is != NULL ? is : "", wanted);
    json_decref(report);
}

/* Each way that a file can be none, and what is said of it */
static const struct {
    enum server_crl_kind servers;
    enum server_crl_form form;
    const char *says;
} unusable[] = {
    {CRL_GOOD, CRL_AS_WORDS, "lists.pem: it holds no CRL; give --crl-file"},
    {CRL_GOOD, CRL_AS_CUT, "lists.pem: a CRL in it is malformed: "},
    {CRL_DELTA, CRL_AS_PEM, "lists.pem: a delta CRL is in it; give complete"},
    {CRL_ENDLESS, CRL_AS_PEM, "lists.pem: a CRL in it has no nextUpdate; "},
};

#define UNUSABLE (sizeof unusable / sizeof unusable[0])

static void
lists_that_are_none_are_refused_before_anything_is_imported(void **state)
{
    (void)state;
    register_with("/nonexistent/lists.pem");
    untouched_expect(66, "no such file: /nonexistent/lists.pem: ", 0);
    register_with(rig.directory);
    untouched_expect(66, "the revocation lists are not usable: ", 0);
    for (size_t i = 0; i < UNUSABLE; i++) {
        write_lists(unusable[i].servers, CRL_GOOD, unusable[i].form);
        register_with(lists);
        untouched_expect(66, unusable[i].says, 0);
    }
    write_lists(CRL_ENDED, CRL_ENDED, CRL_AS_PEM);
    register_with(lists);
    untouched_expect(66, "no CRL in it is of today; check this machine's clock",
                     0);
    assert_int_equal(truncate(lists, (16 << 20) + 1), 0);
    register_with(lists);
    untouched_expect(66, "is no regular file of 1 byte to 16 MiB", 0);
    rig_write(lists, "", 0);
    register_with(lists);
    untouched_expect(66, "is no regular file of 1 byte to 16 MiB", 0);
}

/* The vault is in trouble, then has a new certificate, say. */
static void
revoked_server_gets_no_registration_until_it_is_mended(void **state)
{
    (void)state;
    write_lists(CRL_REVOKES, CRL_GOOD, CRL_AS_PEM);
    register_with(lists);
    untouched_expect(69,
                     "the certificate of the vault's server cannot be "
                     "accepted: localhost: status: certificate revoked "
                     "(issuer CN=middle); tell the vault's operator",
                     1);
    write_lists(CRL_GOOD, CRL_GOOD, CRL_AS_PEM);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    expect_recorded(lists);
}

static void
reconfigure(const char *path, int status, const char *says)
{
    char program[RIG_PATH + 16];
    const char *argv[] = {program,      "reconfigure", "--state-dir", rig.state,
                          "--crl-file", path,          NULL};

    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    rig_run(&run, argv);
    rig_expect(&run, status, says);
}

static void
reconfigure_refuses_what_is_none_and_takes_a_list_away(void **state)
{
    char here[RIG_PATH];

    (void)state;
    register_with("none");
    rig_expect(&run, 0, "");
    expect_recorded("");
    reconfigure("/nonexistent/lists.pem", 66, "no such file: ");
    for (size_t i = 0; i < UNUSABLE; i++) {
        write_lists(unusable[i].servers, CRL_GOOD, unusable[i].form);
        reconfigure(lists, 66, unusable[i].says);
    }
    expect_recorded("");
    write_lists(CRL_REVOKES, CRL_GOOD, CRL_AS_PEM);
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(rig.directory), 0);
    reconfigure("lists.pem", 0, "");
    assert_int_equal(chdir(here), 0);
    expect_recorded(lists);
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 69, "certificate revoked (issuer CN=middle)");
    reconfigure("none", 0, "");
    expect_recorded("");
    rig_holdfast(&rig, &run, "unregister", NULL);
    rig_expect(&run, 0, "");
}

static void
back_up(const char *crl_file, int status, const char *says)
{
    if (crl_file != NULL)
        rig_holdfast(&rig, &run, "backup", "--crl-file", crl_file, rig.source,
                     NULL);
    else
        rig_holdfast(&rig, &run, "backup", rig.source, NULL);
    rig_expect(&run, status, says);
}

/* By a new list in the same file: it is read at each run. */
static void
server_that_is_revoked_meanwhile_gets_no_backup(void **state)
{
    (void)state;
    rig_data_prepare(&rig);
    reconfigure(lists, 0, "");
    back_up(NULL, 0, "");
    write_lists(CRL_REVOKES, CRL_GOOD, CRL_AS_PEM);
    back_up(NULL, 69,
            "holdfast: backup: the certificate of the vault's server cannot be "
            "accepted: localhost: status: certificate revoked (issuer "
            "CN=middle); tell the vault's operator");
    rig_holdfast(&rig, &run, "snapshots", NULL);
    rig_expect(&run, 69, "holdfast: snapshots: the certificate of the vault");
    write_lists(CRL_GOOD, CRL_ENDED, CRL_AS_PEM);
    back_up(NULL, 69,
            "holdfast: backup: the revocation lists do not cover the vault's "
            "server: "
            "localhost: crl: CRL has expired (issuer CN=authority); check this "
            "machine's clock, and put the current CRL");
    write_lists(CRL_GOOD, CRL_GOOD, CRL_AS_CUT);
    back_up(
        NULL, 66,
        "holdfast: backup: the revocation lists are not usable: a CRL in it");
    assert_int_equal(unlink(lists), 0);
    back_up(NULL, 66, "no such file: ");
    assert_int_equal(rig_data_count(&rig, "snapshots"), 1);
    back_up("none", 0, "");
    expect_recorded(lists);
    reconfigure("none", 0, "");
    back_up(NULL, 0, "");
    write_lists(CRL_REVOKES, CRL_GOOD, CRL_AS_PEM);
    back_up(lists, 69, "certificate revoked (issuer CN=middle)");
    assert_int_equal(rig_data_count(&rig, "snapshots"), 3);
}

/* Have holdfast run with that many descriptors at the most. */
static void
limit_descriptors(const char *program, unsigned most)
{
    char to[RIG_PATH + 32], script[2 * RIG_PATH];

    snprintf(to, sizeof to, "%s/holdfast", rig.bin);
    snprintf(script, sizeof script, "#!/bin/sh\nulimit -n %u\nexec %s \"$@\"\n",
             most, program);
    rig_write(to, script, strlen(script));
    assert_int_equal(chmod(to, 0700), 0);
}

/* A helper that a descriptor did not reach would find no lists, and none
 * revoked. */
static void
descriptors_that_run_out_turn_nothing_off(void **state)
{
    char program[RIG_PATH + 16];

    (void)state;
    register_with("none");
    rig_expect(&run, 0, "");
    write_lists(CRL_REVOKES, CRL_GOOD, CRL_AS_PEM);
    reconfigure(lists, 0, "");
    snprintf(program, sizeof program, "%s/holdfast", rig.bin);
    snprintf(rig.bin, sizeof rig.bin, "%.150s/limited", rig.directory);
    assert_int_equal(mkdir(rig.bin, 0700), 0);
    for (unsigned most = 4; most < 32; most++) {
        limit_descriptors(program, most);
        rig_holdfast(&rig, &run, "unregister", NULL);
        assert_int_not_equal(run.status, 0);
        assert_null(strstr(run.err, "internal error"));
        assert_null(strstr(run.err, "Bad file descriptor"));
        if (most > 8 && run.status != 69 && run.status != 71)
            fail_msg("with %u: %d: %s", most, run.status, run.err);
    }
    rig_expect(&run, 69, "certificate revoked (issuer CN=middle)");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(lists_that_are_none_are_refused_before_anything_is_imported),
        TEST(revoked_server_gets_no_registration_until_it_is_mended),
        TEST(reconfigure_refuses_what_is_none_and_takes_a_list_away),
        TEST(server_that_is_revoked_meanwhile_gets_no_backup),
        TEST(descriptors_that_run_out_turn_nothing_off),
    };

    return rig_case_main(argc, argv, tests);
}
