/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files by which servers are judged: who may issue their certificates, and
 * which of them are revoked.  Others replace both while Holdfast is installed,
 * so that they are opened afresh each time.
 */
#ifndef AGENT_HOLDFAST_POLICY_TRUST_FILE_H
#define AGENT_HOLDFAST_POLICY_TRUST_FILE_H

#include <sys/types.h>

#include "keystore/base/err.h"

/* Open the file at PATH for reading.  KS_ERR_FILE_MISSING; KS_ERR_PERMISSION;
 * FAULT: no regular file, empty or larger than MOST bytes, a whole number of
 * MiB.  The caller closes *RET. */
ERR_MUST_USE enum ks_err trust_file_open(const char *path, off_t most,
                                         enum ks_err fault, int *ret,
                                         struct err_cause *cause);

#endif
