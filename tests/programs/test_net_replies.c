/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the real holdfast-net makes of replies that are cut off at every byte,
 * or are not what was asked for: an error of its own, and it lives on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/programs/net_seat.h"

static struct net_seat seat;
static struct err_cause cause;

static int
start(void **state)
{
    (void)state;
    net_seat_start(&seat);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    net_seat_stop(&seat);
    return 0;
}

static void
expect(const char *name, enum hostile_step step, enum ks_err err,
       const char *says)
{
    enum ks_err rc = net_seat_ask(&seat, step, &cause);

    if (rc != err || strstr(cause.text, says) == NULL)
        fail_msg("%s, step %d: %s instead of %s, or not \"%s\": %s", name, step,
                 err_name(rc), err_name(err), says, cause.text);
}

/* All is well again: what came before has left nothing. */
static void
expect_right(enum hostile_step step)
{
    hostile_reset(&seat.hostile);
    (void)strcpy(seat.hostile.script->vault, "7");
    expect("afterwards", step, KS_OK, "");
}

static void
right_replies_are_taken(void **state)
{
    (void)state;
    for (int step = 0; step < HOSTILE__MAX; step++)
        expect_right((enum hostile_step)step);
}

/* The end comes from TCP alone, as an attacker can bring it about, or from the
 * server itself, by TLS.  Of
 * a reply without a body the status line says all; a certificate's may be some
 * bytes shorter each time, since its signature is. */
static void
cut_short(enum hostile_step step, bool politely, size_t stride)
{
    static const char no_content[] = "HTTP/1.1 204 No Content\r\n";
    struct hostile_script *script = seat.hostile.script;
    size_t length;

    expect_right(step);
    script->closes = politely;
    hostile_go(&seat.hostile, step, HOSTILE_CUT);
    length = step == HOSTILE_LEAVE ? sizeof no_content - 1
                                   : script->length[step];
    if (step == HOSTILE_ENROL)
        length -= 8;
    for (size_t cut = 0; cut < length; cut += stride) {
        enum ks_err rc;

        script->cut = cut;
        rc = net_seat_ask(&seat, step, &cause);
        if (err_exit_status(rc) != 69 || cause.text[0] == '\0')
            fail_msg("step %d cut after %zu of %zu: %s: %s", step, cut, length,
                     err_name(rc), cause.text);
    }
    /* libcurl counts connections that died for as long as a handle lives. */
    net_seat_renew(&seat);
    expect_right(step);
}

static void
reply_cut_off_at_any_byte_is_none(void **state)
{
    (void)state;
    for (int step = 0; step < HOSTILE__MAX; step++)
        cut_short((enum hostile_step)step, false, 1);
}

static void
reply_ended_early_by_the_server_is_none(void **state)
{
    (void)state;
    for (int step = 0; step < HOSTILE__MAX; step++)
        cut_short((enum hostile_step)step, true, 7);
}

static void
statuses_are_told_apart(void **state)
{
    static const struct {
        const char *status;
        const char *headers;
        const char *body;
        enum ks_err err;
        const char *says;
    } replies[] = {
        {"302 Found", "Location: https://evil.example/\r\n", "",
         KS_ERR_NET_REPLY, "status 302"},
        {"307 Temporary Redirect", "Location: /other\r\n", "", KS_ERR_NET_REPLY,
         "status 307"},
        {"202 Accepted", "", "{}", KS_ERR_NET_REPLY, "status 202"},
        {"400 Bad Request", "", "<html>no</html>", KS_ERR_VAULT_REFUSED, "400"},
        {"401 Unauthorized", "",
         "{\"error_description\": \"superseded: by a newer\"}",
         KS_ERR_VAULT_CREDENTIAL, "401 superseded: by a newer"},
        {"401 Unauthorized", "",
         "{\"error_description\": \"clock: says 1, not 2\"}",
         KS_ERR_VAULT_CLOCK, "401 clock: says 1, not 2"},
        {"403 Forbidden", "", "{\"error\": \"\\u001b[2Jdenied\"}",
         KS_ERR_VAULT_REFUSED, "403 ?[2Jdenied"},
        {"407 Proxy Authentication Required", "", "", KS_ERR_VAULT_REFUSED,
         "407"},
        {"503 Busy", "Retry-After: 3600\r\n", "", KS_ERR_VAULT_FAILED,
         "it answers 503"},
        {"429 Too Many Requests", "Retry-After: 3600\r\n", "",
         KS_ERR_VAULT_FAILED, "it answers 429"},
    };

    (void)state;
    for (int step = 0; step < HOSTILE__MAX; step++) {
        for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
            hostile_reply(&seat.hostile, (enum hostile_step)step,
                          replies[i].status, replies[i].headers,
                          replies[i].body);
            expect(replies[i].status, (enum hostile_step)step, replies[i].err,
                   replies[i].says);
        }
        expect_right((enum hostile_step)step);
    }
}

