/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registrations with a vault that is down, failing, hostile or not the vault:
 * whatever it does, the file and the state are kept, no second key comes onto
 * the token, and when the vault is itself again `register` succeeds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/integration/hostile.h"
#include "tests/integration/rig.h"
#include "tests/integration/snapshot.h"

static const char *kind;
static struct rig rig;
static struct rig_run run;
static struct hostile hostile;
static char file[RIG_PATH];
static char *before;

/* Trust the vault's issuer and the hostile server's, as if it were one. */
static void
join_issuers(void)
{
    static struct rig_run joining;
    char script[4 * RIG_PATH + 64];
    const char *argv[] = {"/bin/sh", "-c", script, NULL};

    snprintf(script, sizeof script, "cat '%s' '%s' >'%s/both.pem'", rig.ca_file,
             hostile.ca_file, rig.directory);
    rig_run(&joining, argv);
    rig_expect(&joining, 0, "");
    snprintf(rig.ca_file, sizeof rig.ca_file, "%.150s/both.pem", rig.directory);
}

/* A file of the real vault, in whose place the hostile one is. */
static int
start(void **state)
{
    (void)state;
    rig_start(&rig, kind);
    rig_download(&rig, "one", file);
    rig_vaultctl(&rig, &run, "stop", NULL, NULL);
    hostile_start(&hostile, rig.directory,
                  (unsigned)strtoul(strchr(rig.host, ':') + 1, NULL, 10));
    join_issuers();
    rig_use_net(&rig, NET_HURRIED);
    before = snapshot_take(file);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    free(before);
    hostile_stop(&hostile);
    rig_stop(&rig);
    return 0;
}

/* The credential's key, and from the enrolment on the machine's. */
static void
expect_kept(const char *name, size_t keys)
{
    char path[RIG_PATH + 16];
    char *after = snapshot_take(file);

    snprintf(path, sizeof path, "%s/state.json", rig.state);
    if (strcmp(before, after) != 0 || !rig_exists(path) ||
        rig_count_keys(&rig) != keys)
        fail_msg("%s: not as before, or not with %zu keys\n%s%s", name, keys,
                 before, after);
    free(after);
}

/* `register` ends with STATUS and one line that SAYS why. */
static void
expect(const char *name, int status, const char *says, size_t keys)
{
    const char *end;

    rig_register(&rig, &run, file);
    end = strchr(run.err, '\n');
    if (run.status != status || strstr(run.err, says) == NULL || end == NULL ||
        end[1] != '\0')
        fail_msg("%s: ended with %d instead of %d, or did not say \"%s\" in "
                 "one line\n%s",
                 name, run.status, status, says, run.err);
    expect_kept(name, keys);
    hostile_reset(&hostile);
}

/* The real vault is back: the same file, the same state. */
static void
expect_registration(void)
{
    hostile_stop(&hostile);
    rig_vaultctl(&rig, &run, "start", NULL, NULL);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
    assert_int_equal(rig_count_keys(&rig), 1);
    hostile_start(&hostile, rig.directory, 0);
}

static void
server_that_is_another_gets_nothing(void **state)
{
    static const char trust[] = "server could not be authenticated";

    (void)state;
    hostile.script->identity = HOSTILE_UNTRUSTED;
    expect("wrong issuer", 69, trust, 1);
    hostile.script->identity = HOSTILE_ELSEWHERE;
    expect("wrong name", 69, trust, 1);
    hostile.script->identity = HOSTILE_OUTDATED;
    expect("out of date", 69, trust, 1);
    hostile.script->tls12 = true;
    expect("TLS 1.2", 69, "cannot be reached", 1);
    hostile_stop(&hostile);
    rig_register(&rig, &run, file);
    rig_expect(&run, 69, "cannot be reached");
    expect_kept("down", 1);
    hostile_start(&hostile, rig.directory,
                  (unsigned)strtoul(strchr(rig.host, ':') + 1, NULL, 10));
    expect_registration();
}

