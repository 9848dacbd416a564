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

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/x509.h>

#include "agent/token_client.h"
#include "keystore/secret.h"
#include "tests/contract/store_fixture.h"

#define TIMEOUT 20000
#define ENDPOINT "https://login.example/tenant/oauth2/v2.0/token"
#define CONTENT_MAX 160

static const char *kind;
static const uint8_t credential_id[KEYSTORE_ID_LENGTH] = "credential-key..";
static const uint8_t machine_id[KEYSTORE_ID_LENGTH] = "machine-key.....";

struct run {
    struct store_fixture *store;
    struct token_access access;
    struct token_client *client;
    X509 *certificate;
    EVP_PKEY *machine;
    struct msg *msg;
    int net; /* our end: we are holdfast-net */
};

static int
sealed(struct secret *secret)
{
    int memfd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    assert_true(memfd >= 0);
    assert_int_equal(secret_seal(secret, memfd, NULL), KS_OK);
    secret_free(&secret);
    return memfd;
}

/* A P-256 key as a sealed memfd, and its certificate. */
static int
make_credential(struct run *run)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    struct secret *secret = NULL;
    unsigned char *at;
    int length = i2d_PKCS8_PRIV_KEY_INFO(info, NULL);

    run->certificate = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(run->certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(run->certificate), 3600);
    X509_set_pubkey(run->certificate, key);
    assert_true(X509_sign(run->certificate, key, EVP_sha256()) > 0);
    assert_int_equal(secret_new((size_t)length, &secret), KS_OK);
    at = secret_space(secret);
    assert_int_equal(i2d_PKCS8_PRIV_KEY_INFO(info, &at), length);
    secret_set_length(secret, (size_t)length);
    PKCS8_PRIV_KEY_INFO_free(info);
    EVP_PKEY_free(key);
    return sealed(secret);
}

static void
must(enum ks_err rc, const struct err_cause *cause)
{
    if (rc != KS_OK)
        fail_msg("%s: %s", err_name(rc), cause->text);
}

static void
import(struct run *run)
{
    struct token_client *client = NULL;
    struct err_cause cause = {""};
    struct keystore_info info;
    enum keystore_way way = KEYSTORE_WAY_UNKNOWN;
    int material = make_credential(run);

    must(token_client_start(&run->access, STATEMENT_PHASE_IMPORT, -1, material,
                            &client, &cause),
         &cause);
    must(token_client_opened(client, &info, &cause), &cause);
    must(token_client_import(client, credential_id, "key", run->certificate,
                             &way, &cause),
         &cause);
    token_client_close(&client);
    close(material);
}

