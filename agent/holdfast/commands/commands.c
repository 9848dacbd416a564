/* SPDX-License-Identifier: Apache-2.0 */
/* Every command begins with the state, locked. */
#include "agent/holdfast/commands/commands.h"

#include <stdlib.h>
#include <time.h>

#define BUSY_TRIES 100
#define BUSY_WAIT_NS 100000000 /* ten seconds in all */

enum ks_err
commands_state(const struct options *options, bool create, struct state **ret,
               struct err_cause *cause)
{
    char *directory = NULL;
    enum ks_err rc;

    if (options->state_directory != NULL)
        return state_open(options->state_directory, create, ret, cause);
    rc = state_default_directory(&directory, cause);
    if (rc == KS_OK)
        rc = state_open(directory, create, ret, cause);
    free(directory);
    return rc;
}

enum ks_err
commands_state_waiting(const struct options *options, struct state **ret,
                       struct err_cause *cause)
{
    const struct timespec pause = {0, BUSY_WAIT_NS};
    enum ks_err rc = KS_ERR_BUSY;

    for (unsigned i = 0; rc == KS_ERR_BUSY && i < BUSY_TRIES; i++) {
        if (i > 0)
            (void)nanosleep(&pause, NULL);
        rc = commands_state(options, false, ret, cause);
    }
    return rc;
}
