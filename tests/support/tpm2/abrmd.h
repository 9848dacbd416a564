/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tpm2-abrmd, the resource manager of user space, for one test: on a message
 * bus of its own that this process and its children take for the system's.
 */
#ifndef TESTS_SUPPORT_TPM2_ABRMD_H
#define TESTS_SUPPORT_TPM2_ABRMD_H

struct abrmd;

/* Start one before the TPM at the socket TPM, with a bus in DIRECTORY
 * (absolute).  It answers when this returns.  NULL, after a line on stderr,
 * where that fails.  The caller frees it.  One at a time in a process. */
struct abrmd *abrmd_new(const char *tpm, const char *directory);

/* End it and start another one on the same bus: what it kept for its clients is
 * lost, and so are their connections.  Returns 0 or -1. */
int abrmd_restart(struct abrmd *abrmd);

/* End it and its bus, and set *ABRMD to NULL. */
void abrmd_free(struct abrmd **abrmd);

#endif
