/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to a TPM: a transport of tpm2-tss that waits and sends a command
 * again where the TPM asks for that.  ESYS itself repeats at once, or not at
 * all (NV_RATE).  Bytes may be sent twice, because an answer of a warning
 * leaves the session's nonces as they were (TPM 2.0 Part 1, 17.6).
 */
#ifndef HSM_TPM2_TCTI_H
#define HSM_TPM2_TCTI_H

#include <tss2/tss2_tcti.h>

/* Load the transport that CONFIG names; the caller finalizes *RET. */
TSS2_RC tpm2_tcti_open(const char *config, TSS2_TCTI_CONTEXT **ret);

/* Put patience before INNER, which belongs to *RET from then on. */
TSS2_RC tpm2_tcti_wrap(TSS2_TCTI_CONTEXT *inner, TSS2_TCTI_CONTEXT **ret);

/* Ends *TCTI and sets it to NULL. */
void tpm2_tcti_close(TSS2_TCTI_CONTEXT **tcti);

#endif