/* What it says of the machine, and by no other reply. */
static void
leaving_twice_is_leaving(void **state)
{
    static const char revoked[] =
        "{\"error_description\": \"revoked: the machine has left\"}";

    (void)state;
    hostile_reply(&seat.hostile, HOSTILE_LEAVE, "403 Forbidden", "", revoked);
    expect("left", HOSTILE_LEAVE, KS_OK, "");
    hostile_reply(&seat.hostile, HOSTILE_LEAVE, "401 Unauthorized", "",
                  revoked);
    expect("401", HOSTILE_LEAVE, KS_ERR_VAULT_CREDENTIAL, "401 revoked:");
    hostile_reply(&seat.hostile, HOSTILE_LEAVE, "403 Forbidden", "",
                  "{\"error_description\": \"not revoked: no\"}");
    expect("another word", HOSTILE_LEAVE, KS_ERR_VAULT_REFUSED, "403 not");
    hostile_reply(&seat.hostile, HOSTILE_SELF, "403 Forbidden", "", revoked);
    expect("another step", HOSTILE_SELF, KS_ERR_VAULT_REFUSED, "403 revoked:");
    expect_right(HOSTILE_LEAVE);
}

/* Not JSON, or of other types than it should be, for each step with JSON */
static void
other_content_is_refused(void **state)
{
    static const char *const bodies[] = {
        "",
        "{",
        "[]",
        "null",
        "\"token_endpoint\"",
        "<html></html>",
        "{}",
        "{\"token_endpoint\": 1, \"nonce\": [], \"machine\": {}}",
        "{\"token_endpoint\": null, \"access_token\": null, \"nonce\": null}",
        "{\"token_endpoint\": \"\", \"access_token\": \"\", \"nonce\": \"\"}",
        "{\"token_endpoint\": \"https://evil.example/t/oauth2/v2.0/token\"}",
        "{\"token_type\": \"mac\", \"access_token\": \"a\"}",
        "{\"token_type\": \"Bearer\", \"access_token\": \"a\\u0000b\"}",
        "{\"token_type\": \"Bearer\", \"access_token\": \"a\\r\\nX: b\"}",
        "{\"nonce\": \"a\", \"nonce\": \"b\"}",
        "{\"nonce\": \"\xff\"}",
        "{\"machine\": \"m\", \"name\": 1, \"vault\": \"7\"}",
        "{\"origin\": \"born\", \"proof\": true}",
        "{\"origin\": \"born and bred here\", \"proof\": \"certified\"}",
        "{\"nonce\": \"n\", \"challenge\": 1}",
        "{\"nonce\": \"n\", \"challenge\": \"\"}",
        "{\"nonce\": \"n\", \"challenge\": \"A+/=\"}",
        "{} {}",
        "MIIB", /* base64 of nothing whole */
        "....",
    };

    (void)state;
    for (int step = 0; step < HOSTILE_LEAVE; step++) {
        const char *status = step == HOSTILE_NONCE ? "201 Created" : "200 OK";

        for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
            hostile_reply(&seat.hostile, (enum hostile_step)step, status, "",
                          bodies[i]);
            expect(bodies[i], (enum hostile_step)step, KS_ERR_NET_REPLY, "");
        }
        expect_right((enum hostile_step)step);
    }
}

static void
endless_replies_end(void **state)
{
    (void)state;
    for (int step = 0; step < HOSTILE_LEAVE; step++) {
        hostile_go(&seat.hostile, (enum hostile_step)step, HOSTILE_BODY);
        expect("body", (enum hostile_step)step, KS_ERR_NET_REPLY,
               "longer than 128 KiB");
        expect_right((enum hostile_step)step);
    }
}

static void
server_that_is_another_is_not_spoken_to(void **state)
{
    static const enum ks_err refusals[] = {
        [HOSTILE_UNTRUSTED] = KS_ERR_NET_TRUST,
        [HOSTILE_ELSEWHERE] = KS_ERR_NET_NAME,
        [HOSTILE_OUTDATED] = KS_ERR_NET_DATE,
    };

    (void)state;
    for (int identity = HOSTILE_UNTRUSTED; identity < HOSTILE_IDENTITY__MAX;
         identity++) {
        /* A connection that is open is that of who was trusted. */
        hostile_go(&seat.hostile, HOSTILE_DISCOVERY, HOSTILE_CUT);
        expect("closing", HOSTILE_DISCOVERY, KS_ERR_NET, "");
        hostile_reset(&seat.hostile);
        seat.hostile.script->identity = (enum hostile_identity)identity;
        expect("another", HOSTILE_DISCOVERY, refusals[identity], "");
        assert_int_equal(seat.hostile.script->asked[HOSTILE_DISCOVERY], 0);
        expect_right(HOSTILE_DISCOVERY);
    }
    hostile_go(&seat.hostile, HOSTILE_DISCOVERY, HOSTILE_CUT);
    expect("closing", HOSTILE_DISCOVERY, KS_ERR_NET, "");
    hostile_reset(&seat.hostile);
    seat.hostile.script->tls12 = true;
    expect("TLS 1.2", HOSTILE_DISCOVERY, KS_ERR_NET, "");
    assert_int_equal(seat.hostile.script->asked[HOSTILE_DISCOVERY], 0);
    expect_right(HOSTILE_DISCOVERY);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reply_cut_off_at_any_byte_is_none),
        cmocka_unit_test(reply_ended_early_by_the_server_is_none),
        cmocka_unit_test(statuses_are_told_apart),
        cmocka_unit_test(leaving_twice_is_leaving),
        cmocka_unit_test(other_content_is_refused),
        cmocka_unit_test(endless_replies_end),
        cmocka_unit_test(server_that_is_another_is_not_spoken_to),
        cmocka_unit_test(right_replies_are_taken),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
