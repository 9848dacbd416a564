/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast passphrase generate: a new file, which holdfast-token fills. */
#include <stdio.h>

#include "agent/holdfast/commands/commands.h"
#include "agent/holdfast/session/passphrase.h"

enum ks_err
command_passphrase(const struct options *options, struct err_cause *cause)
{
    enum ks_err rc;

    if (options->out == NULL)
        return err_set(cause, KS_ERR_USAGE, "into which file? Give --out FILE");
    rc = passphrase_generate(options->out, cause);
    if (rc == KS_OK)
        (void)printf("The passphrase is in %s.  Keep a copy where this machine "
                     "cannot lose it:\nwithout it nobody can read the backups, "
                     "and nobody can recover it.\n",
                     options->out);
    return rc;
}
