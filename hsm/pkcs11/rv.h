/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cryptoki's return values made into the project's errors and into text: the
 * one place that knows both.
 */
#ifndef HSM_PKCS11_RV_H
#define HSM_PKCS11_RV_H

#include <p11-kit/pkcs11.h>

#include "keystore/base/err.h"

/* The error RV stands for, after writing "CALL: NAME" into CAUSE.  RV must
 * not be CKR_OK. */
ERR_MUST_USE enum ks_err pkcs11_rv_set(struct err_cause *cause, CK_RV rv,
                                       const char *call);

#endif