/* One refusal in each of the protocol's words, and Entra's. */
static void
refusals_are_told_in_the_vaults_words(void **state)
{
    static const struct {
        enum hostile_step step;
        const char *status;
        const char *sentence;
        const char *says;
        size_t keys;
    } refusals[] = {
        {HOSTILE_TOKEN, "401 No", "superseded: by a newer file",
         "takes this credential no more", 1},
        {HOSTILE_TOKEN, "401 No", "expired: it was made long ago",
         "takes this credential no more", 1},
        {HOSTILE_TOKEN, "401 No", "retired: it was for one machine",
         "takes this credential no more", 1},
        {HOSTILE_TOKEN, "401 No", "revoked: by its owner",
         "takes this credential no more", 1},
        {HOSTILE_TOKEN, "401 No", "unknown-certificate: of no vault",
         "takes this credential no more", 1},
        {HOSTILE_TOKEN, "401 No", "AADSTS700027: Client assertion failed.",
         "takes this credential no more", 1},
        {HOSTILE_TOKEN, "401 No", "clock: iat 5 is after 4",
         "this machine's clock is not the vault's", 1},
        {HOSTILE_TOKEN, "401 No",
         "AADSTS700024: Client assertion is not within its valid time range.",
         "this machine's clock is not the vault's", 1},
        {HOSTILE_TOKEN, "401 No", "certificate-mismatch: two certificates",
         "the vault refused", 1},
        {HOSTILE_TOKEN, "401 No", "assertion: the audience",
         "the vault refused", 1},
        {HOSTILE_TOKEN, "400 No", "request: no form", "the vault refused", 1},
        {HOSTILE_NONCE, "401 No", "token: it is altered", "the vault refused",
         2},
        {HOSTILE_NONCE, "401 No", "clock: exp 4 is before 5",
         "this machine's clock is not the vault's", 2},
        {HOSTILE_ENROL, "403 No", "proof: for another key", "the vault refused",
         2},
        {HOSTILE_ENROL, "403 No", "nonce: used before", "the vault refused", 2},
        {HOSTILE_ENROL, "401 No", "superseded: meanwhile",
         "takes this credential no more", 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        char body[256];

        snprintf(body, sizeof body,
                 "{\"error\": \"e\", \"error_description\": \"%s\"}",
                 refusals[i].sentence);
        hostile_reply(&hostile, refusals[i].step, refusals[i].status, "", body);
        expect(refusals[i].sentence, 76, refusals[i].says, refusals[i].keys);
        assert_non_null(strstr(run.err, refusals[i].sentence));
    }
    expect_registration();
}

static void
replies_that_are_none_are_refused(void **state)
{
    static const struct {
        enum hostile_step step;
        const char *status;
        const char *headers;
        const char *body;
        const char *says;
    } replies[] = {
        {HOSTILE_DISCOVERY, "302 Found", "Location: https://localhost:1/\r\n",
         "", "makes no sense: discovery: status 302"},
        {HOSTILE_DISCOVERY, "200 OK", "",
         "{\"token_endpoint\": \"https://evil.example/token\"}",
         "names another token endpoint"},
        {HOSTILE_TOKEN, "200 OK", "", "not JSON", "it is not a JSON object"},
        {HOSTILE_TOKEN, "200 OK", "",
         "{\"token_type\": \"Bearer\", \"access_token\": 7}",
         "it holds no bearer token"},
        {HOSTILE_TOKEN, "407 Proxy Authentication Required", "", "",
         "the vault refused: token request: 407"},
        {HOSTILE_NONCE, "201 Created", "", "{}", "it holds no nonce"},
        {HOSTILE_AUTHORITIES, "200 OK", "", "AAAA", "it holds no certificates"},
        {HOSTILE_ENROL, "200 OK", "", "", "it holds no certificates"},
    };
    size_t keys = 1;

    (void)state;
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        hostile_reply(&hostile, replies[i].step, replies[i].status,
                      replies[i].headers, replies[i].body);
        if (replies[i].step >= HOSTILE_NONCE)
            keys = 2;
        expect(replies[i].says, strstr(replies[i].status, "407") ? 76 : 69,
               replies[i].says, keys);
    }
    expect_registration();
}

