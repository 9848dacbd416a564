/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cost of opening a part of a PFX, paid before it is opened: an attacker
 * chooses the iterations.  Also says no to algorithms that are not read here.
 */
#ifndef KEYSTORE_CREDENTIAL_PFX_COST_H
#define KEYSTORE_CREDENTIAL_PFX_COST_H

#include <stdint.h>

#include <openssl/pkcs12.h>

#include "keystore/base/err.h"

/* Take the iterations of decrypting under ALGORITHM off *BUDGET, or the COUNT
 * of another derivation.  KS_ERR_CRED_UNUSABLE: more than is left, or an
 * algorithm that is not read here. */
ERR_MUST_USE enum ks_err pfx_cost_decryption(const X509_ALGOR *algorithm,
                                             int64_t *budget,
                                             struct err_cause *cause);
ERR_MUST_USE enum ks_err pfx_cost_iterations(const ASN1_INTEGER *count,
                                             int64_t *budget,
                                             struct err_cause *cause);

#endif
