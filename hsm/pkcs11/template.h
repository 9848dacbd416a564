/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attributes that Holdfast gives its keys: a private object that can sign
 * and nothing else and cannot leave, and a public one beside it, so that the
 * key can be found by its id alone.
 */
#ifndef HSM_PKCS11_TEMPLATE_H
#define HSM_PKCS11_TEMPLATE_H

#include <stdbool.h>

#include <p11-kit/pkcs11.h>

#include "hsm/pkcs11/strictness.h"
#include "keystore/store/backend.h"
#include "keystore/store/backend.h"

/* The flags of a private key, all that is said or asked of any. */
enum pkcs11_flag {
    PKCS11_TOKEN,
    PKCS11_PRIVATE,
    PKCS11_SENSITIVE,
    PKCS11_EXTRACTABLE,
    PKCS11_SIGN,
    PKCS11_SIGN_RECOVER,
    PKCS11_DECRYPT,
    PKCS11_UNWRAP,
    PKCS11_DERIVE,
    PKCS11_LOCAL,
    PKCS11_NEVER_EXTRACTABLE,
    PKCS11_ALWAYS_SENSITIVE,
    PKCS11_ALWAYS_AUTHENTICATE,
    PKCS11_FLAG__MAX
};

enum pkcs11_flag_kind {
    PKCS11_ALWAYS_SAID = 1,
    PKCS11_USE,        /* beside signing: said unless PKCS11_CORE */
    PKCS11_TOKENS_WORD /* never said, only asked */
};

struct pkcs11_flag_row {
    CK_ATTRIBUTE_TYPE type;
    const char *name;
    enum pkcs11_flag_kind kind;
    bool wanted; /* of what is said */
    bool unless; /* what an object without this attribute counts as */
};

extern const struct pkcs11_flag_row pkcs11_flags[PKCS11_FLAG__MAX];

/* An attribute whose VALUE the module will only read. */
CK_ATTRIBUTE pkcs11_attribute(CK_ATTRIBUTE_TYPE type, const void *value,
                              size_t length);

/* Pointers to values that belong to the caller and must outlive it. */
struct pkcs11_template {
    CK_ATTRIBUTE attributes[26];
    CK_ULONG count;
};

void pkcs11_template_private(struct pkcs11_template *ret,
                             const struct keystore_new_key *name,
                             enum pkcs11_strictness strictness);
void pkcs11_template_public(struct pkcs11_template *ret,
                            const struct keystore_new_key *name);

void pkcs11_template_add(struct pkcs11_template *template,
                         CK_ATTRIBUTE_TYPE type, const void *value,
                         size_t length);

/* CKA_EC_PARAMS: the DER of the curve's OID. */
void pkcs11_template_add_curve(struct pkcs11_template *template,
                               enum material_type type);

/* The curve whose CKA_EC_PARAMS these are, or 0. */
enum material_type pkcs11_template_curve(const uint8_t *params, size_t length);

#endif
