/* SPDX-License-Identifier: Apache-2.0 */
/* The machines that have been registered. */
#ifndef VAULT_MACHINE_H
#define VAULT_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/types.h>

#include "tests/vault/service/encoding.h"
#include "tests/vault/service/vault.h"

#define MACHINE_NAME_MAX 256
#define MACHINE_KEY_STORE_MAX 256

enum machine_state {
    MACHINE_REGISTERED = 0,
    MACHINE_LEFT,    /* by itself */
    MACHINE_REVOKED, /* by the vault */
    MACHINE_REPLACED /* another has its place and its data */
};

/* "registered", "left", "revoked", "replaced". */
const char *machine_state_word(enum machine_state state);

struct machine {
    char uuid[ENCODING_UUID];
    char vault[VAULT_ID_MAX];
    int64_t credential;          /* that brought it in */
    char key[ENCODING_HASH_HEX]; /* SHA-256 of its SubjectPublicKeyInfo */
    char name[MACHINE_NAME_MAX]; /* for people; many may have the same */
    char key_store[MACHINE_KEY_STORE_MAX]; /* JSON, as the proof had it */
    X509 *certificate;
    int64_t registered;
    int64_t expires;
    enum machine_state state;
    int64_t repository;  /* its backup data */
    int64_t prune_until; /* when it may no longer delete; 0: it never could */
};

bool machine_insert(struct store *store, const struct machine *machine);

/* The machine that CREDENTIAL enrolled for KEY, or the one whose certificate
 * has this hash and is CERTIFICATE byte for byte, or, for people alone, the one
 * of this UUID.  machine_clear() afterwards in any case. */
bool machine_find(struct store *store, int64_t credential, const char *key,
                  struct machine *ret);
bool machine_find_certificate(struct store *store, const char *sha256,
                              X509 *certificate, struct machine *ret);
bool machine_find_uuid(struct store *store, const char *uuid,
                       struct machine *ret);
void machine_clear(struct machine *machine);

bool machine_leave(struct store *store, const char *uuid);

/* Ends its access and supersedes its vault's credential, in one transaction.
 * False where there is none. */
bool machine_revoke(struct store *store, const char *uuid);

/* The machine whose place a new one with KEY takes in VAULT because it has the
 * same key: the newest that was not revoked.  machine_clear() afterwards in any
 * case. */
bool machine_find_key(struct store *store, const char *vault, const char *key,
                      struct machine *ret);

/* End its access and its hold on its data, for another to have them. */
bool machine_replace(struct store *store, const char *uuid);

/* Let it delete backup data until then. */
bool machine_grant(struct store *store, const char *uuid, int64_t until);

/* Every machine of VAULT in the order they came. */
bool machine_each(struct store *store, const char *vault,
                  void (*use)(void *context, const struct machine *machine),
                  void *context);

#endif
