/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registrations with a vault that is down, hostile or not the vault:
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

#include "tests/programs/hostile_rig.h"

static void
server_that_is_another_gets_nothing(void **state)
{
    (void)state;
    hostile.script->identity = HOSTILE_UNTRUSTED;
    hostile_rig_expect("wrong issuer", 69, "server could not be authenticated",
                       1);
    hostile.script->identity = HOSTILE_ELSEWHERE;
    hostile_rig_expect("wrong name", 69, "a certificate for another name", 1);
    hostile.script->identity = HOSTILE_OUTDATED;
    hostile_rig_expect("out of date", 69, "server is out of date", 1);
    hostile.script->tls12 = true;
    hostile_rig_expect("TLS 1.2", 69, "cannot be reached", 1);
    hostile_stop(&hostile);
    rig_register(&rig, &run, file);
    rig_expect(&run, 69, "cannot be reached");
    hostile_rig_expect_kept("down", 1);
    hostile_start(&hostile, rig.directory,
                  (unsigned)strtoul(strchr(rig.host, ':') + 1, NULL, 10));
    hostile_rig_expect_registration();
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
        hostile_rig_expect(refusals[i].sentence, 76, refusals[i].says,
                           refusals[i].keys);
        assert_non_null(strstr(run.err, refusals[i].sentence));
    }
    hostile_rig_expect_registration();
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
        hostile_rig_expect(replies[i].says,
                           strstr(replies[i].status, "407") ? 76 : 69,
                           replies[i].says, keys);
    }
    hostile_rig_expect_registration();
}

/* Time and length are limited, by the real limits or, in net_short_limits, by
 * seconds. */
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
        hostile_rig_expect(name, 69, "", ways[i].keys);
    }
    hostile_rig_expect_registration();
}

/* Instead of the machine's certificate the authority's own. */
static void
foreign_certificate_is_refused(void **state)
{
    (void)state;
    hostile_go(&hostile, HOSTILE_ENROL, HOSTILE_FOREIGN);
    hostile_rig_expect("foreign", 76, "a certificate that is not ours", 2);
    hostile_rig_expect_registration();
}

/* A server may ask a client that offered it for a further signature in the
 * middle of a connection (RFC 8446, 4.6.2), as often as it likes. */
static void
server_that_asks_again_gets_no_signature(void **state)
{
    (void)state;
    hostile.script->asks_again = true;
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_int_equal(hostile.script->offered, 0);
    assert_int_equal(hostile.script->handshakes, 2);
}

/* The machine is enrolled; the call that proves it comes to nothing. */
static void
nothing_is_wiped_before_the_machines_call_succeeds(void **state)
{
    (void)state;
    hostile_reply(&hostile, HOSTILE_SELF, "200 OK", "",
                  "{\"machine\": \"another\", \"name\": \"n\", \"vault\": "
                  "\"7\", \"vault_name\": \"v\"}");
    hostile_rig_expect("another machine", 76, "it calls this machine another",
                       2);
    hostile_reply(&hostile, HOSTILE_SELF, "403 No", "",
                  "{\"error_description\": \"revoked: the machine\"}");
    hostile_rig_expect("revoked", 76, "the vault refused", 2);
    hostile_go(&hostile, HOSTILE_SELF, HOSTILE_SILENT);
    hostile_rig_expect("silent", 69, "cannot be reached", 2);
    hostile_reply(&hostile, HOSTILE_SELF, "200 OK", "", "[]");
    hostile_rig_expect("no object", 69, "makes no sense", 2);
    hostile_go(&hostile, HOSTILE_SELF, HOSTILE_CUT);
    hostile_rig_expect("cut", 69, "cannot be reached", 2);
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
    assert_int_equal(rig_count_keys(&rig), 1);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        HOSTILE_RIG(server_that_is_another_gets_nothing),
        HOSTILE_RIG(refusals_are_told_in_the_vaults_words),
        HOSTILE_RIG(replies_that_are_none_are_refused),
        HOSTILE_RIG(replies_without_an_end_end),
        HOSTILE_RIG(foreign_certificate_is_refused),
        HOSTILE_RIG(server_that_asks_again_gets_no_signature),
        HOSTILE_RIG(nothing_is_wiped_before_the_machines_call_succeeds),
    };

    return rig_case_main(argc, argv, tests);
}
