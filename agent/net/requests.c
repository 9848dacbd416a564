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
    char *assertion = NULL;
    enum ks_err rc;

    rc = vault_token_discover(net->http, &net->target, cause);
    if (rc == KS_OK)
        rc = net_assertion(net, &assertion, cause);
    if (rc != KS_OK)
        return rc;
    vault_token_free(&net->access_token);
    rc = vault_token_get(net->http, &net->target, assertion, &net->access_token,
                         cause);
    vault_token_free(&assertion);
    return rc;
}

static enum ks_err
get_nonce(struct net *net, struct msg *msg, struct err_cause *cause)
{
    struct layout_net_nonce request;
    struct vault_nonce nonce;
    enum ks_err rc = layout_net_nonce_take(msg, &request, cause);

    if (rc == KS_OK)
        rc = vault_client_nonce(net->vault, net->access_token, &request, &nonce,
                                cause);
    if (rc == KS_OK)
        LAYOUT_PUT(msg, net_nonce_answer, nonce.text,
                   {nonce.challenge, nonce.challenge_length});
    return rc;
}

static enum ks_err
give_evidence(struct net *net, struct msg *msg, struct err_cause *cause)
{
    struct layout_net_evidence request;
    struct layout_net_evidence_answer verdict;
    enum ks_err rc = layout_net_evidence_take(msg, &request, cause);

    if (rc == KS_OK)
        rc = vault_client_evidence(net->vault, net->access_token,
                                   request.evidence, &verdict, cause);
    if (rc == KS_OK)
        (void)layout_net_evidence_answer_put(msg, &verdict);
    return rc;
}

/* Where the vault's reply did not fit. */
static enum ks_err
check_fit(bool fits, const char *what, struct err_cause *cause)
{
    return fits
               ? KS_OK
               : err_set(cause, KS_ERR_NET_REPLY, "it holds %s too long", what);
}

static enum ks_err
get_authorities(struct net *net, struct msg *msg, struct err_cause *cause)
{
    struct layout_net_authorities_answer answer = {.authority_count = 0};
    STACK_OF(X509) *authorities = NULL;
    enum ks_err rc = vault_client_authorities(net->vault, &authorities, cause);
    size_t count = (size_t)sk_X509_num(authorities);

    if (rc != KS_OK)
        return rc;
    for (size_t i = 0; i < count && i < LAYOUT_AUTHORITIES_MAX; i++)
        answer.authority[i].certificate = sk_X509_value(authorities, (int)i);
    answer.authority_count = count;
    if (count > LAYOUT_AUTHORITIES_MAX)
        rc = err_set(cause, KS_ERR_NET_REPLY, "%zu authorities", count);
    else
        rc = check_fit(layout_net_authorities_answer_put(msg, &answer),
                       "an authority", cause);
    sk_X509_pop_free(authorities, X509_free);
    return rc;
}

static enum ks_err
enrol(struct net *net, struct msg *msg, struct err_cause *cause)
{
    struct layout_net_enrol request;
    struct layout_net_enrol_answer answer = {NULL};
    enum ks_err rc = layout_net_enrol_take(msg, &request, cause);

    if (rc == KS_OK)
        rc = vault_client_enrol(net->vault, net->access_token, &request,
                                &answer.certificate, cause);
    if (rc == KS_OK)
        rc = check_fit(layout_net_enrol_answer_put(msg, &answer),
                       "a certificate", cause);
    X509_free(answer.certificate);
    return rc;
}

static enum ks_err
get_self(struct net *net, struct msg *msg, struct err_cause *cause)
{
    struct layout_net_self_answer self;
    enum ks_err rc = vault_client_self(net->vault, &self, cause);

    if (rc == KS_OK)
        (void)layout_net_self_answer_put(msg, &self);
    return rc;
}

/* Requests whose answer says nothing but that it is done. */
static enum ks_err
act(struct net *net, uint32_t type, struct err_cause *cause)
{
    switch (type) {
    case NET_TOKEN:
        return get_token(net, cause);
    case NET_LEAVE:
        return vault_client_leave(net->vault, cause);
    case NET_STREAM:
        return http_connect(net->http, net->target.endpoint, cause);
    case NET_RELAY:
        return net_relay(net->http, CHANNEL_FD_STREAM_IN, CHANNEL_FD_STREAM_OUT,
                         cause);
    default:
        return err_set(cause, KS_ERR_INTERNAL, "an unknown request");
    }
}

static enum ks_err
dispatch(struct net *net, uint32_t type, struct msg *msg,
         struct err_cause *cause)
{
    enum ks_err rc;

    if (type == NET_NONCE)
        return get_nonce(net, msg, cause);
    if (type == NET_EVIDENCE)
        return give_evidence(net, msg, cause);
    if (type == NET_ENROL)
        return enrol(net, msg, cause);
    rc = layout_bare_take(msg, cause);
    if (rc == KS_OK && type == NET_AUTHORITIES)
        return get_authorities(net, msg, cause);
    if (rc == KS_OK && type == NET_SELF)
        return get_self(net, msg, cause);
    if (rc == KS_OK)
        rc = act(net, type, cause);
    if (rc == KS_OK)
        layout_done_put(msg);
    return rc;
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
