/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The test's TPM by ESYS alone: another program that uses it.  Uses nothing of
 * hsm/.  Whatever fails here fails the test.
 */
#ifndef TESTS_CONTRACT_TPM2_DIRECT_H
#define TESTS_CONTRACT_TPM2_DIRECT_H

#include "tests/support/samples.h"

struct tpm2_direct;

/* Speak to the TPM at the UNIX socket SOCKET.  The caller closes *DIRECT, which
 * leaves in the TPM what was left there. */
struct tpm2_direct *tpm2_direct_open(const char *socket);
void tpm2_direct_close(struct tpm2_direct **direct);

/* The handles from FIRST on of FIRST's kind, a line for each: "- 0x80000000".
 */
#define TPM2_DIRECT_HANDLES 1024
void tpm2_direct_handles(struct tpm2_direct *direct, uint32_t first,
                         char ret[static TPM2_DIRECT_HANDLES]);

/* How many authorisation values the TPM has refused that count, and how many
 * it refuses before it locks. */
uint32_t tpm2_direct_failures(struct tpm2_direct *direct);
uint32_t tpm2_direct_failures_max(struct tpm2_direct *direct);

/* Start sessions until the TPM takes no more. */
void tpm2_direct_fill_sessions(struct tpm2_direct *direct);

/* Import a sample of RSA under the storage root key as most programs do: as it
 * is, without an outer wrapper. */
void tpm2_direct_import_plain(struct tpm2_direct *direct,
                              enum sample_name name);

#endif