/* A run in which no key is bound yet. */
static void
begin(struct run *run)
{
    struct err_cause cause = {""};
    struct keystore_info info;
    int pair[2];

    assert_int_equal(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    run->net = pair[0];
    must(token_client_start(&run->access, STATEMENT_PHASE_ENROL, pair[1], -1,
                            &run->client, &cause),
         &cause);
    must(token_client_opened(run->client, &info, &cause), &cause);
    close(pair[1]);
}

/* The credential's key bound, and the statements pinned. */
static int
start(void **state)
{
    static const struct token_pins pins = {.client_id = "client",
                                           .token_endpoint = ENDPOINT,
                                           .resource = "resource",
                                           .vault = "7",
                                           .scheme = KEYSTORE_ES256};
    struct run *run = calloc(1, sizeof *run);
    struct err_cause cause = {""};
    const char *pin = store_fixture_pin(kind);

    run->store = store_fixture_new(kind);
    assert_non_null(run->store);
    run->access = (struct token_access){
        .uri = store_fixture_uri(run->store),
        .serial = "",
        .emulation = true,
        .keys = store_fixture_keys(run->store),
        .pin = pin != NULL ? sealed(store_fixture_secret(pin)) : -1};
    run->msg = msg_new();
    import(run);
    begin(run);
    must(token_client_bind_credential(run->client, credential_id,
                                      run->certificate, &cause),
         &cause);
    must(token_client_plan(run->client, &pins, &cause), &cause);
    *state = run;
    return 0;
}

static void
generate(struct run *run)
{
    struct err_cause cause = {""};

    must(token_client_generate(run->client, machine_id, "machine",
                               &run->machine, &cause),
         &cause);
}

static int
stop(void **state)
{
    struct run *run = *state;

    close(run->net);
    close(run->access.pin);
    token_client_close(&run->client);
    msg_free(&run->msg);
    X509_free(run->certificate);
    EVP_PKEY_free(run->machine);
    store_fixture_free(&run->store);
    free(run);
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
put_handshake(struct run *run, uint64_t identity, uint64_t scheme,
              const uint8_t *content, size_t length)
{
    msg_begin(run->msg, SIGN_HANDSHAKE);
    msg_put_number(run->msg, identity);
    msg_put_number(run->msg, scheme);
    msg_put_bytes(run->msg, content, length);
}

static enum ks_err
ask_handshake(struct run *run, uint64_t identity, uint64_t scheme,
              const uint8_t *content, size_t length)
{
    put_handshake(run, identity, scheme, content, length);
    return channel_call(run->net, run->msg, TIMEOUT, NULL);
}

static enum ks_err
ask_assertion(struct run *run, uint64_t identity, const char *audience)
{
    msg_begin(run->msg, SIGN_ASSERTION);
    msg_put_number(run->msg, identity);
    msg_put_text(run->msg, audience);
    return channel_call(run->net, run->msg, TIMEOUT, NULL);
}

static void
other_bytes_are_not_signed(void **state)
{
    /* rsa_pkcs1_sha256, ecdsa_sha1, ed25519 */
    static const uint64_t foreign[] = {0x0401, 0x0203, 0x0807};
    struct run *run = *state;
    uint8_t content[CONTENT_MAX];
    uint8_t altered[CONTENT_MAX];
    size_t length = make_content(content, "TLS 1.3, client CertificateVerify",
                                 32);
    const size_t lengths[] = {0, 32, length - 1, length + 1};
    size_t other;

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        assert_int_equal(ask_handshake(run, STATEMENT_CREDENTIAL, 0x0403,
                                       content, lengths[i]),
                         KS_ERR_STATEMENT);
    other = make_content(altered, "TLS 1.3, server CertificateVerify", 32);
    assert_int_equal(
        ask_handshake(run, STATEMENT_CREDENTIAL, 0x0403, altered, other),
        KS_ERR_STATEMENT);
    for (size_t i = 0; i < length - 32; i++) {
        memcpy(altered, content, length);
        altered[i] ^= 1;
        assert_int_equal(
            ask_handshake(run, STATEMENT_CREDENTIAL, 0x0403, altered, length),
            KS_ERR_STATEMENT);
    }
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        assert_int_equal(ask_handshake(run, STATEMENT_CREDENTIAL, foreign[i],
                                       content, length),
                         KS_ERR_STATEMENT);
    /* ours, but not this key's */
    assert_int_not_equal(
        ask_handshake(run, STATEMENT_CREDENTIAL, 0x0804, content, length),
        KS_OK);
    assert_int_equal(
        ask_handshake(run, STATEMENT_CREDENTIAL, 0x0403, content, length),
        KS_OK);
}

/* holdfast-net has come to the handshake before the key was found. */
static void
early_question_waits_for_a_key(void **state)
{
    struct run *run = *state;
    struct err_cause cause = {""};
    uint8_t content[CONTENT_MAX];
    size_t length = make_content(content, "TLS 1.3, client CertificateVerify",
                                 32);

    close(run->net);
    token_client_close(&run->client);
    begin(run);
    put_handshake(run, STATEMENT_CREDENTIAL, 0x0403, content, length);
    assert_int_equal(msg_send(run->net, run->msg, NULL), KS_OK);
    must(token_client_bind_credential(run->client, credential_id,
                                      run->certificate, &cause),
         &cause);
    assert_int_equal(channel_answer(run->net, run->msg, TIMEOUT, NULL), KS_OK);
}

static void
assertion_goes_to_the_pinned_audience_only(void **state)
{
    struct run *run = *state;

    assert_int_equal(ask_assertion(run, STATEMENT_CREDENTIAL, ""),
                     KS_ERR_STATEMENT);
    assert_int_equal(
        ask_assertion(run, STATEMENT_CREDENTIAL, "https://evil.example/token"),
        KS_ERR_STATEMENT);
    assert_int_equal(ask_assertion(run, STATEMENT_CREDENTIAL, ENDPOINT "/"),
                     KS_ERR_STATEMENT);
    assert_int_equal(ask_assertion(run, STATEMENT_CREDENTIAL, ENDPOINT), KS_OK);
}

static void
machine_key_signs_no_assertion(void **state)
{
    struct run *run = *state;

    assert_int_equal(ask_assertion(run, STATEMENT_MACHINE, ENDPOINT),
                     KS_ERR_STATEMENT);
    generate(run);
    assert_int_equal(ask_assertion(run, STATEMENT_MACHINE, ENDPOINT),
                     KS_ERR_STATEMENT);
    assert_int_equal(ask_assertion(run, STATEMENT_IDENTITY__MAX, ENDPOINT),
                     KS_ERR_STATEMENT);
}

static void
machine_key_makes_no_handshake_in_the_credentials_run(void **state)
{
    struct run *run = *state;
    uint8_t content[CONTENT_MAX];
    size_t length = make_content(content, "TLS 1.3, client CertificateVerify",
                                 32);

    generate(run);
    assert_int_equal(
        ask_handshake(run, STATEMENT_MACHINE, 0x0403, content, length),
        KS_ERR_STATEMENT);
}

static void
nothing_is_signed_over_budget(void **state)
{
    struct run *run = *state;
    uint8_t content[CONTENT_MAX];
    size_t length = make_content(content, "TLS 1.3, client CertificateVerify",
                                 48);
    int handshakes = 0;
    int assertions = 0;

    while (handshakes < 100 && ask_handshake(run, STATEMENT_CREDENTIAL, 0x0403,
                                             content, length) == KS_OK)
        handshakes++;
    while (assertions < 100 &&
           ask_assertion(run, STATEMENT_CREDENTIAL, ENDPOINT) == KS_OK)
        assertions++;
    assert_int_equal(handshakes, 4);
    assert_int_equal(assertions, 2);
    assert_int_equal(
        ask_handshake(run, STATEMENT_CREDENTIAL, 0x0403, content, length),
        KS_ERR_STATEMENT);
}

static void
net_channel_has_no_other_requests(void **state)
{
    struct run *run = *state;

    for (uint32_t type = CHANNEL_DONE; type < CHANNEL__MAX; type++) {
        if (type == SIGN_HANDSHAKE || type == SIGN_ASSERTION)
            continue;
        msg_begin(run->msg, type);
        msg_put_number(run->msg, STATEMENT_CREDENTIAL);
        msg_put_bytes(run->msg, credential_id, sizeof credential_id);
        assert_int_equal(channel_call(run->net, run->msg, TIMEOUT, NULL),
                         KS_ERR_STATEMENT);
    }
    assert_int_equal(ask_assertion(run, STATEMENT_CREDENTIAL, ENDPOINT), KS_OK);
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

    kind = argc == 2 ? argv[1] : "soft";
    if (secret_init(64 * 1024, NULL) != KS_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
