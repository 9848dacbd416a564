/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holdfast's side of holdfast-net: one process an identity, one call a message.
 * Whatever comes from there came from the network; it is checked again here.
 */
#ifndef AGENT_HOLDFAST_SESSION_NET_CLIENT_H
#define AGENT_HOLDFAST_SESSION_NET_CLIENT_H

#include <openssl/x509.h>

#include "agent/holdfast/helper.h"
#include "agent/statement/statement.h"

/* Where to connect, and as whom; all borrowed. */
struct net_target {
    enum statement_identity identity;
    const uint8_t *certificate; /* of the identity, DER */
    size_t certificate_length;
    const char *authority;
    const char *tenant;
    const char *token_endpoint;
    const char *client_id;
    const char *audience;
    const char *endpoint;
    const char *vault;
    const char *proxy;  /* http://HOST:PORT, or "" */
    const char *except; /* hosts reached without it, as in no_proxy */
};

struct net_client;

/* Files by which a server is judged */
struct net_trust {
    const char *ca_file;  /* issuers, PEM */
    const char *crl_file; /* what they have revoked; NULL: nobody looks */
};

/* Start holdfast-net, which waits until it is told where to connect.  It is
 * loaded, and can be on its way, while the token is opened.  The files of TRUST
 * are opened, and believed or not in holdfast-net.  CHANNEL is its end of the
 * net channel to holdfast-token.  STREAMS: NULL, or another program's pipes:
 * what it writes, what it reads. */
ERR_MUST_USE enum ks_err net_client_start(const struct net_trust *trust,
                                          int channel, const int *streams,
                                          struct net_client **ret,
                                          struct err_cause *cause);
void net_client_close(struct net_client **client);

/* Before anything else, once.  It does not wait for the answer: if that is a
 * failure the next call fails with it, and there is none after that. */
ERR_MUST_USE enum ks_err net_client_target(struct net_client *client,
                                           const struct net_target *target,
                                           struct err_cause *cause);

/* Ask WHAT already, NET_SELF or NET_STREAM; net_client_self() or _stream(), the
 * next call but this, then takes the answer. */
ERR_MUST_USE enum ks_err net_client_ask(struct net_client *client,
                                        enum channel_message what,
                                        struct err_cause *cause);

/* M1 and M2; the access token stays in holdfast-net. */
ERR_MUST_USE enum ks_err net_client_token(struct net_client *client,
                                          struct err_cause *cause);

/* M3, for a machine that people call NAME. */
#define NET_NONCE_MAX 256
ERR_MUST_USE enum ks_err net_client_nonce(struct net_client *client,
                                          const char *name,
                                          char ret[static NET_NONCE_MAX],
                                          struct err_cause *cause);

/* M4: the vault's machine authorities, and the machine's certificate for a
 * PKCS#10 REQUEST.  The caller frees *RET. */
ERR_MUST_USE enum ks_err net_client_authorities(struct net_client *client,
                                                STACK_OF(X509) * *ret,
                                                struct err_cause *cause);
ERR_MUST_USE enum ks_err net_client_enrol(struct net_client *client,
                                          const uint8_t *request, size_t length,
                                          const char *proof, X509 **ret,
                                          struct err_cause *cause);

/* M5: who the vault says this machine is. */
struct net_self {
    char machine[64];
    char name[256];
    char vault[32];
    char vault_name[256];
};
ERR_MUST_USE enum ks_err net_client_self(struct net_client *client,
                                         struct net_self *ret,
                                         struct err_cause *cause);
ERR_MUST_USE enum ks_err net_client_leave(struct net_client *client,
                                          struct err_cause *cause);

/* M7: connect to the vault's server for the program behind the streams,
 * then carry its bytes until it ends. */
ERR_MUST_USE enum ks_err net_client_stream(struct net_client *client,
                                           struct err_cause *cause);
ERR_MUST_USE enum ks_err net_client_relay(struct net_client *client,
                                          struct err_cause *cause);

#endif
