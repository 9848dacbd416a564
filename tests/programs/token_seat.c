/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/programs/token_seat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ec.h>

static const uint8_t credential_id[KEYSTORE_ID_LENGTH] = "credential-key..";
static const uint8_t machine_id[KEYSTORE_ID_LENGTH] = "machine-key.....";

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
make_credential(struct token_seat *seat)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    struct secret *secret = NULL;
    unsigned char *at;
    int length = i2d_PKCS8_PRIV_KEY_INFO(info, NULL);

    seat->certificate = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(seat->certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(seat->certificate), 3600);
    X509_set_pubkey(seat->certificate, key);
    assert_true(X509_sign(seat->certificate, key, EVP_sha256()) > 0);
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
import_credential(struct token_seat *seat)
{
    struct token_client *client = NULL;
    struct err_cause cause = {""};
    struct keystore_info info;
    enum keystore_way way = KEYSTORE_WAY_UNKNOWN;
    int material = make_credential(seat);

    must(token_client_start(
             &seat->access,
             &(struct token_run){STATEMENT_PHASE_IMPORT, -1, material}, &client,
             &cause),
         &cause);
    must(token_client_opened(client, &info, &cause), &cause);
    must(token_client_import(client,
                             &(struct layout_token_import){credential_id, "key",
                                                           seat->certificate},
                             &way, &cause),
         &cause);
    token_client_close(&client);
    close(material);
}

void
token_seat_begin(struct token_seat *seat)
{
    struct err_cause cause = {""};
    struct keystore_info info;
    int pair[2];

    assert_int_equal(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    seat->net = pair[0];
    must(token_client_start(
             &seat->access,
             &(struct token_run){STATEMENT_PHASE_ENROL, pair[1], -1},
             &seat->client, &cause),
         &cause);
    must(token_client_opened(seat->client, &info, &cause), &cause);
    close(pair[1]);
}

void
token_seat_bind(struct token_seat *seat)
{
    struct err_cause cause = {""};

    must(token_client_bind_credential(seat->client, credential_id,
                                      seat->certificate, &cause),
         &cause);
}

static void
plan(struct token_seat *seat)
{
    static const struct layout_token_plan pins = {
        .client_id = "client",
        .token_endpoint = TOKEN_SEAT_ENDPOINT,
        .resource = "resource",
        .vault = "7",
        .scheme = KEYSTORE_ES256};
    struct err_cause cause = {""};

    must(token_client_plan(seat->client, &pins, &cause), &cause);
}

struct token_seat *
token_seat_new(const char *kind)
{
    struct token_seat *seat = calloc(1, sizeof *seat);
    const char *pin = store_fixture_pin(kind);

    assert_non_null(seat);
    seat->store = store_fixture_new(kind);
    assert_non_null(seat->store);
    seat->access = (struct token_access){
        .uri = store_fixture_uri(seat->store),
        .serial = "",
        .module = "",
        .emulation = true,
        .keys = store_fixture_keys(seat->store),
        .pin = pin != NULL ? sealed(store_fixture_secret(pin)) : -1};
    seat->msg = msg_new();
    import_credential(seat);
    token_seat_begin(seat);
    token_seat_bind(seat);
    plan(seat);
    return seat;
}

void
token_seat_generate(struct token_seat *seat)
{
    struct err_cause cause = {""};

    must(token_client_generate(seat->client, machine_id, "machine",
                               &seat->machine, &cause),
         &cause);
}

void
token_seat_end(struct token_seat *seat)
{
    close(seat->net);
    token_client_close(&seat->client);
}

void
token_seat_free(struct token_seat *seat)
{
    token_seat_end(seat);
    close(seat->access.pin);
    msg_free(&seat->msg);
    X509_free(seat->certificate);
    EVP_PKEY_free(seat->machine);
    store_fixture_free(&seat->store);
    free(seat);
}
