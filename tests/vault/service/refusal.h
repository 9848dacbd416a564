/* SPDX-License-Identifier: Apache-2.0 */
/* The words that a refusal begins with, as docs/protocol.md lists them. */
#ifndef VAULT_REFUSAL_H
#define VAULT_REFUSAL_H

/* X(name, word, status) */
#define REFUSAL_WORDS(X)                                                       \
    X(NONE, "", 200)                                                           \
    X(SUPERSEDED, "superseded", 401)                                           \
    X(EXPIRED, "expired", 401)                                                 \
    X(RETIRED, "retired", 401)                                                 \
    X(REVOKED, "revoked", 401)         /* the credential */                    \
    X(MACHINE_REVOKED, "revoked", 403) /* the machine */                       \
    X(UNKNOWN_CERTIFICATE, "unknown-certificate", 401)                         \
    X(CERTIFICATE_MISMATCH, "certificate-mismatch", 401)                       \
    X(CLOCK, "clock", 401)                                                     \
    X(ASSERTION, "assertion", 401)                                             \
    X(TOKEN, "token", 401)                                                     \
    X(PROOF, "proof", 403)                                                     \
    X(NONCE, "nonce", 403)                                                     \
    X(POLICY, "policy", 403)                                                   \
    X(ENDORSEMENT, "endorsement", 403)                                         \
    X(EVIDENCE, "evidence", 403)                                               \
    X(DUPLICATE, "duplicate", 403)                                             \
    X(ABSENT, "absent", 404)                                                   \
    X(CONTENT, "content", 400)                                                 \
    X(EXISTS, "exists", 403)                                                   \
    X(GRANT, "grant", 403)                                                     \
    X(RETAINED, "retained", 403)                                               \
    X(QUOTA, "quota", 507)                                                     \
    X(REQUEST, "request", 400)                                                 \
    X(METHOD, "method", 405)                                                   \
    X(LARGE, "large", 413)                                                     \
    X(TYPE, "type", 415)                                                       \
    X(RANGE, "range", 416)                                                     \
    X(FAULT, "fault", 500) /* the vault's own */

enum refusal {
#define X(name, word, status) REFUSAL_##name,
    REFUSAL_WORDS(X)
#undef X
        REFUSAL__MAX
};

const char *refusal_word(enum refusal refusal);
int refusal_status(enum refusal refusal);

#endif
