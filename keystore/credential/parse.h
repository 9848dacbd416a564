/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credential file's bytes made into fields and key material.  Runs only in
 * holdfast-credential, which has no network, no token and no state.
 */
#ifndef KEYSTORE_CREDENTIAL_PARSE_H
#define KEYSTORE_CREDENTIAL_PARSE_H

#include "keystore/credential/credential.h"
#include "keystore/base/secret.h"

#define CREDENTIAL_FILE_MAX (256 * 1024)

/* Load what reading a PFX needs (OpenSSL's default and legacy providers, into
 * a library context of their own): files are opened here and never later, so
 * call it before the sandbox. */
ERR_MUST_USE enum ks_err credential_parse_init(struct err_cause *cause);

/* Read FILE, a whole vault credentials file of generation
 * RSBackupVaultAADCreds. On success *RET has every field that the file has and
 * the certificate, and *RET_KEY its private key as PKCS#8
 * (keystore/store/material.h), which has been matched with the certificate; the
 * caller frees both.  Dates are not looked at: credential_check() does that.
 *
 * KS_ERR_CRED_FORMAT: not XML, DOCTYPE, too deep, element missing or twice, not
 * base64, base64 of base64, not a PFX; KS_ERR_CRED_GENERATION: the ACS or the
 * Site Recovery file, by name; KS_ERR_CRED_NO_KEY, _PASSWORD, _MISMATCH, _WEAK.
 */
ERR_MUST_USE enum ks_err credential_parse(const struct secret *file,
                                          struct credential **ret,
                                          struct secret **ret_key,
                                          struct err_cause *cause);

#endif
