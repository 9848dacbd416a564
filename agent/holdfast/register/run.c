/* SPDX-License-Identifier: Apache-2.0 */
/* Fresh runs of the helpers, for a step of the registration or a call as the
 * machine: each token is held against the recorded one as it is opened. */
#include <sys/socket.h>
#include <unistd.h>

#include "agent/holdfast/policy/issuers.h"
#include "agent/holdfast/register/registration.h"
#include "agent/holdfast/state/pem.h"

static enum ks_err
start_token(const struct registration *registration, enum statement_phase phase,
            int net, int material, struct token_client **ret,
            struct err_cause *cause)
{
    return preflight_start(&registration->preflight,
                           state_keys_fd(registration->state), phase, net,
                           material, ret, cause);
}

static enum ks_err
token_opened(struct registration *registration, struct token_client *token,
             struct err_cause *cause)
{
    enum ks_err rc = preflight_opened(&registration->preflight, token,
                                      &registration->store, cause);

    return rc == KS_OK ? registration_check_token(registration, cause) : rc;
}

enum ks_err
registration_run(struct registration *registration, enum statement_phase phase,
                 int net, int material, struct token_client **ret,
                 struct err_cause *cause)
{
    enum ks_err rc = start_token(registration, phase, net, material, ret,
                                 cause);

    if (rc == KS_OK)
        rc = token_opened(registration, *ret, cause);
    if (rc != KS_OK)
        token_client_close(ret);
    return rc;
}

enum ks_err
registration_target(const struct registration *registration,
                    enum statement_identity identity, struct net_client *net,
                    struct err_cause *cause)
{
    const struct state *state = registration->state;
    struct net_target target = {
        .identity = identity,
        .authority = state_text(state, STATE_AUTHORITY),
        .tenant = state_text(state, STATE_TENANT),
        .token_endpoint = state_text(state, STATE_TOKEN_ENDPOINT),
        .client_id = state_text(state, STATE_CLIENT_ID),
        .audience = state_text(state, STATE_AUDIENCE),
        .endpoint = state_text(state, STATE_ENDPOINT),
        .vault = state_text(state, STATE_VAULT),
        .proxy = state_text(state, STATE_PROXY),
        .except = state_text(state, STATE_PROXY_EXCEPT)};
    unsigned char *certificate = pem_certificate_der(
        state,
        identity == STATEMENT_MACHINE ? STATE_MACHINE_CERTIFICATE
                                      : STATE_CREDENTIAL_CERTIFICATE,
        &target.certificate_length);
    enum ks_err rc;

    if (certificate == NULL)
        return err_set(cause, KS_ERR_STATE_BROKEN, "no %s certificate",
                       identity == STATEMENT_MACHINE ? "machine"
                                                     : "credential");
    target.certificate = certificate;
    rc = net_client_target(net, &target, cause);
    OPENSSL_free(certificate);
    return rc;
}

enum ks_err
registration_start_net(const struct registration *registration, int channel,
                       const int *streams, struct net_client **ret,
                       struct err_cause *cause)
{
    const char *ca = registration->options->ca_file;

    if (ca == NULL)
        ca = state_text(registration->state, STATE_CA_FILE);
    if (ca != registration->options->ca_file && *ca == '\0')
        ca = ISSUERS_SYSTEM_FILE;
    return net_client_start(ca, channel, streams, ret, cause);
}

/* It sets out at once: the way to the vault takes as long as opening the token,
 * and the handshake waits for the key. */
static enum ks_err
start_machine_net(const struct registration *registration,
                  enum registration_purpose purpose, int channel,
                  const int *streams, struct net_client **ret,
                  struct err_cause *cause)
{
    enum ks_err rc = registration_start_net(registration, channel, streams, ret,
                                            cause);

    if (rc == KS_OK)
        rc = registration_target(registration, STATEMENT_MACHINE, *ret, cause);
    if (rc == KS_OK && purpose == REGISTRATION_SELF)
        rc = net_client_ask(*ret, NET_SELF, cause);
    if (rc == KS_OK && purpose == REGISTRATION_STREAM)
        rc = net_client_ask(*ret, NET_STREAM, cause);
    return rc;
}

static enum ks_err
bind_machine(const struct registration *registration,
             struct token_client *token, struct err_cause *cause)
{
    uint8_t id[KEYSTORE_ID_LENGTH];
    size_t length = 0;
    unsigned char *public = pem_public_der(registration->state,
                                           STATE_MACHINE_SPKI, &length);
    enum ks_err rc;

    if (public == NULL ||
        !state_bytes(registration->state, STATE_MACHINE_ID, id, sizeof id))
        rc = err_set(cause, KS_ERR_STATE_BROKEN, "no machine key");
    else
        rc = token_client_bind_machine(token, id, public, length, cause);
    OPENSSL_free(public);
    return rc;
}

enum ks_err
registration_prove_machine(const struct registration *registration,
                           const struct registration_machine *machine,
                           struct err_cause *cause)
{
    EVP_PKEY *public = pem_public(registration->state, STATE_MACHINE_SPKI);
    enum ks_err rc;

    if (public == NULL)
        return err_set(cause, KS_ERR_STATE_BROKEN, "no machine key");
    rc = token_client_prove(machine->token, STATEMENT_MACHINE, public, cause);
    EVP_PKEY_free(public);
    return rc;
}

enum ks_err
registration_open_machine(struct registration *registration,
                          enum registration_purpose purpose, const int *streams,
                          struct registration_machine *ret,
                          struct err_cause *cause)
{
    struct registration_machine machine = {NULL, NULL};
    int pair[2] = {-1, -1};
    enum ks_err rc;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return err_set_errno(cause, KS_ERR_RESOURCES, "socketpair");
    rc = purpose != REGISTRATION_TOKEN_ONLY
             ? start_machine_net(registration, purpose, pair[1], streams,
                                 &machine.net, cause)
             : KS_OK;
    if (rc == KS_OK)
        rc = start_token(registration, STATEMENT_PHASE_MACHINE, pair[0], -1,
                         &machine.token, cause);
    if (rc == KS_OK)
        rc = token_opened(registration, machine.token, cause);
    if (rc == KS_OK)
        rc = bind_machine(registration, machine.token, cause);
    (void)close(pair[0]);
    (void)close(pair[1]);
    if (rc == KS_OK)
        *ret = machine;
    else
        registration_close_machine(&machine);
    return rc;
}

void
registration_close_machine(struct registration_machine *machine)
{
    token_client_end(machine->token);
    net_client_close(&machine->net);
    token_client_close(&machine->token);
}
