/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holdfast's side of holdfast-token: one call a message.  Each run is a fresh
 * process, which is what makes a proof in it worth something.
 */
#ifndef AGENT_HOLDFAST_SESSION_TOKEN_CLIENT_H
#define AGENT_HOLDFAST_SESSION_TOKEN_CLIENT_H

#include "agent/holdfast/helper.h"
#include "agent/ipc/layout.h"
#include "agent/statement/statement.h"

/* How to get at a token; all borrowed. */
struct token_access {
    const char *uri;
    const char *serial; /* "" any */
    const char *module; /* the PKCS#11 module to load; "" the URI's */
    bool emulation;
    bool registered; /* it was taken before, whatever is known of it by now */
    int keys;        /* the state's keys/ directory */
    int pin;         /* sealed memfd, or -1 */
};

/* The purpose of a run, and its descriptors. */
struct token_run {
    enum statement_phase phase;
    int net;      /* its end of a net channel, or -1 */
    int material; /* the key's memfd, or -1 */
};

struct token_client;

/* Start a run that opens the store.  The caller closes it.  It can do something
 * else before it calls token_client_opened(), which comes first of what is
 * asked of the run and says what came of that. */
ERR_MUST_USE enum ks_err token_client_start(const struct token_access *access,
                                            const struct token_run *run,
                                            struct token_client **ret,
                                            struct err_cause *cause);
ERR_MUST_USE enum ks_err token_client_opened(struct token_client *client,
                                             struct keystore_info *ret,
                                             struct err_cause *cause);
void token_client_close(struct token_client **client);

/* Let the run end while something else is closed; token_client_close() waits
 * for it.  NULL is fine. */
void token_client_end(struct token_client *client);

ERR_MUST_USE enum ks_err
token_client_import(struct token_client *client,
                    const struct layout_token_import *import,
                    enum keystore_way *ret_way, struct err_cause *cause);

/* Bind the credential's key with its certificate, the machine's with its
 * public key (SubjectPublicKeyInfo, DER), and prove it: a fresh nonce is signed
 * there and verified here. */
ERR_MUST_USE enum ks_err
token_client_bind_credential(struct token_client *client,
                             const uint8_t id[static KEYSTORE_ID_LENGTH],
                             X509 *certificate, struct err_cause *cause);
ERR_MUST_USE enum ks_err token_client_bind_machine(
    struct token_client *client, const uint8_t id[static KEYSTORE_ID_LENGTH],
    const uint8_t *public, size_t length, struct err_cause *cause);
ERR_MUST_USE enum ks_err token_client_prove(struct token_client *client,
                                            enum statement_identity identity,
                                            EVP_PKEY *public,
                                            struct err_cause *cause);

/* Pin the statements of this run. */
ERR_MUST_USE enum ks_err token_client_plan(struct token_client *client,
                                           const struct layout_token_plan *plan,
                                           struct err_cause *cause);

/* The caller frees *RET. */
ERR_MUST_USE enum ks_err token_client_generate(
    struct token_client *client, const uint8_t id[static KEYSTORE_ID_LENGTH],
    const char *label, EVP_PKEY **ret, struct err_cause *cause);

/* Have an attestation key made, and what stands behind it offered
 * (docs/attestation.md), with a quote of PCRS, one bit each.
 * KS_ERR_TOKEN_UNSUPPORTED: this token proves nothing of its keys. */
struct token_offer {
    char *text; /* JSON; the caller frees it */
    uint8_t endorsement[LAYOUT_HASH];
};
ERR_MUST_USE enum ks_err token_client_attest(struct token_client *client,
                                             uint32_t pcrs,
                                             struct token_offer *ret,
                                             struct err_cause *cause);

/* Answer the vault's challenge to that offer; the caller frees *RET, which is
 * JSON.  KS_ERR_ATTEST_CHALLENGE: it is not for this token's offer. */
ERR_MUST_USE enum ks_err
token_client_evidence(struct token_client *client,
                      const struct layout_token_evidence *question, char **ret,
                      struct err_cause *cause);

/* The certificate request as DER, and the enrolment proof as a compact JWS that
 * the caller frees. */
ERR_MUST_USE enum ks_err
token_client_request(struct token_client *client,
                     uint8_t ret[static LAYOUT_REQUEST_MAX], size_t *ret_length,
                     struct err_cause *cause);
ERR_MUST_USE enum ks_err token_client_enrolment(struct token_client *client,
                                                const char *nonce, char **ret,
                                                struct err_cause *cause);

ERR_MUST_USE enum ks_err
token_client_receipt(struct token_client *client,
                     const struct layout_token_receipt *receipt, char **ret,
                     struct err_cause *cause);

/* KS_ERR_KEY_MISSING where it is gone already. */
ERR_MUST_USE enum ks_err
token_client_remove(struct token_client *client,
                    const uint8_t id[static KEYSTORE_ID_LENGTH],
                    struct err_cause *cause);

#endif
