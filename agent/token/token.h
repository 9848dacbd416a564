/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holdfast-token's inside: one open store, two identities, and what this run
 * may do with them.  Included only by the files of that program.
 */
#ifndef AGENT_TOKEN_TOKEN_H
#define AGENT_TOKEN_TOKEN_H

#include <jansson.h>

#include "agent/ipc/channel.h"
#include "agent/ipc/layout.h"
#include "agent/statement/attestation.h"
#include "agent/statement/matrix.h"
#include "keystore/store/evidence.h"

/* An identity's key, once bound. */
struct token_identity {
    struct keystore_key *key;
    X509 *certificate; /* the credential's; NULL for the machine */
};

/* The values that holdfast pinned for the statements of this run. */
struct token_plan {
    char client_id[LAYOUT_FIELD_MAX + 1];
    char token_endpoint[LAYOUT_FIELD_MAX + 1];
    char resource[LAYOUT_FIELD_MAX + 1];
    char vault[LAYOUT_FIELD_MAX + 1];
    enum keystore_scheme scheme; /* of assertion and proof */
    uint8_t machine_key[32];     /* to take up an enrolment again */
    bool resumes;
    enum attestation_mode attest;
};

/* Offer and evidence of this run, for the enrolment proof to name. */
struct token_attestation {
    uint32_t pcrs; /* that the offer said would be quoted */
    uint8_t name[sizeof(((struct evidence_offer *)NULL)->name)]; /* the AK's */
    size_t name_length;          /* 0: no offer */
    uint8_t evidence_sha256[32]; /* of the bytes that were given */
    bool given;
};

struct token {
    struct keystore *ks;
    struct statement_ledger ledger;
    struct token_identity identity[STATEMENT_IDENTITY__MAX];
    struct token_plan plan;
    struct token_attestation attestation;
};

/* Handlers of the two channels; CONTEXT is a struct token. */
channel_handler token_control;
channel_handler token_net;

/* The key of IDENTITY, when it is bound and STATEMENT is within budget. */
ERR_MUST_USE enum ks_err token_permit(struct token *token, uint64_t identity,
                                      enum statement statement,
                                      struct keystore_key **ret,
                                      struct err_cause *cause);

/* Is there a key of either identity? */
bool token_is_bound(const struct token *token);

/* TOKEN_ENDORSEMENT: before a store is open.  MSG is request and answer. */
ERR_MUST_USE enum ks_err token_endorsement(struct token *token, struct msg *msg,
                                           struct err_cause *cause);

/* TOKEN_IMPORT, _BIND_*, _GENERATE and _REMOVE.  MSG is request and answer. */
ERR_MUST_USE enum ks_err token_import(struct token *token, struct msg *msg,
                                      struct err_cause *cause);
ERR_MUST_USE enum ks_err token_bind_credential(struct token *token,
                                               struct msg *msg,
                                               struct err_cause *cause);
ERR_MUST_USE enum ks_err token_bind_machine(struct token *token,
                                            struct msg *msg,
                                            struct err_cause *cause);
ERR_MUST_USE enum ks_err token_generate(struct token *token, struct msg *msg,
                                        struct err_cause *cause);
ERR_MUST_USE enum ks_err token_remove(struct token *token, struct msg *msg,
                                      struct err_cause *cause);

/* Offer and evidence (docs/attestation.md), and the claim of the enrolment
 * proof that names them, NULL where memory is short.  MSG is request and
 * answer. */
ERR_MUST_USE enum ks_err token_attest(struct token *token, struct msg *msg,
                                      struct err_cause *cause);
ERR_MUST_USE enum ks_err token_evidence(struct token *token, struct msg *msg,
                                        struct err_cause *cause);
json_t *token_attestation_claim(const struct token *token);

/* The statements that are built here.  MSG is request and answer. */
ERR_MUST_USE enum ks_err token_enrolment_proof(struct token *token,
                                               struct msg *msg,
                                               struct err_cause *cause);
ERR_MUST_USE enum ks_err token_receipt(struct token *token, struct msg *msg,
                                       struct err_cause *cause);
ERR_MUST_USE enum ks_err token_request(struct token *token, struct msg *msg,
                                       struct err_cause *cause);
ERR_MUST_USE enum ks_err token_prove(struct token *token, struct msg *msg,
                                     struct err_cause *cause);

/* Read a secret of up to PIN_MAX bytes from CHANNEL_FD_INPUT, without one
 * newline at its end, asking with PROMPT where that is a terminal.  The caller
 * frees *RET.  KS_ERR_PIN_NEEDED: it is too long, or was not typed. */
ERR_MUST_USE enum ks_err token_read_secret(const char *prompt,
                                           struct secret **ret,
                                           struct err_cause *cause);

/* Read a PIN from CHANNEL_FD_INPUT, asking with PROMPT where that is a
 * terminal, into CHANNEL_FD_PIN. */
ERR_MUST_USE enum ks_err token_read_pin(const char *prompt,
                                        struct err_cause *cause);

/* The same for a backup's passphrase.  A NEW one is asked for twice at a
 * terminal, and must do.  KS_ERR_PASSPHRASE: it is too short, not printable
 * ASCII, or begins or ends with a space.  KS_ERR_PASSPHRASE_NEEDED. */
ERR_MUST_USE enum ks_err token_read_passphrase(const char *prompt, bool new,
                                               struct err_cause *cause);

/* Make a passphrase of 160 random bits and write it, and a newline, durably
 * into CHANNEL_FD_PIN. */
ERR_MUST_USE enum ks_err token_make_passphrase(struct err_cause *cause);

/* The end of a run: forget everything. */
void token_close(struct token *token);

#endif
