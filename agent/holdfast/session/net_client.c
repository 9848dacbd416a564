/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to holdfast-net and the checking of its answers. */
#include "agent/holdfast/session/net_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/holdfast/policy/crl_file.h"
#include "agent/holdfast/policy/issuers.h"

/* Requests are answered in their order. */
struct net_client {
    struct helper *helper;
    struct msg *msg;
    bool told; /* the answer to net_client_connect() is to come, */
    enum channel_message asked; /* and then that to this; CHANNEL_STOP: none */
};

static enum ks_err
finish(struct net_client *client, struct err_cause *cause)
{
    return layout_done_take(client->msg, "holdfast-net", cause);
}

/* The answer to the request sent last, or the failure of the one before. */
static enum ks_err
take(struct net_client *client, struct err_cause *cause)
{
    enum ks_err rc = KS_OK;

    if (client->told) {
        client->told = false;
        rc = helper_answer(client->helper, client->msg, cause);
        if (rc == KS_OK)
            rc = finish(client, cause);
    }
    return rc == KS_OK ? helper_answer(client->helper, client->msg, cause) : rc;
}

static enum ks_err
put(struct net_client *client, struct err_cause *cause)
{
    return client->asked == CHANNEL_STOP
               ? helper_send(client->helper, client->msg, cause)
               : err_set(cause, KS_ERR_INTERNAL,
                         "an answer is still to be taken");
}

static enum ks_err
call(struct net_client *client, struct err_cause *cause)
{
    enum ks_err rc = put(client, cause);

    return rc == KS_OK ? take(client, cause) : rc;
}

enum ks_err
net_client_ask(struct net_client *client, enum channel_message what,
               struct err_cause *cause)
{
    enum ks_err rc;

    layout_bare_put(client->msg, what);
    rc = put(client, cause);
    if (rc == KS_OK)
        client->asked = what;
    return rc;
}

/* The answer to what was perhaps asked ahead. */
static enum ks_err
take_asked(struct net_client *client, enum channel_message what,
           struct err_cause *cause)
{
    enum ks_err rc = client->asked == what
                         ? KS_OK
                         : net_client_ask(client, what, cause);

    if (rc == KS_OK)
        client->asked = CHANNEL_STOP;
    return rc == KS_OK ? take(client, cause) : rc;
}

static enum ks_err
call_for_nothing(struct net_client *client, enum channel_message what,
                 struct err_cause *cause)
{
    enum ks_err rc = take_asked(client, what, cause);

    return rc == KS_OK ? finish(client, cause) : rc;
}

static void
close_file(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}

enum ks_err
net_client_start(const struct net_trust *trust, int channel, const int *streams,
                 struct net_client **ret, struct err_cause *cause)
{
    struct helper_fds fds = HELPER_NO_FDS;
    struct net_client *client = calloc(1, sizeof *client);
    enum ks_err rc = issuers_open(trust->ca_file, &fds.fd[CHANNEL_FD_INPUT],
                                  cause);

    if (rc == KS_OK && trust->crl_file != NULL)
        rc = crl_file_open(trust->crl_file, &fds.fd[CHANNEL_FD_CRL], cause);
    if (rc != KS_OK)
        goto out;
    if (client == NULL || (client->msg = msg_new()) == NULL) {
        rc = err_set(cause, KS_ERR_RESOURCES, "no memory");
        goto out;
    }
    fds.fd[CHANNEL_FD_NET] = channel;
    if (streams != NULL) {
        fds.fd[CHANNEL_FD_STREAM_IN] = streams[0];
        fds.fd[CHANNEL_FD_STREAM_OUT] = streams[1];
    }
    rc = helper_start(HELPER_NET, &fds, false, &client->helper, cause);
    if (rc != KS_OK)
        goto out;
    *ret = client;
    client = NULL; /* transferred */
out:
    net_client_close(&client);
    close_file(fds.fd[CHANNEL_FD_INPUT]);
    close_file(fds.fd[CHANNEL_FD_CRL]);
    return rc;
}

void
net_client_close(struct net_client **client)
{
    if (*client == NULL)
        return;
    helper_stop(&(*client)->helper);
    msg_free(&(*client)->msg);
    free(*client);
    *client = NULL;
}

enum ks_err
net_client_connect(struct net_client *client,
                   const struct layout_net_connect *target,
                   struct err_cause *cause)
{
    enum ks_err rc;

    (void)layout_net_connect_put(client->msg, target);
    rc = helper_send(client->helper, client->msg, cause);
    client->told = rc == KS_OK;
    return rc;
}

