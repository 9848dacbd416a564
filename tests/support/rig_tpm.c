/* SPDX-License-Identifier: Apache-2.0 */
/* tpm2-tools, and what they print. */
#include "tests/support/rig_tpm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/support/tpm2/swtpm.h"
#include "tests/support/tpm2/swtpm_maker.h"

static struct rig_run run;

void
tpm_tool(struct rig *rig, const char *tool, ...)
{
    va_list words;

    va_start(words, tool);
    tpm2_tool_words(&run, swtpm_socket(rig->tpm), tool, words);
    va_end(words);
    rig_expect(&run, 0, "");
}

static void
expect_handles(struct rig *rig, const char *capability, const char *wanted)
{
    tpm_tool(rig, "getcap", capability, NULL);
    assert_string_equal(run.out, wanted);
}

void
tpm_expect_only_srk(struct rig *rig)
{
    expect_handles(rig, "handles-transient", "");
    expect_handles(rig, "handles-persistent", "- 0x81000001\n");
}

void
tpm_expect_empty(struct rig *rig)
{
    expect_handles(rig, "handles-transient", "");
    expect_handles(rig, "handles-persistent", "");
}

static void
expect_count(struct rig *rig, const char *capability, size_t count)
{
    size_t lines = 0;

    tpm_tool(rig, "getcap", capability, NULL);
    for (const char *at = run.out; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, count);
}

void
tpm_expect_transient(struct rig *rig, size_t count)
{
    expect_count(rig, "handles-transient", count);
}

void
tpm_expect_persistent(struct rig *rig, size_t count)
{
    expect_count(rig, "handles-persistent", count);
}

void
tpm_trust_maker(struct rig *rig)
{
    static const char *const files[] = {SWTPM_MAKER_ROOT, SWTPM_MAKER_ISSUER};
    char path[2 * RIG_PATH];

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", rig->maker, files[i]);
        rig_vaultctl(rig, &run, "trust", "lab1", path);
    }
}
