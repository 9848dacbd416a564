/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that work on the database, whether or not the service runs. */
#include <stdint.h>
#include <stdio.h>

#include "tests/vault/service/credential.h"
#include "tests/vault/service/fault.h"
#include "tests/vault/service/founding.h"
#include "tests/vault/service/machine.h"
#include "tests/vault/service/number.h"
#include "tests/vault/service/record.h"
#include "tests/vault/service/store.h"
#include "tests/vault/ctl/vaultctl.h"

bool
vaultctl_quota(const struct vaultctl_options *options)
{
    struct store *store;
    int64_t bytes;
    bool done;

    if (options->bytes == NULL)
        return fault("quota needs --bytes");
    if (!number_read(options->bytes, &bytes))
        return false;
    store = founding_open(options->directory);
    done = store != NULL && vault_set_quota(store, options->argument, bytes);
    store_close(&store);
    return done;
}

bool
vaultctl_revoke(const struct vaultctl_options *options)
{
    struct store *store = founding_open(options->directory);
    bool done = store != NULL && machine_revoke(store, options->argument);

    store_close(&store);
    return done;
}

bool
vaultctl_revoke_credential(const struct vaultctl_options *options)
{
    struct store *store = founding_open(options->directory);
    bool done = store != NULL && credential_revoke(store, options->argument);

    store_close(&store);
    return done;
}

bool
vaultctl_records(const struct vaultctl_options *options)
{
    struct store *store = founding_open(options->directory);
    bool done = store != NULL && record_print(store, stdout);

    store_close(&store);
    return done;
}
