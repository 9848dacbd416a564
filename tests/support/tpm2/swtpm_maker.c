/* SPDX-License-Identifier: Apache-2.0 */
/* All configuration is given: swtpm_setup would else read the machine's, whose
 * CA is in a directory that only root may write to. */
#include "tests/support/tpm2/swtpm_maker.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tests/support/tool.h"

#define PATH_SIZE 256

static FILE *
open_file(const char *maker, const char *name, char ret[static PATH_SIZE])
{
    int length = snprintf(ret, PATH_SIZE, "%s/%s", maker, name);

    return length > 0 && length < PATH_SIZE ? fopen(ret, "we") : NULL;
}

/* The CA's keys and certificates are made by swtpm_localca where the files
 * named here are missing. */
static int
write_ca(const char *maker)
{
    char path[PATH_SIZE];
    FILE *file = open_file(maker, "ca.conf", path);

    if (file == NULL)
        return -1;
    (void)fprintf(file,
                  "statedir=%s\nsigningkey=%s/signkey.pem\n"
                  "issuercert=%s/" SWTPM_MAKER_ISSUER "\n"
                  "certserial=%s/certserial\n",
                  maker, maker, maker, maker);
    return fclose(file);
}

static int
write_setup(const char *maker, char ret[static PATH_SIZE])
{
    FILE *file = open_file(maker, "setup.conf", ret);

    if (file == NULL)
        return -1;
    (void)fprintf(file,
                  "create_certs_tool=" SWTPM_LOCALCA "\n"
                  "create_certs_tool_config=%s/ca.conf\n"
                  "create_certs_tool_options=/dev/null\n"
                  "active_pcr_banks=sha256\n",
                  maker);
    return fclose(file);
}

int
swtpm_maker_run(const char *maker, const char *state)
{
    char config[PATH_SIZE], log[PATH_SIZE];
    const char *argv[] = {SWTPM_SETUP,
                          "--tpm2",
                          "--tpmstate",
                          state,
                          "--create-ek-cert",
                          "--lock-nvram",
                          "--config",
                          config,
                          "--logfile",
                          log,
                          "--pcr-banks",
                          "sha256",
                          NULL};

    if ((mkdir(maker, S_IRWXU) != 0 && errno != EEXIST) ||
        write_ca(maker) != 0 || write_setup(maker, config) != 0)
        return -1;
    (void)snprintf(log, sizeof log, "%s/setup.log", maker);
    return tool_run(argv);
}
