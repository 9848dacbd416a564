/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of certificate revocation lists (CRLs, RFC 5280) by which servers'
 * certificates are checked, if one is given at all.
 */
#ifndef AGENT_HOLDFAST_POLICY_CRL_FILE_H
#define AGENT_HOLDFAST_POLICY_CRL_FILE_H

#include <stdbool.h>

#include "keystore/base/err.h"

/* Does PATH, as it is given, stand for having no lists? */
bool crl_file_is_none(const char *path);

/* Open the file at PATH for reading.  KS_ERR_FILE_MISSING; KS_ERR_PERMISSION;
 * KS_ERR_CRL: no regular file, empty or larger than NET_CRLS_MAX.  The caller
 * closes *RET. */
ERR_MUST_USE enum ks_err crl_file_open(const char *path, int *ret,
                                       struct err_cause *cause);

/* Can it be used?  As crl_file_open(); KS_ERR_CRL, too, as of crl_read(), and
 * where every list in it is out of date.  Which lists a server's certificates
 * need shows when it is asked. */
ERR_MUST_USE enum ks_err crl_file_check(const char *path,
                                        struct err_cause *cause);

#endif
