/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to holdfast-net and the checking of its answers. */
#include "agent/holdfast/session/net_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/holdfast/policy/crl_file.h"
#include "agent/holdfast/policy/issuers.h"

#define AUTHORITIES_MAX 8

/* Requests are answered in their order. */
struct net_client {
    struct helper *helper;
    struct msg *msg;
    bool told; /* the answer to net_client_target() is to come, */
    enum channel_message asked; /* and then that to this; CHANNEL_STOP: none */
};

static enum ks_err
finish(struct net_client *client, struct err_cause *cause)
{
    return msg_complete(client->msg)
               ? KS_OK
               : msg_malformed_answer("holdfast-net", cause);
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

    msg_begin(client->msg, what);
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
net_client_target(struct net_client *client, const struct net_target *target,
                  struct err_cause *cause)
{
    struct msg *msg = client->msg;
    enum ks_err rc;

    msg_begin(msg, NET_CONNECT);
    msg_put_number(msg, target->identity);
    msg_put_bytes(msg, target->certificate, target->certificate_length);
    msg_put_text(msg, target->authority);
    msg_put_text(msg, target->tenant);
    msg_put_text(msg, target->token_endpoint);
    msg_put_text(msg, target->client_id);
    msg_put_text(msg, target->audience);
    msg_put_text(msg, target->endpoint);
    msg_put_text(msg, target->vault);
    msg_put_text(msg, target->proxy);
    msg_put_text(msg, target->except);
    rc = helper_send(client->helper, msg, cause);
    client->told = rc == KS_OK;
    return rc;
}

enum ks_err
net_client_token(struct net_client *client, struct err_cause *cause)
{
    return call_for_nothing(client, NET_TOKEN, cause);
}

enum ks_err
net_client_nonce(struct net_client *client, const char *name,
                 char ret[static NET_NONCE_MAX], struct err_cause *cause)
{
    const char *nonce;
    enum ks_err rc;

    msg_begin(client->msg, NET_NONCE);
    msg_put_text(client->msg, name);
    rc = call(client, cause);
    if (rc != KS_OK)
        return rc;
    nonce = msg_get_text(client->msg);
    rc = finish(client, cause);
    if (rc == KS_OK &&
        snprintf(ret, NET_NONCE_MAX, "%s", nonce) >= NET_NONCE_MAX)
        rc = err_set(cause, KS_ERR_NET_REPLY, "the nonce is too long");
    return rc;
}

/* The next field as a certificate, or NULL. */
static X509 *
take_certificate(struct msg *msg)
{
    size_t length;
    const uint8_t *der = msg_get_bytes(msg, &length);

    return der != NULL ? d2i_X509(NULL, &der, (long)length) : NULL;
}

enum ks_err
net_client_authorities(struct net_client *client, STACK_OF(X509) * *ret,
                       struct err_cause *cause)
{
    STACK_OF(X509) *authorities = sk_X509_new_null();
    X509 *certificate = NULL;
    uint64_t count;
    enum ks_err rc;

    msg_begin(client->msg, NET_AUTHORITIES);
    rc = call(client, cause);
    if (rc != KS_OK)
        goto out;
    count = msg_get_number(client->msg);
    if (count == 0 || count > AUTHORITIES_MAX) {
        rc = err_set(cause, KS_ERR_NET_REPLY, "%llu authorities",
                     (unsigned long long)count);
        goto out;
    }
    while (count-- > 0) {
        certificate = take_certificate(client->msg);
        if (certificate == NULL || sk_X509_push(authorities, certificate) < 1) {
            rc = err_set_openssl(cause, KS_ERR_NET_REPLY, "an authority");
            X509_free(certificate);
            goto out;
        }
    }
    rc = finish(client, cause);
    if (rc != KS_OK)
        goto out;
    *ret = authorities;
    authorities = NULL; /* transferred */
out:
    sk_X509_pop_free(authorities, X509_free);
    return rc;
}

enum ks_err
net_client_enrol(struct net_client *client, const uint8_t *request,
                 size_t length, const char *proof, X509 **ret,
                 struct err_cause *cause)
{
    X509 *certificate;
    enum ks_err rc;

    msg_begin(client->msg, NET_ENROL);
    msg_put_bytes(client->msg, request, length);
    msg_put_text(client->msg, proof);
    rc = call(client, cause);
    if (rc != KS_OK)
        return rc;
    certificate = take_certificate(client->msg);
    rc = finish(client, cause);
    if (rc == KS_OK && certificate == NULL)
        rc = err_set_openssl(cause, KS_ERR_NET_REPLY, "machine certificate");
    if (rc == KS_OK)
        *ret = certificate;
    else
        X509_free(certificate);
    return rc;
}

enum ks_err
net_client_self(struct net_client *client, struct net_self *ret,
                struct err_cause *cause)
{
    struct net_self self;
    enum ks_err rc;

    rc = take_asked(client, NET_SELF, cause);
    if (rc != KS_OK)
        return rc;
    msg_copy_text(client->msg, self.machine, sizeof self.machine);
    msg_copy_text(client->msg, self.name, sizeof self.name);
    msg_copy_text(client->msg, self.vault, sizeof self.vault);
    msg_copy_text(client->msg, self.vault_name, sizeof self.vault_name);
    rc = finish(client, cause);
    if (rc == KS_OK)
        *ret = self;
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
    msg_begin(client->msg, NET_RELAY);
    rc = helper_wait(client->helper, client->msg, cause);
    return rc == KS_OK ? finish(client, cause) : rc;
}