/* Time and length are limited, by the real limits or, hurried, by seconds. */
static void
replies_without_an_end_end(void **state)
{
    static const struct {
        enum hostile_step step;
        enum hostile_way way;
        size_t keys;
    } ways[] = {
        {HOSTILE_DISCOVERY, HOSTILE_SILENT, 1},
        {HOSTILE_DISCOVERY, HOSTILE_SLOW, 1},
        {HOSTILE_TOKEN, HOSTILE_BODY, 1},
        {HOSTILE_TOKEN, HOSTILE_HEADERS, 1},
        {HOSTILE_TOKEN, HOSTILE_CONTINUE, 1},
        {HOSTILE_TOKEN, HOSTILE_CUT, 1},
        {HOSTILE_ENROL, HOSTILE_SLOW, 2},
        {HOSTILE_ENROL, HOSTILE_BODY, 2},
        {HOSTILE_ENROL, HOSTILE_CUT, 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        char name[32];

        snprintf(name, sizeof name, "step %d, way %d", ways[i].step,
                 ways[i].way);
        hostile_go(&hostile, ways[i].step, ways[i].way);
        hostile.script->cut = 100;
        expect(name, 69, "", ways[i].keys);
    }
    expect_registration();
}

/* Instead of the machine's certificate the authority's own. */
static void
foreign_certificate_is_refused(void **state)
{
    (void)state;
    hostile_go(&hostile, HOSTILE_ENROL, HOSTILE_FOREIGN);
    expect("foreign", 76, "a certificate that is not ours", 2);
    expect_registration();
}

static void
vault_that_fails_twice_is_asked_again(void **state)
{
    (void)state;
    hostile_reply(&hostile, HOSTILE_TOKEN, "503 Busy", "Retry-After: 1\r\n",
                  "");
    hostile.script->times = 2;
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_int_equal(hostile.script->asked[HOSTILE_TOKEN], 3);
    assert_int_equal(hostile.script->asked[HOSTILE_DISCOVERY], 1);
    assert_false(rig_exists(file));
    assert_int_equal(rig_count_keys(&rig), 1);
}

static void
vault_that_stays_failing_is_given_up(void **state)
{
    static const char failed[] = "the vault's server has failed";
    unsigned asked;

    (void)state;
    hostile_reply(&hostile, HOSTILE_DISCOVERY, "500 Oops", "", "");
    rig_register(&rig, &run, file);
    asked = hostile.script->asked[HOSTILE_DISCOVERY];
    rig_expect(&run, 69, failed);
    assert_in_range(asked, 8, 13);
    /* One that closes costs a handshake each time, of which there are five. */
    hostile_reset(&hostile);
    hostile_reply(&hostile, HOSTILE_DISCOVERY, "502 Bad Gateway", "", "");
    hostile.script->closes = true;
    rig_register(&rig, &run, file);
    rig_expect(&run, 69, failed);
    assert_int_equal(hostile.script->asked[HOSTILE_DISCOVERY], 5);
    hostile_reset(&hostile);
    hostile_reply(&hostile, HOSTILE_DISCOVERY, "429 Later",
                  "Retry-After: 3600\r\n", "");
    rig_register(&rig, &run, file);
    rig_expect(&run, 69, failed);
    assert_int_equal(hostile.script->asked[HOSTILE_DISCOVERY], 1);
    expect_kept("failing", 1);
    hostile_reset(&hostile);
    expect_registration();
}

/* The machine is enrolled; the call that proves it comes to nothing. */
static void
nothing_is_wiped_before_the_machines_call_succeeds(void **state)
{
    (void)state;
    hostile_reply(&hostile, HOSTILE_SELF, "200 OK", "",
                  "{\"machine\": \"another\", \"name\": \"n\", \"vault\": "
                  "\"7\", \"vault_name\": \"v\"}");
    expect("another machine", 76, "it calls this machine another", 2);
    hostile_reply(&hostile, HOSTILE_SELF, "403 No", "",
                  "{\"error_description\": \"revoked: the machine\"}");
    expect("revoked", 76, "the vault refused", 2);
    hostile_go(&hostile, HOSTILE_SELF, HOSTILE_SILENT);
    expect("silent", 69, "cannot be reached", 2);
    hostile_reply(&hostile, HOSTILE_SELF, "200 OK", "", "[]");
    expect("no object", 69, "makes no sense", 2);
    hostile_go(&hostile, HOSTILE_SELF, HOSTILE_CUT);
    expect("cut", 69, "cannot be reached", 2);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
    assert_int_equal(rig_count_keys(&rig), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(server_that_is_another_gets_nothing),
        TEST(refusals_are_told_in_the_vaults_words),
        TEST(replies_that_are_none_are_refused),
        TEST(replies_without_an_end_end),
        TEST(foreign_certificate_is_refused),
        TEST(vault_that_stays_failing_is_given_up),
        TEST(nothing_is_wiped_before_the_machines_call_succeeds),
        TEST(vault_that_fails_twice_is_asked_again),
    };

    kind = argc == 2 ? argv[1] : "soft";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