enum ks_err
net_client_token(struct net_client *client, struct err_cause *cause)
{
    return call_for_nothing(client, NET_TOKEN, cause);
}

enum ks_err
net_client_nonce(struct net_client *client, const char *name, const char *offer,
                 struct net_nonce *ret, struct err_cause *cause)
{
    struct layout_net_nonce_answer answer;
    enum ks_err rc;

    LAYOUT_PUT(client->msg, net_nonce, .name = name, .offer = offer);
    rc = call(client, cause);
    if (rc == KS_OK)
        rc = layout_net_nonce_answer_take(client->msg, &answer, cause);
    if (rc != KS_OK)
        return rc;
    (void)snprintf(ret->text, sizeof ret->text, "%s", answer.nonce);
    memcpy(ret->challenge, answer.challenge.at, answer.challenge.length);
    ret->challenge_length = answer.challenge.length;
    return KS_OK;
}

static void
keep_verdict(const struct layout_net_evidence_answer *from,
             struct net_verdict *to)
{
    LAYOUT_NET_EVIDENCE_ANSWER(LAYOUT_KEEP)
}

enum ks_err
net_client_evidence(struct net_client *client, const char *evidence,
                    struct net_verdict *ret, struct err_cause *cause)
{
    struct layout_net_evidence_answer answer;
    enum ks_err rc;

    LAYOUT_PUT(client->msg, net_evidence, evidence);
    rc = call(client, cause);
    if (rc == KS_OK)
        rc = layout_net_evidence_answer_take(client->msg, &answer, cause);
    if (rc == KS_OK)
        keep_verdict(&answer, ret);
    return rc;
}

enum ks_err
net_client_authorities(struct net_client *client, STACK_OF(X509) * *ret,
                       struct err_cause *cause)
{
    struct layout_net_authorities_answer answer;
    STACK_OF(X509) * authorities;
    bool all = true;
    enum ks_err rc;

    layout_bare_put(client->msg, NET_AUTHORITIES);
    rc = call(client, cause);
    if (rc == KS_OK)
        rc = layout_net_authorities_answer_take(client->msg, &answer, cause);
    if (rc != KS_OK)
        return rc;
    authorities = sk_X509_new_null();
    for (size_t i = 0; i < answer.authority_count; i++)
        if (!all ||
            sk_X509_push(authorities, answer.authority[i].certificate) < 1) {
            X509_free(answer.authority[i].certificate);
            all = false;
        }
    if (all && answer.authority_count > 0) {
        *ret = authorities;
        return KS_OK;
    }
    sk_X509_pop_free(authorities, X509_free);
    return all ? err_set(cause, KS_ERR_NET_REPLY, "no authorities")
               : err_set_openssl(cause, KS_ERR_RESOURCES, "authorities");
}

enum ks_err
net_client_enrol(struct net_client *client,
                 const struct layout_net_enrol *enrol, X509 **ret,
                 struct err_cause *cause)
{
    struct layout_net_enrol_answer answer;
    enum ks_err rc;

    (void)layout_net_enrol_put(client->msg, enrol);
    rc = call(client, cause);
    if (rc == KS_OK)
        rc = layout_net_enrol_answer_take(client->msg, &answer, cause);
    if (rc == KS_OK)
        *ret = answer.certificate;
    return rc;
}

static void
keep(const struct layout_net_self_answer *from, struct net_self *to)
{
    LAYOUT_NET_SELF_ANSWER(LAYOUT_KEEP)
}

enum ks_err
net_client_self(struct net_client *client, struct net_self *ret,
                struct err_cause *cause)
{
    struct layout_net_self_answer self;
    enum ks_err rc = take_asked(client, NET_SELF, cause);

    if (rc == KS_OK)
        rc = layout_net_self_answer_take(client->msg, &self, cause);
    if (rc == KS_OK)
        keep(&self, ret);
    return rc;
}

enum ks_err
net_client_leave(struct net_client *client, struct err_cause *cause)
{
    return call_for_nothing(client, NET_LEAVE, cause);
}

enum ks_err
net_client_stream(struct net_client *client, struct err_cause *cause)
{
    return call_for_nothing(client, NET_STREAM, cause);
}

enum ks_err
net_client_relay(struct net_client *client, struct err_cause *cause)
{
    enum ks_err rc;

    if (client->told || client->asked != CHANNEL_STOP)
        return err_set(cause, KS_ERR_INTERNAL, "not connected");
    layout_bare_put(client->msg, NET_RELAY);
    rc = helper_wait(client->helper, client->msg, cause);
    return rc == KS_OK ? finish(client, cause) : rc;
}
