/* SPDX-License-Identifier: Apache-2.0 */
/* The vault's own record of what it was asked and what it answered, a row for
 * every request of docs/protocol.md: tests match an agent's signatures to it.
 */
#ifndef VAULT_RECORD_H
#define VAULT_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "tests/vault/service/encoding.h"
#include "tests/vault/service/vault.h"

struct store;

/* Filled in as it becomes known.  Hashes are SHA-256 in hexadecimal. */
struct record {
    const char *step;   /* "M0" to "M5"; NULL: not of the protocol, not kept */
    int64_t connection; /* nginx's number of it */
    char certificate[ENCODING_HASH_HEX]; /* of the TLS client; "": none */
    char vault[VAULT_ID_MAX];
    char machine[ENCODING_UUID];
    char assertion_signature[ENCODING_HASH_HEX]; /* M2 */
    char proof_signature[ENCODING_HASH_HEX];     /* M4, as what follows */
    char machine_key[ENCODING_HASH_HEX];
    json_t *key_store;
    /* What evidence made of it: origin, proof, emulated, ek; M4 and M5. */
    json_t *assurance;
};

bool record_write(struct store *store, const struct record *record, int64_t at,
                  const char *method, const char *path, int status,
                  const char *word);

/* All of it, one JSON object a line, in order. */
bool record_print(struct store *store, FILE *file);

#endif
