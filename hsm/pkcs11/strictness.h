/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much is said of a new private key.  Tokens refuse attributes that they do
 * not know, so that fewer are tried then, down to those that are never left
 * out.
 */
#ifndef HSM_PKCS11_STRICTNESS_H
#define HSM_PKCS11_STRICTNESS_H

#include <stdbool.h>

#include <p11-kit/pkcs11.h>

#include "keystore/store/keystore.h"

/* How much of the private template is optional, from all of it to what is
 * never left out.  What was left out is read back and tightened. */
enum pkcs11_strictness {
    PKCS11_FULL = 0,
    PKCS11_CHANGEABLE,    /* without "never to be changed or copied" */
    PKCS11_ANY_MECHANISM, /* and without CKA_ALLOWED_MECHANISMS */
    PKCS11_CORE,          /* and without "not for decrypting", and so on */
    PKCS11_STRICTNESS__MAX
};

/* The strictness to begin with on the token that says INFO of itself. */
enum pkcs11_strictness
pkcs11_strictness_first(const struct keystore_info *info);

/* Did the token refuse attributes, so that fewer may be tried? */
bool pkcs11_strictness_refused(CK_RV rv);

#endif
