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
    struct layout_sign_handshake_answer answer;
    struct timespec since, now;

    (void)clock_gettime(CLOCK_MONOTONIC, &since);
    LAYOUT_PUT(msg, sign_handshake, .identity = net->target.identity,
               .scheme = scheme, .content = {content, content_length});
    net->refusal = channel_call(CHANNEL_FD_NET, msg,
                                net->ahead ? OPEN_TIMEOUT : SIGN_TIMEOUT,
                                &net->refusal_cause);
    if (net->refusal != KS_OK)
        return false;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    net->kept_waiting = now.tv_sec - since.tv_sec >= PATIENCE;
    net->refusal = layout_sign_handshake_answer_take(msg, &answer,
                                                     &net->refusal_cause);
    if (net->refusal == KS_OK && answer.signature.length > *length)
        net->refusal = msg_malformed_answer("holdfast-token",
                                            &net->refusal_cause);
    if (net->refusal != KS_OK)
        return false;
    memcpy(signature, answer.signature.at, answer.signature.length);
    *length = answer.signature.length;
    return true;
}

static enum ks_err
take_identity(struct net *net, struct err_cause *cause)
{
    const uint8_t *der = net->target.certificate.at;

    net->certificate = d2i_X509(NULL, &der,
                                (long)net->target.certificate.length);
    if (net->certificate == NULL)
        return err_set_openssl(cause, KS_ERR_STATE_BROKEN, "certificate");
    return keyless_key(X509_get0_pubkey(net->certificate), sign_handshake, net,
                       &net->key, cause);
}

enum ks_err
net_connect(struct net *net, struct msg *msg, struct err_cause *cause)
{
    struct http_identity identity = {.target = &net->target,
                                     .authorities = net->issuers.bytes,
                                     .authorities_length = net->issuers.length,
                                     .crls = net->crls};
    enum ks_err rc;

    if (net->certificate != NULL)
        return err_set(cause, KS_ERR_INTERNAL, "one identity a process");
    msg_copy(net->told, msg);
    rc = layout_net_connect_take(net->told, &net->target, cause);
    /* Without the lists everything would work, and nothing be checked. */
    if (rc == KS_OK && net->target.crls != (net->crls != NULL))
        rc = err_set(cause, KS_ERR_INTERNAL, "the revocation lists are lost");
    if (rc == KS_OK)
        rc = take_identity(net, cause);
    identity.certificate = net->certificate;
    identity.key = net->key;
    if (rc == KS_OK)
        rc = http_open(&identity, &net->http, cause);
    if (rc == KS_OK)
        rc = vault_client_open(net->http, &net->target, &net->vault, cause);
    if (rc == KS_OK)
        layout_done_put(msg);
    return rc;
}

enum ks_err
net_assertion(struct net *net, char **ret, struct err_cause *cause)
{
    struct msg *msg = net->question;
    struct layout_sign_assertion_answer answer;
    enum ks_err rc;

    LAYOUT_PUT(msg, sign_assertion, net->target.identity,
               net->target.token_endpoint);
    rc = channel_call(CHANNEL_FD_NET, msg, SIGN_TIMEOUT, cause);
    if (rc == KS_OK)
        rc = layout_sign_assertion_answer_take(msg, &answer, cause);
    if (rc != KS_OK)
        return rc;
    *ret = strdup(answer.assertion);
    return *ret != NULL ? KS_OK : err_set(cause, KS_ERR_RESOURCES, "no memory");
}
