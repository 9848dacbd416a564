/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the vault takes as long as opening the token: holdfast-net sets
 * out first, and its handshake waits for the key. */
#include "agent/holdfast/session/pair.h"

#include <sys/socket.h>
#include <unistd.h>

#include "agent/holdfast/session/run.h"
#include "agent/holdfast/state/pem.h"

/* Where to connect as IDENTITY, and with which certificate. */
static enum ks_err
target(const struct session *session, enum statement_identity identity,
       struct net_client *net, struct err_cause *cause)
{
    const struct state *state = session->state;
    bool machine = identity == STATEMENT_MACHINE;
    struct layout_net_connect target = {
        .identity = identity,
        .authority = state_text(state, STATE_AUTHORITY),
        .tenant = state_text(state, STATE_TENANT),
        .token_endpoint = state_text(state, STATE_TOKEN_ENDPOINT),
        .client_id = state_text(state, STATE_CLIENT_ID),
        .audience = state_text(state, STATE_AUDIENCE),
        .endpoint = state_text(state, STATE_ENDPOINT),
        .vault = state_text(state, STATE_VAULT),
        .proxy = state_text(state, STATE_PROXY),
        .proxy_except = state_text(state, STATE_PROXY_EXCEPT),
        .crls = session->settings.crls.text != NULL};
    unsigned char *certificate = pem_certificate_der(
        state,
        machine ? STATE_MACHINE_CERTIFICATE : STATE_CREDENTIAL_CERTIFICATE,
        &target.certificate.length);
    enum ks_err rc;

    if (certificate == NULL)
        return err_set(cause, KS_ERR_STATE_BROKEN, "no %s certificate",
                       machine ? "machine" : "credential");
    target.certificate.at = certificate;
    rc = net_client_connect(net, &target, cause);
    OPENSSL_free(certificate);
    return rc;
}

struct setting_out {
    enum statement_identity identity;
    enum pair_purpose purpose;
    const int *streams;
};

static enum ks_err
set_out(const struct session *session, const struct setting_out *as,
        int channel, struct net_client **ret, struct err_cause *cause)
{
    const struct net_trust trust = {session->settings.issuers.text,
                                    session->settings.crls.text};
    enum ks_err rc = net_client_start(&trust, channel, as->streams, ret, cause);

    if (rc == KS_OK)
        rc = target(session, as->identity, *ret, cause);
    if (rc == KS_OK && as->purpose == PAIR_SELF)
        rc = net_client_ask(*ret, NET_SELF, cause);
    if (rc == KS_OK && as->purpose == PAIR_STREAM)
        rc = net_client_ask(*ret, NET_STREAM, cause);
    return rc;
}

static enum ks_err
open_as(struct session *session, const struct setting_out *as, struct pair *ret,
        struct err_cause *cause)
{
    struct token_run run = {.phase = as->identity == STATEMENT_MACHINE
                                         ? STATEMENT_PHASE_MACHINE
                                         : STATEMENT_PHASE_ENROL,
                            .material = -1};
    int channel[2] = {-1, -1};
    enum ks_err rc = KS_OK;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) != 0)
        return err_set_errno(cause, KS_ERR_RESOURCES, "socketpair");
    if (as->purpose != PAIR_TOKEN_ONLY)
        rc = set_out(session, as, channel[1], &ret->net, cause);
    run.net = channel[0];
    if (rc == KS_OK)
        rc = run_start(session, &run, &ret->token, cause);
    if (rc == KS_OK)
        rc = run_opened(session, ret->token, cause);
    /* Left open, each would hide from one helper that the other has died. */
    (void)close(channel[0]);
    (void)close(channel[1]);
    return rc;
}

enum ks_err
pair_open_credential(struct session *session, struct pair *ret,
                     struct err_cause *cause)
{
    const struct setting_out as = {STATEMENT_CREDENTIAL, PAIR_CALLS, NULL};

    return open_as(session, &as, ret, cause);
}

enum ks_err
pair_open_machine(struct session *session, enum pair_purpose purpose,
                  const int *streams, struct pair *ret, struct err_cause *cause)
{
    const struct setting_out as = {STATEMENT_MACHINE, purpose, streams};
    enum ks_err rc = open_as(session, &as, ret, cause);

    return rc == KS_OK ? pair_bind_machine(session, ret->token, cause) : rc;
}

enum ks_err
pair_bind_machine(const struct session *session, struct token_client *token,
                  struct err_cause *cause)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    size_t length = 0;
    unsigned char *public = pem_public_der(session->state, STATE_MACHINE_SPKI,
                                           &length);
    enum ks_err rc;

    if (public == NULL ||
        !state_bytes(session->state, STATE_MACHINE_ID, id, sizeof id))
        rc = err_set(cause, KS_ERR_STATE_BROKEN, "no machine key");
    else
        rc = token_client_bind_machine(token, id, public, length, cause);
    OPENSSL_free(public);
    return rc;
}

enum ks_err
pair_prove_machine(const struct session *session, const struct pair *pair,
                   struct err_cause *cause)
{
    EVP_PKEY *public = pem_public(session->state, STATE_MACHINE_SPKI);
    enum ks_err rc;

    if (public == NULL)
        return err_set(cause, KS_ERR_STATE_BROKEN, "no machine key");
    rc = token_client_prove(pair->token, STATEMENT_MACHINE, public, cause);
    EVP_PKEY_free(public);
    return rc;
}

void
pair_close(struct pair *pair)
{
    token_client_end(pair->token);
    net_client_close(&pair->net);
    token_client_close(&pair->token);
}
