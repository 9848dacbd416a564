/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two helpers as one identity, for calls to the vault: holdfast-net speaks
 * TLS, and holdfast-token signs for it over a channel between the two.
 */
#ifndef AGENT_HOLDFAST_SESSION_PAIR_H
#define AGENT_HOLDFAST_SESSION_PAIR_H

#include "agent/holdfast/session/session.h"

struct pair {
    struct token_client *token;
    struct net_client *net; /* NULL without a network */
};

/* The pair's purpose.  The first call of the last two is under way to the vault
 * while the token is opened. */
enum pair_purpose {
    PAIR_TOKEN_ONLY, /* no network */
    PAIR_CALLS,      /* any call */
    PAIR_SELF,       /* net_client_self() first */
    PAIR_STREAM      /* net_client_stream(), with the pipes */
};

/* Start both, as the credential (enrolment) or the machine, whose key is bound
 * then.  STREAMS as for net_client_start().  KS_ERR_STATE_BROKEN: a
 * certificate or key is not recorded; else errors as of run_opened(),
 * net_client_start() and token_client_bind_machine().  pair_close() in any
 * case. */
ERR_MUST_USE enum ks_err pair_open_credential(struct session *session,
                                              struct pair *ret,
                                              struct err_cause *cause);
ERR_MUST_USE enum ks_err pair_open_machine(struct session *session,
                                           enum pair_purpose purpose,
                                           const int *streams, struct pair *ret,
                                           struct err_cause *cause);

/* Bind the machine's recorded key in a run.  KS_ERR_KEY_MISSING: the token does
 * not have it. */
ERR_MUST_USE enum ks_err pair_bind_machine(const struct session *session,
                                           struct token_client *token,
                                           struct err_cause *cause);

/* Does the machine's key sign?  Asked before anything is destroyed, because
 * what the vault answers is holdfast-net's word. */
ERR_MUST_USE enum ks_err pair_prove_machine(const struct session *session,
                                            const struct pair *pair,
                                            struct err_cause *cause);

void pair_close(struct pair *pair);

#endif
