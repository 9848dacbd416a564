/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that work on the database, whether or not the service runs. */
#include <errno.h>
#include <stdlib.h>

#include "tests/vault/service/clock.h"
#include "tests/vault/service/credential.h"
#include "tests/vault/service/fault.h"
#include "tests/vault/service/machine.h"
#include "tests/vault/service/record.h"
#include "tests/vault/service/store.h"
#include "tests/vault/ctl/vaultctl.h"

/* The database of a service that has been started before. */
static struct store *
open_store(const struct vaultctl_options *options)
{
    char founded[8];
    struct place place;
    struct store *store = NULL;

    if (!place_init(&place, options->directory))
        return NULL;
    store = store_open(place.path[PLACE_DATABASE]);
    if (store != NULL &&
        !store_get(store, "founded", founded, sizeof founded)) {
        fault("%s: there is no service in it", options->directory);
        store_close(&store);
    }
    return store;
}

static bool
read_number(const char *text, int64_t *ret)
{
    char *end;

    errno = 0;
    *ret = strtoll(text, &end, 10);
    return (errno == 0 && end != text && *end == '\0') ||
           fault("%.40s: no number", text);
}

bool
vaultctl_clock(const struct vaultctl_options *options)
{
    struct store *store;
    int64_t seconds;
    bool done;

    if (!read_number(options->argument, &seconds))
        return false;
    store = open_store(options);
    done = store != NULL && clock_set(store, seconds);
    store_close(&store);
    return done;
}

bool
vaultctl_quota(const struct vaultctl_options *options)
{
    struct store *store;
    int64_t bytes;
    bool done;

    if (options->bytes == NULL)
        return fault("quota needs --bytes");
    if (!read_number(options->bytes, &bytes))
        return false;
    store = open_store(options);
    done = store != NULL && vault_set_quota(store, options->argument, bytes);
    store_close(&store);
    return done;
}

bool
vaultctl_revoke(const struct vaultctl_options *options)
{
    struct store *store = open_store(options);
    bool done = store != NULL && machine_revoke(store, options->argument);

    store_close(&store);
    return done;
}

bool
vaultctl_revoke_credential(const struct vaultctl_options *options)
{
    struct store *store = open_store(options);
    bool done = store != NULL && credential_revoke(store, options->argument);

    store_close(&store);
    return done;
}

bool
vaultctl_records(const struct vaultctl_options *options)
{
    struct store *store = open_store(options);
    bool done = store != NULL && record_print(store, stdout);

    store_close(&store);
    return done;
}
