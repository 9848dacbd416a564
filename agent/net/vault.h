/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's side of the vault: M3 to M5 of docs/protocol.md over one HTTPS
 * handle.  Runs only in holdfast-net: nothing here is believed by the process
 * that asked.
 */
#ifndef AGENT_NET_VAULT_H
#define AGENT_NET_VAULT_H

#include <openssl/x509.h>

#include "agent/net/http.h"

struct vault_client;

/* Work with TARGET's vault through HTTP, which is borrowed. */
ERR_MUST_USE enum ks_err
vault_client_open(struct http *http, const struct layout_net_connect *target,
                  struct vault_client **ret, struct err_cause *cause);
void vault_client_close(struct vault_client **client);

/* M3 with an access TOKEN, which a registered machine has none of: the nonce
 * and, of an offer, the challenge.  Without a name it is for evidence that a
 * registered machine gives anew.  The text (at most LAYOUT_NONCE_MAX bytes) is
 * CLIENT's until it is asked again or closed. */
struct vault_nonce {
    const char *text;
    uint8_t challenge[LAYOUT_CHALLENGE_MAX];
    size_t challenge_length; /* 0: there is none */
};
ERR_MUST_USE enum ks_err
vault_client_nonce(struct vault_client *client, const char *token,
                   const struct layout_net_nonce *request,
                   struct vault_nonce *ret, struct err_cause *cause);

/* EVIDENCE to the vault as it is; the words of its verdict are CLIENT's. */
ERR_MUST_USE enum ks_err vault_client_evidence(
    struct vault_client *client, const char *token, const char *evidence,
    struct layout_net_evidence_answer *ret, struct err_cause *cause);

/* M4 (RFC 7030, 4.1 and 4.2): the machine authorities, and the certificate for
 * a PKCS #10 request with its enrolment proof.  The caller frees *RET. */
ERR_MUST_USE enum ks_err vault_client_authorities(struct vault_client *client,
                                                  STACK_OF(X509) * *ret,
                                                  struct err_cause *cause);
ERR_MUST_USE enum ks_err
vault_client_enrol(struct vault_client *client, const char *token,
                   const struct layout_net_enrol *enrol, X509 **ret,
                   struct err_cause *cause);

/* M5; the texts are CLIENT's until it is asked again or closed. */
ERR_MUST_USE enum ks_err vault_client_self(struct vault_client *client,
                                           struct layout_net_self_answer *ret,
                                           struct err_cause *cause);
/* Also KS_OK where the machine has left before, or was revoked. */
ERR_MUST_USE enum ks_err vault_client_leave(struct vault_client *client,
                                            struct err_cause *cause);

#endif
