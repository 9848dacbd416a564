/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of those who issue servers' certificates, in PEM (RFC 7468).
 */
#ifndef AGENT_HOLDFAST_POLICY_ISSUERS_H
#define AGENT_HOLDFAST_POLICY_ISSUERS_H

#include "keystore/base/err.h"

/* Where OpenSSL on this system looks for issuers. */
#define ISSUERS_SYSTEM_FILE "/etc/ssl/certs/ca-certificates.crt"

/* Open the file at PATH for reading.  KS_ERR_FILE_MISSING; KS_ERR_PERMISSION;
 * KS_ERR_ISSUERS: no regular file, empty or larger than NET_ISSUERS_MAX.  The
 * caller closes *RET. */
ERR_MUST_USE enum ks_err issuers_open(const char *path, int *ret,
                                      struct err_cause *cause);

/* Can it be used?  As issuers_open(); KS_ERR_ISSUERS, too, where it holds no
 * certificate. */
ERR_MUST_USE enum ks_err issuers_check(const char *path,
                                       struct err_cause *cause);

#endif
