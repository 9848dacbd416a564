/* SPDX-License-Identifier: Apache-2.0 */
/* What the vault keeps of a credential: its certificate and its standing.  Not
 * its private key; there is no call here that could take one. */
#ifndef VAULT_CREDENTIAL_H
#define VAULT_CREDENTIAL_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/types.h>

#include "tests/vault/service/encoding.h"
#include "tests/vault/service/refusal.h"
#include "tests/vault/service/vault.h"

#define CREDENTIAL_HOURS 48

struct credential {
    int64_t id;
    char sha256[ENCODING_HASH_HEX]; /* of the certificate's DER */
    X509 *certificate;
    int64_t generation;
    bool one_machine;
    int64_t made;
    int64_t expires; /* CREDENTIAL_HOURS after it was made */
    bool retired;
    bool revoked;
    /* The machine whose place its machine takes; "": a new machine's. */
    char replaces[ENCODING_UUID];
    struct vault vault;
};

/* The new credential of CREDENTIAL's vault: certificate, made, one_machine and
 * replaces are filled in.  Supersedes every older one, in one transaction. */
bool credential_make(struct store *store, const struct credential *credential);

/* By the hash of its certificate, which must be CERTIFICATE byte for byte,
 * where that is not NULL.
 * credential_clear() afterwards in any case. */
bool credential_find(struct store *store, const char *sha256, X509 *certificate,
                     struct credential *ret);
void credential_clear(struct credential *credential);

/* Every credential of VAULT, the newest first. */
bool credential_each(struct store *store, const char *vault,
                     void (*use)(void *context,
                                 const struct credential *credential),
                     void *context);

/* Rules 1 to 3 and revocation at NOW: REFUSAL_NONE, or why it may register no
 * new machine, with a sentence. */
#define CREDENTIAL_SENTENCE 160
enum refusal credential_standing(const struct credential *credential,
                                 int64_t now,
                                 char sentence[static CREDENTIAL_SENTENCE]);

/* The end of both its hours and its certificate. */
int64_t credential_end(const struct credential *credential);

bool credential_retire(struct store *store, int64_t id);

/* False where there is none with this hash. */
bool credential_revoke(struct store *store, const char *sha256);

#endif
