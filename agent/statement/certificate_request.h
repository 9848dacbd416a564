/* SPDX-License-Identifier: Apache-2.0 */
/* A PKCS#10 certificate request (RFC 2986) signed by a key in a store. */
#ifndef AGENT_STATEMENT_CERTIFICATE_REQUEST_H
#define AGENT_STATEMENT_CERTIFICATE_REQUEST_H

#include "keystore/store/keystore.h"

#define CERTIFICATE_REQUEST_MAX 2048

/* Build a request for KEY's public half, with an empty subject (the vault names
 * its machines itself), and sign it by SCHEME.  DER into RET. */
ERR_MUST_USE enum ks_err
certificate_request_make(struct keystore_key *key, enum keystore_scheme scheme,
                         uint8_t ret[static CERTIFICATE_REQUEST_MAX],
                         size_t *ret_length, struct err_cause *cause);

#endif
