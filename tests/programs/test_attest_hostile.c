/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof of where the key lives, with a vault that does one thing wrong: the
 * file and the state are kept, and what is required is not done without.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "tests/support/rig_state.h"
#include "tests/programs/hostile_rig.h"

#define BOTH_KEYS 2

static void
attempt(const char *mode)
{
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1", "--json",
                 "--attest", mode, file, NULL);
}

/* It ends with STATUS and SAYS so in one line, in each mode of MODES, which
 * ends with NULL. */
static void
expect_refusal(const char *const *modes, int status, const char *says)
{
    for (; *modes != NULL; modes++) {
        const char *end;

        attempt(*modes);
        end = strchr(run.err, '\n');
        if (run.status != status || strstr(run.err, says) == NULL ||
            end == NULL || end[1] != '\0')
            fail_msg("%s: ended with %d instead of %d, or did not say \"%s\" "
                     "in one line\n%s",
                     *modes, run.status, status, says, run.err);
        hostile_rig_expect_kept(says, BOTH_KEYS);
    }
    hostile_reset(&hostile);
}

static const char *const every[] = {"require", "try", NULL};
static const char *const required[] = {"require", NULL};

/* The claims of the last enrolment's proof. */
static json_t *
claims(void)
{
    const char *start = strchr(hostile.script->proof, '.');
    size_t length = start != NULL ? strcspn(start + 1, ".") : 0;
    char text[8192] = "", decoded[8192];
    json_t *claims;
    int n;

    assert_true(length > 0 && length < sizeof text - 4);
    memcpy(text, start + 1, length);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)(text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i]);
    while (length % 4 != 0)
        text[length++] = 'A';
    n = EVP_DecodeBlock((unsigned char *)decoded, (unsigned char *)text,
                        (int)length);
    assert_true(n > 0);
    decoded[n] = '\0';
    claims = json_loads(decoded, JSON_DISABLE_EOF_CHECK, NULL);
    assert_non_null(claims);
    return claims;
}

/* The proof's claim in MODE: with an AK's Name, and with the hash of the bytes
 * that the server was given or without. */
static void
expect_claim(const char *mode, bool offered, bool given)
{
    json_t *all = claims();
    json_t *claim = json_object_get(all, "attestation");
    const char *name = json_string_value(json_object_get(claim, "ak_name"));
    const char *hash = json_string_value(
        json_object_get(claim, "evidence_sha256"));
    uint8_t bytes[32];
    char text[48];

    assert_string_equal(json_string_value(json_object_get(claim, "mode")),
                        mode);
    /* A Name of SHA-256: 34 bytes, which begin with its number, 0x000b. */
    assert_int_equal(name != NULL, offered);
    if (offered) {
        assert_int_equal(strlen(name), 46);
        assert_int_equal(strncmp(name, "AA", 2), 0);
        assert_non_null(strchr("stuv", name[2]));
    }
    assert_int_equal(hash != NULL, given);
    if (given) {
        const char *body = hostile.script->given;

        assert_int_equal(
            EVP_Q_digest(NULL, "SHA256", NULL, body, strlen(body), bytes, NULL),
            1);
        (void)EVP_EncodeBlock((unsigned char *)text, bytes, sizeof bytes);
        for (char *c = text; *c != '\0'; c++)
            *c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c);
        text[43] = '\0';
        assert_string_equal(hash, text);
    }
    json_decref(all);
}

static void
vault_without_a_challenge_is_enough_where_nothing_is_required(void **state)
{
    (void)state;
    expect_refusal(required, 78, "where the key lives cannot be proved");
    attempt("try");
    rig_expect(&run, 0, "");
    expect_claim("try", true, false);
    rig_state_expect(&rig, "machine_key_proof", "");
    assert_int_equal(hostile.script->asked[HOSTILE_EVIDENCE], 0);
}

static void
nothing_is_offered_where_it_is_off(void **state)
{
    (void)state;
    hostile.script->challenge = HOSTILE_CHALLENGE_RIGHT;
    attempt("off");
    rig_expect(&run, 0, "");
    assert_null(strstr(hostile.script->offer, "attestation"));
    expect_claim("off", false, false);
    assert_int_equal(hostile.script->asked[HOSTILE_EVIDENCE], 0);
}

static void
proof_is_given_and_named(void **state)
{
    json_t *given, *quote;

    (void)state;
    hostile.script->challenge = HOSTILE_CHALLENGE_RIGHT;
    rig_holdfast(&rig, &run, "register", "--expect-vault", "lab1", "--attest",
                 "require", "--attest-pcrs", "7,0", file, NULL);
    rig_expect(&run, 0, "");
    expect_claim("require", true, true);
    given = json_loads(hostile.script->given, JSON_REJECT_DUPLICATES, NULL);
    assert_string_equal(json_string_value(json_object_get(given, "secret")),
                        "YSBzZWNyZXQgb2YgdGhlIGhvc3RpbGUgc2VydmVyAAA");
    quote = json_object_get(given, "quote");
    assert_int_equal(json_array_size(json_object_get(quote, "values")), 2);
    json_decref(given);
    rig_state_expect(&rig, "machine_key_origin", "emulated");
    rig_state_expect(&rig, "machine_key_proof", "certified");
    rig_state_expect(&rig, "attest_mode", "require");
    rig_state_expect(&rig, "attest_pcrs", "7,0");
}

