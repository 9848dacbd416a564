/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The net channel of a real holdfast-token, spoken by a hostile holdfast-net:
 * what it refuses to sign, and what it signs only so often.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "agent/ipc/msg_field.h"
#include "keystore/base/secret.h"
#include "tests/programs/token_seat.h"
#include "tests/support/rig_case.h"

#define TIMEOUT 20000
#define CONTENT_MAX 160

static int
start(void **state)
{
    *state = token_seat_new(kind);
    return 0;
}

static int
stop(void **state)
{
    token_seat_free(*state);
    return 0;
}

/* As in RFC 8446, 4.4.3. */
static size_t
make_content(uint8_t content[static CONTENT_MAX], const char *context,
             size_t hash)
{
    size_t length = 64;

    memset(content, ' ', 64);
    memcpy(content + 64, context, strlen(context) + 1);
    length += strlen(context) + 1;
    memset(content + length, 0x5a, hash);
    return length + hash;
}

static void
put_handshake(struct token_seat *seat, uint32_t identity, uint32_t scheme,
              const uint8_t *content, size_t length)
{
    LAYOUT_PUT(seat->msg, sign_handshake, .identity = identity,
               .scheme = scheme, .content = {content, length});
}

static enum ks_err
ask_handshake(struct token_seat *seat, uint32_t identity, uint32_t scheme,
              const uint8_t *content, size_t length)
{
    put_handshake(seat, identity, scheme, content, length);
    return channel_call(seat->net, seat->msg, TIMEOUT, NULL);
}

static enum ks_err
ask_assertion(struct token_seat *seat, uint32_t identity, const char *audience)
{
    LAYOUT_PUT(seat->msg, sign_assertion, identity, audience);
    return channel_call(seat->net, seat->msg, TIMEOUT, NULL);
}

static void
other_bytes_are_not_signed(void **state)
{
    /* rsa_pkcs1_sha256, ecdsa_sha1, ed25519 */
    static const uint32_t foreign[] = {0x0401, 0x0203, 0x0807};
    struct token_seat *seat = *state;
    uint8_t content[CONTENT_MAX];
    uint8_t altered[CONTENT_MAX];
    size_t length = make_content(content, "TLS 1.3, client CertificateVerify",
                                 32);
    const size_t lengths[] = {0, 32, length - 1, length + 1};
    size_t other;

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        assert_int_equal(ask_handshake(seat, STATEMENT_CREDENTIAL, 0x0403,
                                       content, lengths[i]),
                         KS_ERR_STATEMENT);
    other = make_content(altered, "TLS 1.3, server CertificateVerify", 32);
    assert_int_equal(
        ask_handshake(seat, STATEMENT_CREDENTIAL, 0x0403, altered, other),
        KS_ERR_STATEMENT);
    for (size_t i = 0; i < length - 32; i++) {
        memcpy(altered, content, length);
        altered[i] ^= 1;
        assert_int_equal(
            ask_handshake(seat, STATEMENT_CREDENTIAL, 0x0403, altered, length),
            KS_ERR_STATEMENT);
    }
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        assert_int_equal(ask_handshake(seat, STATEMENT_CREDENTIAL, foreign[i],
                                       content, length),
                         KS_ERR_STATEMENT);
    /* ours, but not this key's */
    assert_int_not_equal(
        ask_handshake(seat, STATEMENT_CREDENTIAL, 0x0804, content, length),
        KS_OK);
    assert_int_equal(
        ask_handshake(seat, STATEMENT_CREDENTIAL, 0x0403, content, length),
        KS_OK);
}

/* holdfast-net has come to the handshake before the key was found. */
static void
early_question_waits_for_a_key(void **state)
{
    struct token_seat *seat = *state;
    uint8_t content[CONTENT_MAX];
    size_t length = make_content(content, "TLS 1.3, client CertificateVerify",
                                 32);

    token_seat_end(seat);
    token_seat_begin(seat);
    put_handshake(seat, STATEMENT_CREDENTIAL, 0x0403, content, length);
    assert_int_equal(msg_send(seat->net, seat->msg, NULL), KS_OK);
    token_seat_bind(seat);
    assert_int_equal(channel_answer(seat->net, seat->msg, TIMEOUT, NULL),
                     KS_OK);
}

