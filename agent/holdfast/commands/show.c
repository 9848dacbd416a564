/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast show: steps 1 and 2 of a registration, and no more. */
#include <time.h>

#include "agent/holdfast/commands/commands.h"
#include "agent/holdfast/session/intake.h"
#include "agent/holdfast/report/report.h"

enum ks_err
command_show(const struct options *options, struct err_cause *cause)
{
    struct intake intake = INTAKE_EMPTY;
    enum ks_err verdict;
    enum ks_err rc;

    if (options->file == NULL)
        return err_set(cause, KS_ERR_USAGE, "no credential file is given");
    rc = intake_read(options->file, false, &intake, cause);
    if (rc != KS_OK)
        return rc;
    verdict = credential_check(intake.credential, time(NULL), cause);
    if (verdict == KS_OK)
        verdict = endpoint_check(intake.credential, &options->hosts, cause);
    rc = report_credential(intake.credential, verdict, cause, options->json,
                           cause);
    intake_close(&intake);
    return rc != KS_OK ? rc : verdict;
}
