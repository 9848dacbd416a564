/* SPDX-License-Identifier: Apache-2.0 */
/* A registration whose file comes from standard input. */
#include "tests/support/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

/* The shell hands the file over, as `register - < FILE` does. */
void
rig_register_input(struct rig *rig, struct rig_run *run, const char *file,
                   const char *option)
{
    char script[2048];
    const char *argv[] = {"/bin/sh", "-c", script, NULL};
    int length = snprintf(
        script, sizeof script,
        "exec '%s/holdfast' register --state-dir '%s' --vault-host '%s' "
        "--token '%s' --ca-file '%s' --allow-emulation --expect-vault lab1 "
        "%s%s %s - < '%s'",
        rig->bin, rig->state, rig->host, rig->token, rig->ca_file,
        rig->kind == RIG_PKCS11 ? "--pin-file " : "",
        rig->kind == RIG_PKCS11 ? rig->pin_file : "", option, file);

    assert_in_range(length, 0, sizeof script - 1);
    rig_run(run, argv);
}
