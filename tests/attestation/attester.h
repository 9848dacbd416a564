/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine that attests, written from docs/attestation.md alone and with the
 * TPM software stack's own interface: it shares no code with the agent nor with
 * the vault.  For cmocka: what fails ends the test.
 */
#ifndef TESTS_ATTESTATION_ATTESTER_H
#define TESTS_ATTESTATION_ATTESTER_H

#include <stdint.h>

#include <jansson.h>
#include <openssl/types.h>

struct attester;

/* A machine key of KIND, "P-256" or "RSA-2048", and an AK, born in the TPM at
 * the UNIX socket SOCKET, which has an EK certificate of RSA-2048.  For
 * attester_free(), which sets *ATTESTER to NULL. */
struct attester *attester_new(const char *socket, const char *kind);
void attester_free(struct attester **attester);

/* The machine's public key; borrowed. */
EVP_PKEY *attester_key(const struct attester *attester);

/* "The offer" of docs/attestation.md, with PCRs 0 and 7; a new reference. */
json_t *attester_offer(const struct attester *attester);

/* "The evidence", for M3's NONCE, the CHALLENGE (base64url) and the qualifying
 * data Q; a new reference. */
json_t *attester_evidence(struct attester *attester, const char *nonce,
                          const char *challenge, const uint8_t q[static 32]);

#endif
