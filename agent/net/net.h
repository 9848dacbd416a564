/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of holdfast-net: one identity, its connection and its access
 * token. The identity's private key is never here: holdfast-token signs.
 */
#ifndef AGENT_NET_NET_H
#define AGENT_NET_NET_H

#include "agent/ipc/layout.h"
#include "agent/net/vault.h"

/* The content of a file as it was read */
struct net_file {
    unsigned char *bytes;
    size_t length;
};

struct net {
    struct net_file issuers;   /* PEM */
    STACK_OF(X509_CRL) * crls; /* what they have revoked; NULL: nobody looks */
    struct msg *told;          /* NET_CONNECT, in which TARGET is */
    struct layout_net_connect target;
    X509 *certificate;
    EVP_PKEY *key;
    struct http *http;
    struct vault_client *vault;
    char *access_token;
    struct msg *question; /* to holdfast-token */
    enum ks_err refusal;  /* its last, and why */
    struct err_cause refusal_cause;
    bool ahead;        /* what is asked may be so before the token is opened */
    bool kept_waiting; /* by holdfast-token, and perhaps a server with us */
};

/* NET_CONNECT: take the identity and where to go from MSG. */
ERR_MUST_USE enum ks_err net_connect(struct net *net, struct msg *msg,
                                     struct err_cause *cause);

/* An assertion from holdfast-token for the token endpoint.  The caller frees
 * *RET with vault_token_free(). */
ERR_MUST_USE enum ks_err net_assertion(struct net *net, char **ret,
                                       struct err_cause *cause);

/* All other requests of holdfast's. */
ERR_MUST_USE enum ks_err net_ask(struct net *net, struct msg *msg,
                                 struct err_cause *cause);

#endif
