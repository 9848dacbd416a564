/* SPDX-License-Identifier: Apache-2.0 */
/* The token's database in "nss" and its PIN for certutil beside it. */
#include "tests/support/nss_token.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/support/tool.h"

#define PATH_SIZE 256

static int
write_pin(const char *path)
{
    FILE *file = fopen(path, "we");

    if (file == NULL)
        return -1;
    (void)fputs(NSS_TOKEN_PIN "\n", file);
    return fclose(file);
}

int
nss_token_make(const char *directory)
{
    char database[PATH_SIZE];
    char pin[PATH_SIZE];
    char configuration[PATH_SIZE];
    char name[PATH_SIZE + 8];
    const char *argv[] = {"certutil", "-N", "-d", name, "-f", pin, NULL};

    (void)snprintf(database, sizeof database, "%s/nss", directory);
    (void)snprintf(pin, sizeof pin, "%s/pin", directory);
    (void)snprintf(configuration, sizeof configuration, "%s/softhsm2.conf",
                   directory);
    (void)snprintf(name, sizeof name, "sql:%s", database);
    /* Else most of the time goes by in deriving keys from the PIN. */
    (void)setenv("NSS_MAX_MP_PBE_ITERATION_COUNT", "1000", 1);
    if (mkdir(database, S_IRWXU) != 0 || write_pin(pin) != 0 ||
        setenv("SOFTHSM2_CONF", configuration, 1) != 0)
        return -1;
    return tool_run(argv);
}