static void
challenge_that_is_none_for_this_tpm_ends_it(void **state)
{
    static const struct {
        enum hostile_challenge challenge;
        int status;
        const char *says;
    } challenges[] = {
        {HOSTILE_CHALLENGE_OTHER, 76, "challenge is not for this TPM"},
        {HOSTILE_CHALLENGE_ODD, 76, "challenge is not for this TPM"},
        {HOSTILE_CHALLENGE_TEXT, 69, "its challenge is no base64url"},
        {HOSTILE_CHALLENGE_LONG, 69, "its challenge is no base64url"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof challenges / sizeof challenges[0]; i++) {
        hostile.script->challenge = challenges[i].challenge;
        expect_refusal(every, challenges[i].status, challenges[i].says);
    }
    hostile_rig_expect_registration();
}

/* In no mode is anything tried without what was refused. */
static void
refusals_are_errors_in_every_mode(void **state)
{
    static const struct {
        const char *sentence;
        const char *says;
    } words[] = {
        {"policy: the owner wants a born key", "vault wants proof of where"},
        {"endorsement: the EK certificate expired", "does not believe the TPM"},
        {"evidence: the quote is of another key", "does not believe the TPM"},
        {"duplicate: m1 and m2 have this TPM", "this TPM is in the vault"},
    };
    static const enum hostile_step steps[] = {HOSTILE_NONCE, HOSTILE_EVIDENCE,
                                              HOSTILE_ENROL};

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
            char body[256];

            snprintf(body, sizeof body,
                     "{\"error\": \"e\", \"error_description\": \"%s\"}",
                     words[i].sentence);
            hostile.script->challenge = HOSTILE_CHALLENGE_RIGHT;
            hostile_reply(&hostile, steps[k], "403 Forbidden", "", body);
            expect_refusal(every, 76, words[i].says);
            assert_non_null(strstr(run.err, words[i].sentence));
        }
    hostile_rig_expect_registration();
}

static void
verdict_in_other_words_is_none(void **state)
{
    static const char *const bodies[] = {
        "{\"origin\": \"imported\", \"proof\": \"certified\"}",
        "{\"origin\": \"born\", \"proof\": \"claimed\"}",
        "{\"origin\": \"born\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        hostile.script->challenge = HOSTILE_CHALLENGE_RIGHT;
        hostile_reply(&hostile, HOSTILE_EVIDENCE, "200 OK", "", bodies[i]);
        expect_refusal(every, 69, "makes no sense");
    }
    hostile_rig_expect_registration();
}

/* The proof is signed by the credential's key, which a network process does not
 * have: the offer that it keeps to itself is named all the same. */
static void
offer_that_is_taken_away_is_named_in_the_proof(void **state)
{
    (void)state;
    hostile.script->challenge = HOSTILE_CHALLENGE_RIGHT;
    rig_use_net(&rig, NET_WITHOUT_OFFER);
    expect_refusal(required, 78, "where the key lives cannot be proved");
    attempt("try");
    rig_expect(&run, 0, "");
    assert_null(strstr(hostile.script->offer, "attestation"));
    expect_claim("try", true, false);
}

/* Six requests and the machine's one, each of which fails twice and ends its
 * connection: within the handshakes that a run may need. */
static void
vault_that_fails_and_closes_gets_proof(void **state)
{
    (void)state;
    hostile_reply(&hostile, HOSTILE_EVERY, "503 Busy", HOSTILE_CLOSE, "");
    hostile.script->challenge = HOSTILE_CHALLENGE_RIGHT;
    hostile.script->times = 2;
    hostile.script->closes = true;
    attempt("require");
    rig_expect(&run, 0, "");
    for (int step = 0; step < HOSTILE_LEAVE; step++)
        assert_int_equal(hostile.script->asked[step], 3);
    assert_int_equal(hostile.script->handshakes, (6 + 1) * 3);
    expect_claim("require", true, true);
}

/* What a first attempt was told holds for the next one. */
static void
mode_is_kept_until_it_is_given_anew(void **state)
{
    (void)state;
    attempt("require");
    rig_expect(&run, 78, "where the key lives cannot be proved");
    rig_register(&rig, &run, file);
    rig_expect(&run, 78, "where the key lives cannot be proved");
    rig_state_expect(&rig, "attest_mode", "require");
    hostile.script->challenge = HOSTILE_CHALLENGE_RIGHT;
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    expect_claim("require", true, true);
}

/* The certificate came, and then the vault failed: proof that is wanted by then
 * is not done without, and the file stays. */
static void
what_was_registered_without_proof_is_not_finished_as_proved(void **state)
{
    (void)state;
    hostile_reply(&hostile, HOSTILE_SELF, "403 Forbidden", "", "{}");
    attempt("off");
    assert_int_not_equal(run.status, 0);
    rig_state_expect(&rig, "phase", "registered");
    hostile_reset(&hostile);
    attempt("require");
    rig_expect(&run, 78, "'holdfast attest --submit'");
    assert_true(rig_exists(file));
    rig_state_expect(&rig, "attest_mode", "off");
    rig_state_expect(&rig, "phase", "registered");
    rig_register(&rig, &run, file);
    rig_expect(&run, 0, "");
    assert_false(rig_exists(file));
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        HOSTILE_RIG(
            vault_without_a_challenge_is_enough_where_nothing_is_required),
        HOSTILE_RIG(nothing_is_offered_where_it_is_off),
        HOSTILE_RIG(proof_is_given_and_named),
        HOSTILE_RIG(challenge_that_is_none_for_this_tpm_ends_it),
        HOSTILE_RIG(refusals_are_errors_in_every_mode),
        HOSTILE_RIG(verdict_in_other_words_is_none),
        HOSTILE_RIG(offer_that_is_taken_away_is_named_in_the_proof),
        HOSTILE_RIG(mode_is_kept_until_it_is_given_anew),
        HOSTILE_RIG(vault_that_fails_and_closes_gets_proof),
        HOSTILE_RIG(
            what_was_registered_without_proof_is_not_finished_as_proved),
    };

    return rig_case_main(argc, argv, tests);
}
