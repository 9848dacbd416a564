/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holdfast's side of holdfast-net: one process an identity, one call a message.
 * Whatever comes from there came from the network; it is checked again here.
 */
#ifndef AGENT_HOLDFAST_SESSION_NET_CLIENT_H
#define AGENT_HOLDFAST_SESSION_NET_CLIENT_H

#include <openssl/x509.h>

#include "agent/holdfast/helper.h"
#include "agent/ipc/layout.h"
#include "agent/statement/statement.h"

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
ERR_MUST_USE enum ks_err
net_client_connect(struct net_client *client,
                   const struct layout_net_connect *target,
                   struct err_cause *cause);

/* Ask WHAT already, NET_SELF or NET_STREAM; net_client_self() or _stream(), the
 * next call but this, then takes the answer. */
ERR_MUST_USE enum ks_err net_client_ask(struct net_client *client,
                                        enum channel_message what,
                                        struct err_cause *cause);

/* M1 and M2; the access token stays in holdfast-net. */
ERR_MUST_USE enum ks_err net_client_token(struct net_client *client,
                                          struct err_cause *cause);

/* M3, for a machine that people call NAME, with the token's OFFER or NULL;
 * where NAME is "", the OFFER of evidence that a registered machine gives anew.
 */
struct net_nonce {
    char text[LAYOUT_NONCE_MAX + 1];
    uint8_t challenge[LAYOUT_CHALLENGE_MAX];
    size_t challenge_length; /* 0: the vault asks for no evidence */
};
ERR_MUST_USE enum ks_err net_client_nonce(struct net_client *client,
                                          const char *name, const char *offer,
                                          struct net_nonce *ret,
                                          struct err_cause *cause);

/* The token's answer to that challenge, as it is, and the vault's verdict: the
 * words of docs/attestation.md. */
struct net_verdict {
    LAYOUT_NET_EVIDENCE_ANSWER(LAYOUT_KEPT)
};
ERR_MUST_USE enum ks_err net_client_evidence(struct net_client *client,
                                             const char *evidence,
                                             struct net_verdict *ret,
                                             struct err_cause *cause);

/* M4: the vault's machine authorities, and the machine's certificate.  The
 * caller frees *RET. */
ERR_MUST_USE enum ks_err net_client_authorities(struct net_client *client,
                                                STACK_OF(X509) * *ret,
                                                struct err_cause *cause);
ERR_MUST_USE enum ks_err net_client_enrol(struct net_client *client,
                                          const struct layout_net_enrol *enrol,
                                          X509 **ret, struct err_cause *cause);

/* M5: who the vault says this machine is. */
struct net_self {
    LAYOUT_NET_SELF_ANSWER(LAYOUT_KEPT)
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
