/* SPDX-License-Identifier: Apache-2.0 */
/* vaultlever: what tests do to a local vault service that nobody who runs one
 * may do.  vaultctl, which administrators have, can do none of it: a vault
 * whose clock can be turned back takes expired credentials. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/vault/service/fault.h"
#include "tests/vault/service/founding.h"
#include "tests/vault/service/lever.h"
#include "tests/vault/service/number.h"
#include "tests/vault/service/store.h"

#define EXIT_USAGE 64

static const struct lever {
    const char *command;
    const char *name; /* of the value in the database */
    int64_t least, most;
} levers[] = {
    {"clock", LEVER_CLOCK, INT64_MIN, INT64_MAX},
    {"keepalive", LEVER_KEEPALIVE, 0, 86400},
    {"days", LEVER_DAYS, 0, 3650},
    {"machine-days", LEVER_MACHINE_DAYS, 0, 3650},
};

static const char usage[] =
    "usage: vaultlever clock DIR OFFSET (seconds from the real time, at once)\n"
    "       vaultlever keepalive DIR SECONDS (until an idle connection is\n"
    "                  closed, 0: after each reply; from the next start on)\n"
    "       vaultlever days DIR DAYS (of new files' certificates)\n"
    "       vaultlever machine-days DIR DAYS (of new machines' certificates)\n";

static const struct lever *
find_lever(const char *command)
{
    for (size_t i = 0; i < sizeof levers / sizeof *levers; i++)
        if (strcmp(command, levers[i].command) == 0)
            return &levers[i];
    return NULL;
}

static bool
pull(const struct lever *lever, const char *directory, const char *text)
{
    char value[32];
    int64_t number;
    struct store *store;
    bool done;

    if (!number_read(text, &number))
        return false;
    if (number < lever->least || number > lever->most)
        return fault("%.40s: not from %" PRId64 " to %" PRId64, text,
                     lever->least, lever->most);
    (void)snprintf(value, sizeof value, "%" PRId64, number);
    store = founding_open(directory);
    done = store != NULL && store_set(store, lever->name, value);
    store_close(&store);
    return done;
}

int
main(int argc, char **argv)
{
    const struct lever *lever = argc == 4 ? find_lever(argv[1]) : NULL;

    fault_program("vaultlever");
    if (lever == NULL) {
        (void)fputs(usage, stderr);
        return EXIT_USAGE;
    }
    (void)umask(077);
    return pull(lever, argv[2], argv[3]) ? EXIT_SUCCESS : EXIT_FAILURE;
}
