/* SPDX-License-Identifier: Apache-2.0 */
/* What a vault's owner asks of machines before they are let in, and which TPMs
 * the owner vouches for. */
#ifndef VAULT_POLICY_H
#define VAULT_POLICY_H

#include <stdbool.h>

#include "tests/vault/service/encoding.h"
#include "tests/vault/service/place.h"

struct store;

enum policy_level {
    POLICY_ANY = 0,     /* any key */
    POLICY_BORN,        /* one that is said to be born in a token */
    POLICY_EK_VERIFIED, /* one that a TPM proves, which the owner trusts */
    POLICY__MAX
};

/* Of a PCR's number, "=", its value and a comma, twenty-four times. */
#define POLICY_PCRS_MAX (24 * 68 + 1)

struct policy {
    enum policy_level level;
    char pcrs[POLICY_PCRS_MAX]; /* "0=HEX,7=HEX", "" for none */
};

/* "any", "born", "EK-verified". */
const char *policy_word(enum policy_level level);
bool policy_find_word(const char *word, enum policy_level *ret);

/* Of the vault with this number: any, and no PCRs, until it is set.  False
 * after a fault. */
bool policy_read(struct store *store, const char *vault, struct policy *ret);

/* False after a fault; PCRs that are none are one. */
bool policy_set_level(struct store *store, const char *vault,
                      enum policy_level level);
bool policy_set_pcrs(struct store *store, const char *vault, const char *pcrs);

/* The list of EKs, each by the SHA-256 of its SubjectPublicKeyInfo in
 * lower-case hexadecimal.  To allow one twice, or to drop one that is not
 * there, changes nothing. */
bool policy_allow(struct store *store, const char *vault, const char *ek);
bool policy_disallow(struct store *store, const char *vault, const char *ek);
bool policy_each_allowed(struct store *store, const char *vault,
                         void (*use)(void *context, const char *ek),
                         void *context);

/* The directory with the PEM files of VAULT's trusted roots, which need not be
 * there. */
#define POLICY_ROOTS_MAX (PLACE_PATH_MAX + 32)
void policy_roots(const struct place *place, const char *vault,
                  char ret[static POLICY_ROOTS_MAX]);

/* The subject of each of them, in the order of the files' names; a file that
 * cannot be read is told by its name and that.  False without memory. */
bool policy_each_root(const struct place *place, const char *vault,
                      void (*use)(void *context, const char *subject),
                      void *context);

#endif
