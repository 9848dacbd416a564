/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PKCS#11 back end (PKCS#11 v3.0, Cryptoki through the module's own
 * function list).  URIs are RFC 7512: token, serial, manufacturer, model, and
 * module-path where the configuration names no module; pin-value is refused,
 * for it would be a secret on a command line.
 */
#ifndef HSM_PKCS11_PKCS11_H
#define HSM_PKCS11_PKCS11_H

#include "keystore/store/backend.h"

extern const struct keystore_ops hsm_pkcs11_ops;

#endif
