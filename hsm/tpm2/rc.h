/* SPDX-License-Identifier: Apache-2.0 */
/* The meaning that a response of a TPM, or of the software before it, has for
 * the operator: the one place where a TSS2_RC becomes an error of ours. */
#ifndef HSM_TPM2_RC_H
#define HSM_TPM2_RC_H

#include <stdbool.h>

#include <tss2/tss2_common.h>

#include "keystore/base/err.h"

/* The error for RC, with CALL and the TSS's own words as its cause.  RC must be
 * a failure. */
enum ks_err tpm2_rc_set(struct err_cause *cause, TSS2_RC rc, const char *call);

/* RC without the number of the parameter, handle or session that it concerns
 * (TPM 2.0 Part 2, 6.6.2), if it is the TPM's own or a resource manager's in
 * its place; else 0. */
TSS2_RC tpm2_rc_base(TSS2_RC rc);

/* Has what we had in the TPM gone: the connection, its sessions, its loaded
 * objects? */
bool tpm2_rc_is_gone(TSS2_RC rc);

/* Is it a parameter of the command that the TPM does not take? */
bool tpm2_rc_is_of_parameter(TSS2_RC rc);

/* Did the TPM refuse an authorisation value? */
bool tpm2_rc_is_refused(TSS2_RC rc);

#endif
