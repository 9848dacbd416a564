/* SPDX-License-Identifier: Apache-2.0 */
/* A key that is to be made on a token. */
#ifndef HSM_PKCS11_NEW_KEY_H
#define HSM_PKCS11_NEW_KEY_H

#include "hsm/pkcs11/template.h"
#include "keystore/store/material.h"

/* All borrowed. */
struct pkcs11_new_key {
    struct pkcs11_name name;
    const struct material *material; /* NULL: it is born on the token, */
    EVP_PKEY *public;                /* and nobody has its public half yet */
};

#endif
