/* SPDX-License-Identifier: Apache-2.0 */
/* The vaults of the service. */
#ifndef VAULT_VAULT_H
#define VAULT_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/vault/service/encoding.h"

struct store;

#define VAULT_ID_MAX 24
#define VAULT_NAME_MAX 51

struct vault {
    char id[VAULT_ID_MAX]; /* ResourceId: a positive 64-bit number */
    char name[VAULT_NAME_MAX];
    char subscription[ENCODING_UUID];
    char group[64];
    char location[32];
    char client[ENCODING_UUID]; /* ServicePrincipalClientId */
    /* Of the newest download.  A credential of another generation has been
     * superseded; one without any credential is a vault's whose machine was
     * revoked. */
    int64_t generation;
    int64_t quota; /* bytes that its machines may back up, together */
};

/* As Azure has them: a letter, then letters, digits and hyphens, 2 to 50. */
bool vault_is_name(const char *text);

/* A vault called NAME, unless there is one. */
bool vault_make(struct store *store, const char *name);

bool vault_find(struct store *store, const char *id, struct vault *ret);
bool vault_find_name(struct store *store, const char *name, struct vault *ret);

/* Every vault, by name. */
bool vault_each(struct store *store,
                void (*use)(void *context, const struct vault *vault),
                void *context);

/* End the newest credential's standing; in a transaction of the caller's.
 * RET is the new generation. */
bool vault_supersede(struct store *store, const char *id, int64_t *ret);

/* False where there is no vault NAME. */
bool vault_set_quota(struct store *store, const char *name, int64_t bytes);

/* AadAudience of VAULT. */
#define VAULT_AUDIENCE_MAX 192
void vault_audience(const struct vault *vault,
                    char ret[static VAULT_AUDIENCE_MAX]);

#endif
