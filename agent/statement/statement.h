/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements are what holdfast-token signs, never bytes; for whom and when, and
 * the forms of what is signed as bare bytes.  How often is in matrix.h.
 */
#ifndef AGENT_STATEMENT_STATEMENT_H
#define AGENT_STATEMENT_STATEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "keystore/store/keystore.h"

enum statement {
    STATEMENT_HANDSHAKE = 0, /* TLS 1.3 client CertificateVerify */
    STATEMENT_ASSERTION,     /* RFC 7523 client assertion */
    STATEMENT_ENROLMENT,     /* enrolment proof */
    STATEMENT_REQUEST,       /* PKCS#10 certificate request */
    STATEMENT_PROOF,         /* a nonce, to prove that the key works */
    STATEMENT_RECEIPT,       /* receipt of a registration */
    STATEMENT_OFFER,         /* an attestation key, made and offered */
    STATEMENT_EVIDENCE,      /* what it signs of the machine's key */
    STATEMENT__MAX
};

enum statement_identity {
    STATEMENT_CREDENTIAL = 0, /* the imported key */
    STATEMENT_MACHINE,        /* the key born in the token */
    STATEMENT_IDENTITY__MAX
};

/* The purpose of a run of holdfast-token, chosen once, when it opens. */
enum statement_phase {
    STATEMENT_PHASE_IMPORT = 0, /* import and exit; signs nothing */
    STATEMENT_PHASE_ENROL,      /* the credential's run */
    STATEMENT_PHASE_MACHINE,    /* the registered machine's run */
    STATEMENT_PHASE__MAX
};

/* Whether CONTENT is what TLS 1.3 has a client sign (RFC 8446, 4.4.3): 64
 * spaces, the context string, a zero byte, a hash of 32 or 48 bytes. */
bool statement_is_handshake(const uint8_t *content, size_t length);

#define STATEMENT_PROOF_PREFIX "holdfast proof"
#define STATEMENT_NONCE_LENGTH 32

/* The bytes of a statement; all borrowed. */
struct statement_bytes {
    const char *prefix; /* before the content; NULL: none */
    const uint8_t *content;
    size_t length;
};

/* Digest and sign in the store; as keystore_sign(). */
ERR_MUST_USE enum ks_err statement_sign(struct keystore_key *key,
                                        enum keystore_scheme scheme,
                                        const struct statement_bytes *statement,
                                        struct keystore_signature *ret,
                                        struct err_cause *cause);

/* Check a signature of keystore_sign()'s form with PUBLIC.
 * KS_ERR_TOKEN_FAILED where it is wrong. */
ERR_MUST_USE enum ks_err
statement_verify(EVP_PKEY *public, enum keystore_scheme scheme,
                 const struct statement_bytes *statement,
                 const struct keystore_signature *signature,
                 struct err_cause *cause);

#endif
