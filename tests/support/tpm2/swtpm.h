/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TPM 2.0 for one test: swtpm as a process of its own, on a UNIX socket in
 * the test's directory.  It needs no root, no port and no kernel module, and
 * starts in about 10 ms.
 */
#ifndef TESTS_SUPPORT_TPM2_SWTPM_H
#define TESTS_SUPPORT_TPM2_SWTPM_H

struct swtpm;

/* Make a new TPM below DIRECTORY (absolute, and short: a socket's path has at
 * most 107 bytes) and start it up; it answers when this returns.  NULL, after
 * a line on stderr, where that fails.  The caller frees it. */
struct swtpm *swtpm_new(const char *directory);

/* The same, but as TPMs come from a maker: with an endorsement key of RSA-2048
 * and one of P-384, at 0x81010001 and 0x81010016, and their certificates in NV
 * (TCG EK Credential Profile).  MAKER (absolute) is the directory of its CA,
 * which is made where there is none, so that TPMs can have one maker;
 * tests/support/tpm2/swtpm_maker.h names its certificates.  About 1 s. */
struct swtpm *swtpm_new_endorsed(const char *directory, const char *maker);

/* Stop it and set *SWTPM to NULL.  Its files stay for the test to remove. */
void swtpm_free(struct swtpm **swtpm);

/* The socket that takes commands: PATH of "tpm2:swtpm=PATH" and, for other
 * people's programs, of the TCTI "swtpm:path=PATH". */
const char *swtpm_socket(const struct swtpm *swtpm);

/* Cut its power and start it again: what is persistent stays, on the same
 * socket.  Returns 0 or -1. */
int swtpm_restart(struct swtpm *swtpm);

/* Put another new TPM of the same maker in its place, on the same socket.
 * Returns 0 or -1. */
int swtpm_replace(struct swtpm *swtpm);

#endif
