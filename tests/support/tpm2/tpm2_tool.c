/* SPDX-License-Identifier: Apache-2.0 */
/* Runs one of tpm2-tools. */
#include "tests/support/tpm2/tpm2_tool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#define WORDS_MAX 24

void
tpm2_tool_words(struct rig_run *run, const char *socket, const char *tool,
                va_list words)
{
    char tcti[160];
    const char *argv[WORDS_MAX] = {TPM2_TOOLS, tool, "--tcti", tcti};
    size_t count = 4;
    const char *word;

    (void)snprintf(tcti, sizeof tcti, "swtpm:path=%s", socket);
    while ((word = va_arg(words, const char *)) != NULL) {
        assert_true(count + 1 < WORDS_MAX);
        argv[count++] = word;
    }
    rig_run(run, argv);
}

void
tpm2_tool(struct rig_run *run, const char *socket, const char *tool, ...)
{
    va_list words;

    va_start(words, tool);
    tpm2_tool_words(run, socket, tool, words);
    va_end(words);
}

void
tpm2_tool_create_primary(struct rig_run *run, const char *socket,
                         const char *directory)
{
    char context[128];

    (void)snprintf(context, sizeof context, "%s/context", directory);
    tpm2_tool(run, socket, "createprimary", "-C", "o", "-G", "ecc", "-c",
              context, NULL);
}
