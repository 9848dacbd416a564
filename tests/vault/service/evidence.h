/* SPDX-License-Identifier: Apache-2.0 */
/* The evidence that machines gave, kept as it came beside what the vault made
 * of it.  The newest of a machine's counts; the earlier stay. */
#ifndef VAULT_EVIDENCE_H
#define VAULT_EVIDENCE_H

#include <jansson.h>

#include "tests/vault/service/encoding.h"
#include "tests/vault/service/machine.h"

enum evidence_proof {
    EVIDENCE_CLAIMED = 0, /* there is none */
    EVIDENCE_CERTIFIED,
    EVIDENCE_EK_VERIFIED
};

struct evidence {
    int64_t at; /* when it was judged */
    /* SHA-256 of the certificate that it is bound to. */
    char caller[ENCODING_HASH_HEX];
    json_t *offer;
    char *statements; /* the body that came */
    char verifier[16];
    enum evidence_proof proof;
    bool emulated; /* by the EK's certificate */
    char ek[ENCODING_HASH_HEX];
    /* trusted, chain, ek_algorithm, maker, pcrs, clock */
    json_t *verdict;
    char *ak_certificate; /* DER in hexadecimal; "" where there is none */
};

/* Of the machine with this UUID. */
bool evidence_insert(struct store *store, const char *machine,
                     const struct evidence *evidence);

/* The newest of that machine's.  evidence_clear() afterwards in any case. */
bool evidence_find(struct store *store, const char *machine,
                   struct evidence *ret);
void evidence_clear(struct evidence *evidence);

/* The machine of VAULT that is registered and has ever shown this EK, BUT not
 * the one with that UUID; RET's UUID is "" where there is none.  False after a
 * fault.  machine_clear() afterwards in any case. */
bool evidence_find_machine(struct store *store, const char *vault,
                           const char *ek, const char *but,
                           struct machine *ret);

/* Where a machine's key lives, and how well that is known, in the words of
 * docs/attestation.md. */
struct assurance {
    const char *origin; /* "born", "imported", "emulated" */
    const char *proof;  /* "claimed", "certified", "EK-verified" */
    bool emulated;      /* the token is software, whoever vouches for it */
    char ek[ENCODING_HASH_HEX]; /* "" where it is claimed */
};

/* Out of what the machine says (JSON; "": nothing yet) and its EVIDENCE, which
 * may be claimed and otherwise empty. */
void evidence_assure(const char *key_store, const struct evidence *evidence,
                     struct assurance *ret);

/* The same of a registered machine. */
void evidence_assurance(struct store *store, const struct machine *machine,
                        struct assurance *ret);

#endif
