/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The search for the one token that a URI names.
 */
#ifndef HSM_PKCS11_SEARCH_H
#define HSM_PKCS11_SEARCH_H

#include "hsm/pkcs11/token.h"
#include "hsm/pkcs11/uri.h"

/* Find the token that URI names, in its module and no other; tokens that were
 * never initialised count only where URI names their label.  SERIAL, or NULL,
 * must be its serial number.  KS_ERR_TOKEN_MODULE, _MISSING, _AMBIGUOUS,
 * _OTHER. The caller closes *RET; there is no session yet. */
ERR_MUST_USE enum ks_err pkcs11_search(const struct pkcs11_uri *uri,
                                       const char *serial,
                                       struct pkcs11_token **ret,
                                       struct err_cause *cause);

#endif
