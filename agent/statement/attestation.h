/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The qualifying data of a TPM's statements, byte by byte as
 * docs/attestation.md has it, and how much proof a person asked for.
 */
#ifndef AGENT_STATEMENT_ATTESTATION_H
#define AGENT_STATEMENT_ATTESTATION_H

#include <openssl/types.h>

#include "keystore/store/keystore.h"

enum attestation_mode {
    ATTESTATION_OFF = 0, /* nothing is offered */
    ATTESTATION_TRY,     /* what the token can prove */
    ATTESTATION_REQUIRE, /* or no registration */
    ATTESTATION_MODE__MAX
};

/* "off", "try", "require"; false where WORD is none of them. */
const char *attestation_mode_word(enum attestation_mode mode);
bool attestation_mode_find(const char *word, enum attestation_mode *ret);

/* The four values that evidence is bound to; all borrowed. */
struct attestation_binding {
    const char *nonce;          /* of M3, base64url of 32 bytes */
    const char *vault;          /* its number */
    EVP_PKEY *machine;          /* P-256 or RSA-2048 */
    const uint8_t *certificate; /* SHA-256 of the caller's, 32 bytes */
};

/* Q of docs/attestation.md.  KS_ERR_NET_REPLY: the nonce is none;
 * KS_ERR_TOKEN_UNSUPPORTED: the key is of another type; KS_ERR_STATEMENT: the
 * vault is no number. */
ERR_MUST_USE enum ks_err
attestation_qualifying(const struct attestation_binding *binding,
                       uint8_t ret[static 32], struct err_cause *cause);

#endif
