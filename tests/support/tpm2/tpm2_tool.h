/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tpm2-tools: other people's opinion of a TPM.
 */
#ifndef TESTS_SUPPORT_TPM2_TPM2_TOOL_H
#define TESTS_SUPPORT_TPM2_TPM2_TOOL_H

#include <stdarg.h>

#include "tests/support/rig_process.h"

/* Run `tpm2 TOOL` with the words after it (they end with NULL) on the TPM at
 * the UNIX socket SOCKET. */
void tpm2_tool(struct rig_run *run, const char *socket, const char *tool, ...)
    __attribute__((sentinel));
void tpm2_tool_words(struct rig_run *run, const char *socket, const char *tool,
                     va_list words);

/* Have it make an ECC primary key of the owner's, in the first free slot; a
 * context file goes into DIRECTORY.  What is then in RUN's output depends on
 * the TPM's seed alone. */
void tpm2_tool_create_primary(struct rig_run *run, const char *socket,
                              const char *directory);

#endif
