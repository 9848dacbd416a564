/* SPDX-License-Identifier: Apache-2.0 */
/* The signer is a process of its own, as holdfast-token would be. */
#include "tests/programs/net_seat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/evp.h>

#include "agent/ipc/channel.h"
#include "agent/ipc/layout.h"

static enum ks_err
sign(void *context, struct msg *msg, struct err_cause *cause)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    uint8_t signature[256];
    size_t length = sizeof signature;
    struct layout_sign_handshake request;
    bool done;

    if (msg_type(msg) == SIGN_ASSERTION) {
        LAYOUT_PUT(msg, sign_assertion_answer, "an.assertion.signed");
        EVP_MD_CTX_free(digest);
        return KS_OK;
    }
    done = layout_sign_handshake_take(msg, &request, cause) == KS_OK &&
           EVP_DigestSignInit_ex(digest, NULL, "SHA256", NULL, NULL, context,
                                 NULL) == 1 &&
           EVP_DigestSign(digest, signature, &length, request.content.at,
                          request.content.length) == 1;
    EVP_MD_CTX_free(digest);
    LAYOUT_PUT(msg, sign_handshake_answer, {signature, length});
    return done ? KS_OK : KS_ERR_INTERNAL;
}

static int
start_signer(struct net_seat *seat)
{
    int pair[2];

    assert_int_equal(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    seat->signer = fork();
    assert_true(seat->signer >= 0);
    if (seat->signer == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)close(pair[0]);
        channel_serve(pair[1], sign, seat->key);
        _exit(0);
    }
    (void)close(pair[1]);
    return pair[0];
}

static void
make_identity(struct net_seat *seat)
{
    X509 *certificate = X509_new();
    int length;

    seat->key = EVP_EC_gen("P-256");
    assert_non_null(seat->key);
    (void)X509_set_version(certificate, X509_VERSION_3);
    (void)X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    (void)X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    (void)X509_set_pubkey(certificate, seat->key);
    assert_true(X509_sign(certificate, seat->key, EVP_sha256()) > 0);
    seat->certificate = NULL;
    length = i2d_X509(certificate, &seat->certificate);
    assert_true(length > 0);
    seat->certificate_length = (size_t)length;
    X509_free(certificate);
}

static void
open_client(struct net_seat *seat, const char *host)
{
    struct err_cause cause = {""};
    char authority[64], token[128], endpoint[128];
    struct layout_net_connect target = {
        .identity = STATEMENT_CREDENTIAL,
        .certificate = {seat->certificate, seat->certificate_length},
        .authority = authority,
        .tenant = "t",
        .token_endpoint = token,
        .client_id = "client",
        .audience = "audience",
        .endpoint = endpoint,
        .vault = "7",
        .proxy = "",
        .proxy_except = "",
        .crls = seat->crl_file != NULL};
    int channel = start_signer(seat);
    struct net_trust trust = {seat->hostile.ca_file, seat->crl_file};

    snprintf(authority, sizeof authority, "https://%s:%u", host,
             seat->hostile.port);
    snprintf(token, sizeof token, "%s/t/oauth2/v2.0/token", authority);
    snprintf(endpoint, sizeof endpoint, "%s/api/", authority);
    if (net_client_start(&trust, channel, NULL, &seat->client, &cause) !=
            KS_OK ||
        net_client_connect(seat->client, &target, &cause) != KS_OK)
        fail_msg("%s", cause.text);
    (void)close(channel);
}

static void
close_client(struct net_seat *seat)
{
    net_client_close(&seat->client);
    assert_int_equal(waitpid(seat->signer, NULL, 0), seat->signer);
}

void
net_seat_start(struct net_seat *seat)
{
    assert_true(fresh_directory("holdfast", seat->directory));
    hostile_start(&seat->hostile, seat->directory, 0);
    make_identity(seat);
    open_client(seat, "localhost");
}

void
net_seat_enter(struct net_seat *seat, const char *host, unsigned port,
               const char *ca_file)
{
    seat->hostile.port = port;
    (void)snprintf(seat->hostile.ca_file, sizeof seat->hostile.ca_file, "%s",
                   ca_file);
    make_identity(seat);
    open_client(seat, host);
}

void
net_seat_leave(struct net_seat *seat)
{
    close_client(seat);
    OPENSSL_free(seat->certificate);
    EVP_PKEY_free(seat->key);
}

void
net_seat_renew(struct net_seat *seat)
{
    close_client(seat);
    open_client(seat, "localhost");
}

void
net_seat_stop(struct net_seat *seat)
{
    close_client(seat);
    hostile_stop(&seat->hostile);
    OPENSSL_free(seat->certificate);
    EVP_PKEY_free(seat->key);
    assert_int_equal(unlink(seat->hostile.ca_file), 0);
    assert_int_equal(rmdir(seat->directory), 0);
}

static enum ks_err
ask_enrolment(struct net_seat *seat, struct err_cause *cause)
{
    X509_REQ *request = X509_REQ_new();
    unsigned char *der = NULL;
    X509 *certificate = NULL;
    enum ks_err rc;
    int length;

    (void)X509_REQ_set_pubkey(request, seat->key);
    assert_true(X509_REQ_sign(request, seat->key, EVP_sha256()) > 0);
    length = i2d_X509_REQ(request, &der);
    assert_true(length > 0);
    rc = net_client_enrol(
        seat->client,
        &(struct layout_net_enrol){{der, (size_t)length}, "a.proof.signed"},
        &certificate, cause);
    X509_free(certificate);
    X509_REQ_free(request);
    OPENSSL_free(der);
    return rc;
}

enum ks_err
net_seat_ask(struct net_seat *seat, enum hostile_step step,
             struct err_cause *cause)
{
    STACK_OF(X509) *authorities = NULL;
    struct net_nonce nonce;
    struct net_verdict verdict;
    struct net_self self;
    enum ks_err rc = KS_ERR_INTERNAL;

    cause->text[0] = '\0';
    switch (step) {
    case HOSTILE_DISCOVERY:
    case HOSTILE_TOKEN:
        return net_client_token(seat->client, cause);
    case HOSTILE_EVIDENCE:
        return net_client_evidence(seat->client, "{\"nonce\":\"n\"}", &verdict,
                                   cause);
    case HOSTILE_NONCE:
        return net_client_nonce(seat->client, "name", NULL, &nonce, cause);
    case HOSTILE_AUTHORITIES:
        rc = net_client_authorities(seat->client, &authorities, cause);
        sk_X509_pop_free(authorities, X509_free);
        return rc;
    case HOSTILE_ENROL:
        return ask_enrolment(seat, cause);
    case HOSTILE_SELF:
        return net_client_self(seat->client, &self, cause);
    case HOSTILE_LEAVE:
        return net_client_leave(seat->client, cause);
    case HOSTILE__MAX:
        break;
    }
    return rc;
}
