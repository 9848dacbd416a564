/* SPDX-License-Identifier: Apache-2.0 */
/* tpm2-tools, and what they print. */
#include "tests/integration/tpm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/contract/swtpm.h"
#include "tests/tpm2/tpm2_tool.h"

static void
expect_handles(struct rig *rig, const char *capability, const char *wanted)
{
    static struct rig_run run;

    tpm2_tool(&run, swtpm_socket(rig->tpm), "getcap", capability, NULL);
    rig_expect(&run, 0, "");
    assert_string_equal(run.out, wanted);
}

void
tpm_expect_only_srk(struct rig *rig)
{
    expect_handles(rig, "handles-transient", "");
    expect_handles(rig, "handles-persistent", "- 0x81000001\n");
}
