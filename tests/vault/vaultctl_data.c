/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that work on the database, whether or not the service runs. */
#include <errno.h>
#include <stdlib.h>

#include "tests/vault/clock.h"
#include "tests/vault/credential.h"
#include "tests/vault/fault.h"
#include "tests/vault/machine.h"
#include "tests/vault/record.h"
#include "tests/vault/store.h"
#include "tests/vault/vaultctl.h"

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

bool
vaultctl_clock(const struct vaultctl_options *options)
{
    const char *text = options->argument;
    char *end;
    struct store *store;
    long long seconds;
    bool done;

    errno = 0;
    seconds = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0')
        return fault("%.40s: no number of seconds", text);
    store = open_store(options);
    done = store != NULL && clock_set(store, seconds);
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
