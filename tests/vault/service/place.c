/* SPDX-License-Identifier: Apache-2.0 */
/* Absolute paths, made once: nginx and vaultd run elsewhere than who started
 * them. */
#include "tests/vault/service/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/vault/service/fault.h"

static const char *const names[] = {
#define X(name, path) [PLACE_##name] = path,
    PLACE_FILES(X)
#undef X
};

bool
place_init(struct place *place, const char *directory)
{
    char *absolute = realpath(directory, NULL);
    bool fits = absolute != NULL && strlen(absolute) < PLACE_DIRECTORY_MAX;

    if (absolute == NULL)
        fault("%s: %m", directory);
    else if (!fits)
        fault("%s: the path is too long for a UNIX socket", absolute);
    else
        (void)strcpy(place->directory, absolute);
    for (int i = 0; fits && i < PLACE__MAX; i++)
        (void)snprintf(place->path[i], PLACE_PATH_MAX, "%s/%s", absolute,
                       names[i]);
    free(absolute);
    return fits;
}