static void
assertion_goes_to_the_pinned_audience_only(void **state)
{
    struct token_seat *seat = *state;

    assert_int_equal(ask_assertion(seat, STATEMENT_CREDENTIAL, ""),
                     KS_ERR_STATEMENT);
    assert_int_equal(
        ask_assertion(seat, STATEMENT_CREDENTIAL, "https://evil.example/token"),
        KS_ERR_STATEMENT);
    assert_int_equal(
        ask_assertion(seat, STATEMENT_CREDENTIAL, TOKEN_SEAT_ENDPOINT "/"),
        KS_ERR_STATEMENT);
    assert_int_equal(
        ask_assertion(seat, STATEMENT_CREDENTIAL, TOKEN_SEAT_ENDPOINT), KS_OK);
}

static void
machine_key_signs_no_assertion(void **state)
{
    struct token_seat *seat = *state;

    assert_int_equal(
        ask_assertion(seat, STATEMENT_MACHINE, TOKEN_SEAT_ENDPOINT),
        KS_ERR_STATEMENT);
    token_seat_generate(seat);
    assert_int_equal(
        ask_assertion(seat, STATEMENT_MACHINE, TOKEN_SEAT_ENDPOINT),
        KS_ERR_STATEMENT);
    assert_int_equal(
        ask_assertion(seat, STATEMENT_IDENTITY__MAX, TOKEN_SEAT_ENDPOINT),
        KS_ERR_STATEMENT);
}

static void
machine_key_makes_no_handshake_in_the_credentials_run(void **state)
{
    struct token_seat *seat = *state;
    uint8_t content[CONTENT_MAX];
    size_t length = make_content(content, "TLS 1.3, client CertificateVerify",
                                 32);

    token_seat_generate(seat);
    assert_int_equal(
        ask_handshake(seat, STATEMENT_MACHINE, 0x0403, content, length),
        KS_ERR_STATEMENT);
}

static void
nothing_is_signed_over_budget(void **state)
{
    struct token_seat *seat = *state;
    uint8_t content[CONTENT_MAX];
    size_t length = make_content(content, "TLS 1.3, client CertificateVerify",
                                 48);
    int handshakes = 0;
    int assertions = 0;

    while (handshakes < 100 && ask_handshake(seat, STATEMENT_CREDENTIAL, 0x0403,
                                             content, length) == KS_OK)
        handshakes++;
    while (assertions < 100 && ask_assertion(seat, STATEMENT_CREDENTIAL,
                                             TOKEN_SEAT_ENDPOINT) == KS_OK)
        assertions++;
    assert_int_equal(handshakes, 43);
    assert_int_equal(assertions, 1);
    assert_int_equal(
        ask_handshake(seat, STATEMENT_CREDENTIAL, 0x0403, content, length),
        KS_ERR_NET_CLOSED);
    assert_int_equal(
        ask_assertion(seat, STATEMENT_CREDENTIAL, TOKEN_SEAT_ENDPOINT),
        KS_ERR_STATEMENT);
}

static void
net_channel_has_no_other_requests(void **state)
{
    static const uint8_t id[KEYSTORE_ID_LENGTH] = "credential-key..";
    struct token_seat *seat = *state;

    for (uint32_t type = CHANNEL_DONE; type < CHANNEL__MAX; type++) {
        if (type == SIGN_HANDSHAKE || type == SIGN_ASSERTION)
            continue;
        msg_begin(seat->msg, type);
        msg_put_number(seat->msg, STATEMENT_CREDENTIAL);
        msg_put_bytes(seat->msg, id, sizeof id);
        assert_int_equal(channel_call(seat->net, seat->msg, TIMEOUT, NULL),
                         KS_ERR_STATEMENT);
    }
    assert_int_equal(
        ask_assertion(seat, STATEMENT_CREDENTIAL, TOKEN_SEAT_ENDPOINT), KS_OK);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(other_bytes_are_not_signed, start,
                                        stop),
        cmocka_unit_test_setup_teardown(early_question_waits_for_a_key, start,
                                        stop),
        cmocka_unit_test_setup_teardown(
            assertion_goes_to_the_pinned_audience_only, start, stop),
        cmocka_unit_test_setup_teardown(machine_key_signs_no_assertion, start,
                                        stop),
        cmocka_unit_test_setup_teardown(
            machine_key_makes_no_handshake_in_the_credentials_run, start, stop),
        cmocka_unit_test_setup_teardown(nothing_is_signed_over_budget, start,
                                        stop),
        cmocka_unit_test_setup_teardown(net_channel_has_no_other_requests,
                                        start, stop),
    };

    rig_case_begin(argc, argv);
    if (secret_init(64 * 1024, NULL) != KS_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
