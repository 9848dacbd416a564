/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast's requests of holdfast-net, each one or two of the vault. */
#include "agent/net/net.h"

#include <stdlib.h>
#include <string.h>

#include "agent/net/http_stream.h"
#include "agent/net/relay.h"
#include "agent/net/oauth.h"

static enum ks_err
get_token(struct net *net, struct err_cause *cause)
{
    struct vault_token_request request = {.token_endpoint = net->token_endpoint,
                                          .client_id = net->client_id,
                                          .audience = net->audience};
    char *assertion = NULL;
    enum ks_err rc;

    rc = vault_token_discover(net->http, net->authority, net->tenant,
                              net->token_endpoint, cause);
    if (rc == KS_OK)
        rc = net_assertion(net, &assertion, cause);
    if (rc != KS_OK)
        return rc;
    vault_token_free(&net->access_token);
    request.assertion = assertion;
    rc = vault_token_get(net->http, &request, &net->access_token, cause);
    vault_token_free(&assertion);
    return rc;
}

static enum ks_err
get_nonce(struct net *net, struct msg *msg, struct err_cause *cause)
{
    char *name = strdup(msg_get_text(msg));
    const char *nonce = "";
    enum ks_err rc;

    if (!msg_complete(msg) || name == NULL) {
        free(name);
        return msg_malformed_request(cause);
    }
    rc = vault_client_nonce(net->vault, net->access_token, name, &nonce, cause);
    free(name);
    if (rc != KS_OK)
        return rc;
    msg_begin(msg, CHANNEL_DONE);
    msg_put_text(msg, nonce);
    return KS_OK;
}

static enum ks_err
get_authorities(struct net *net, struct msg *msg, struct err_cause *cause)
{
    STACK_OF(X509) *authorities = NULL;
    enum ks_err rc = vault_client_authorities(net->vault, &authorities, cause);
    int count;

    if (rc != KS_OK)
        return rc;
    count = sk_X509_num(authorities);
    msg_begin(msg, CHANNEL_DONE);
    msg_put_number(msg, (uint64_t)count);
    for (int i = 0; i < count; i++)
        msg_put_certificate(msg, sk_X509_value(authorities, i));
    sk_X509_pop_free(authorities, X509_free);
    return KS_OK;
}

static enum ks_err
enrol(struct net *net, struct msg *msg, struct err_cause *cause)
{
    size_t length;
    const uint8_t *request = msg_get_bytes(msg, &length);
    const char *proof = msg_get_text(msg);
    X509 *certificate = NULL;
    enum ks_err rc;

    if (!msg_complete(msg))
        return msg_malformed_request(cause);
    rc = vault_client_enrol(net->vault, net->access_token, request, length,
                            proof, &certificate, cause);
    if (rc != KS_OK)
        return rc;
    msg_begin(msg, CHANNEL_DONE);
    msg_put_certificate(msg, certificate);
    X509_free(certificate);
    return KS_OK;
}

static enum ks_err
get_self(struct net *net, struct msg *msg, struct err_cause *cause)
{
    struct vault_self self;
    enum ks_err rc = vault_client_self(net->vault, &self, cause);

    if (rc != KS_OK)
        return rc;
    msg_begin(msg, CHANNEL_DONE);
    msg_put_text(msg, self.machine);
    msg_put_text(msg, self.name);
    msg_put_text(msg, self.vault);
    msg_put_text(msg, self.vault_name);
    return KS_OK;
}

static enum ks_err
dispatch(struct net *net, uint32_t type, struct msg *msg,
         struct err_cause *cause)
{
    enum ks_err rc;

    switch (type) {
    case NET_TOKEN:
        rc = get_token(net, cause);
        msg_begin(msg, CHANNEL_DONE);
        return rc;
    case NET_NONCE:
        return get_nonce(net, msg, cause);
    case NET_AUTHORITIES:
        return get_authorities(net, msg, cause);
    case NET_ENROL:
        return enrol(net, msg, cause);
    case NET_SELF:
        return get_self(net, msg, cause);
    case NET_LEAVE:
        rc = vault_client_leave(net->vault, cause);
        msg_begin(msg, CHANNEL_DONE);
        return rc;
    case NET_STREAM:
        rc = http_connect(net->http, net->endpoint, cause);
        msg_begin(msg, CHANNEL_DONE);
        return rc;
    case NET_RELAY:
        rc = net_relay(net->http, CHANNEL_FD_STREAM_IN, CHANNEL_FD_STREAM_OUT,
                       cause);
        msg_begin(msg, CHANNEL_DONE);
        return rc;
    default:
        return err_set(cause, KS_ERR_INTERNAL, "an unknown request");
    }
}

/* libcurl only says that a handshake failed, and the reason may be that
 * holdfast-token refused to sign: then that is the error.  A server's failure
 * stays one, even if no further handshake was signed to try again. */
static enum ks_err
result(struct net *net, enum ks_err rc, struct err_cause *cause)
{
    if (rc == KS_OK || rc == KS_ERR_VAULT_FAILED || net->refusal == KS_OK)
        return rc;
    *cause = net->refusal_cause;
    return net->refusal;
}

enum ks_err
net_ask(struct net *net, struct msg *msg, struct err_cause *cause)
{
    uint32_t type = msg_type(msg);
    enum ks_err rc;

    if (net->vault == NULL)
        return err_set(cause, KS_ERR_INTERNAL, "not connected");
    net->refusal = KS_OK;
    net->ahead = type == NET_SELF || type == NET_STREAM;
    net->kept_waiting = false;
    rc = dispatch(net, type, msg, cause);
    /* The token was being opened, which took too long. */
    if (rc == KS_ERR_NET && net->ahead && net->kept_waiting)
        rc = dispatch(net, type, msg, cause);
    return result(net, rc, cause);
}
