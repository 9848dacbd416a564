/* SPDX-License-Identifier: Apache-2.0 */
/* The identity of holdfast-net, whose key it does not have: holdfast-token
 * signs for it. */
#include "agent/net/net.h"

#include <string.h>
#include <time.h>

#include "agent/net/keyless.h"

#define SIGN_TIMEOUT 60000  /* milliseconds; a token may be slow, */
#define OPEN_TIMEOUT 600000 /* and be opened and searched first */
#define PATIENCE 3          /* seconds that any server waits */

static bool
sign_handshake(void *context, uint16_t scheme, const uint8_t *content,
               size_t content_length, uint8_t *signature, size_t *length)
{
    struct net *net = context;
    struct msg *msg = net->question;
    const uint8_t *answer;
    size_t answer_length;
    struct timespec since, now;

    (void)clock_gettime(CLOCK_MONOTONIC, &since);
    msg_begin(msg, SIGN_HANDSHAKE);
    msg_put_number(msg, net->identity);
    msg_put_number(msg, scheme);
    msg_put_bytes(msg, content, content_length);
    net->refusal = channel_call(CHANNEL_FD_NET, msg,
                                net->ahead ? OPEN_TIMEOUT : SIGN_TIMEOUT,
                                &net->refusal_cause);
    if (net->refusal != KS_OK)
        return false;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    net->kept_waiting = now.tv_sec - since.tv_sec >= PATIENCE;
    answer = msg_get_bytes(msg, &answer_length);
    if (!msg_complete(msg) || answer_length > *length) {
        net->refusal = msg_malformed_answer("holdfast-token",
                                            &net->refusal_cause);
        return false;
    }
    memcpy(signature, answer, answer_length);
    *length = answer_length;
    return true;
}

static enum ks_err
take_identity(struct net *net, struct msg *msg, struct err_cause *cause)
{
    const uint8_t *der;
    size_t length;

    net->identity = msg_get_number(msg);
    der = msg_get_bytes(msg, &length);
    net->certificate = d2i_X509(NULL, &der, (long)length);
    if (net->certificate == NULL)
        return err_set_openssl(cause, KS_ERR_STATE_BROKEN, "certificate");
    return keyless_key(X509_get0_pubkey(net->certificate), sign_handshake, net,
                       &net->key, cause);
}

enum ks_err
net_connect(struct net *net, struct msg *msg, struct err_cause *cause)
{
    struct http_identity identity = {.authorities = net->issuers,
                                     .authorities_length = net->issuers_length};
    const char *vault;
    enum ks_err rc;

    if (net->http != NULL)
        return err_set(cause, KS_ERR_INTERNAL, "one identity a process");
    rc = take_identity(net, msg, cause);
    if (rc != KS_OK)
        return rc;
    net->authority = strdup(msg_get_text(msg));
    net->tenant = strdup(msg_get_text(msg));
    net->token_endpoint = strdup(msg_get_text(msg));
    net->client_id = strdup(msg_get_text(msg));
    net->audience = strdup(msg_get_text(msg));
    net->endpoint = strdup(msg_get_text(msg));
    vault = msg_get_text(msg);
    net->proxy = strdup(msg_get_text(msg));
    net->proxy_except = strdup(msg_get_text(msg));
    if (!msg_complete(msg) || net->authority == NULL || net->tenant == NULL ||
        net->token_endpoint == NULL || net->client_id == NULL ||
        net->audience == NULL || net->endpoint == NULL || net->proxy == NULL ||
        net->proxy_except == NULL)
        return msg_malformed_request(cause);
    identity.certificate = net->certificate;
    identity.key = net->key;
    identity.proxy = net->proxy;
    identity.proxy_except = net->proxy_except;
    rc = http_open(&identity, &net->http, cause);
    if (rc == KS_OK)
        rc = vault_client_open(net->http, net->endpoint, vault, &net->vault,
                               cause);
    if (rc == KS_OK)
        msg_begin(msg, CHANNEL_DONE);
    return rc;
}

enum ks_err
net_assertion(struct net *net, char **ret, struct err_cause *cause)
{
    struct msg *msg = net->question;
    const char *assertion;
    enum ks_err rc;

    msg_begin(msg, SIGN_ASSERTION);
    msg_put_number(msg, net->identity);
    msg_put_text(msg, net->token_endpoint);
    rc = channel_call(CHANNEL_FD_NET, msg, SIGN_TIMEOUT, cause);
    if (rc != KS_OK)
        return rc;
    assertion = msg_get_text(msg);
    if (!msg_complete(msg))
        return msg_malformed_answer("holdfast-token", cause);
    *ret = strdup(assertion);
    return *ret != NULL ? KS_OK : err_set(cause, KS_ERR_RESOURCES, "no memory");
}
