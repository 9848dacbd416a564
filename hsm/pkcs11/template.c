/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens differ in their defaults, so that CKA_SENSITIVE, CKA_EXTRACTABLE and
 * CKA_PRIVATE are said of every key of ours. */
#include "hsm/pkcs11/template.h"

#include <string.h>

static const CK_BBOOL yes = CK_TRUE;
static const CK_BBOOL no = CK_FALSE;
static const CK_OBJECT_CLASS private_class = CKO_PRIVATE_KEY;
static const CK_OBJECT_CLASS public_class = CKO_PUBLIC_KEY;
static const CK_KEY_TYPE rsa = CKK_RSA;
static const CK_KEY_TYPE ec = CKK_EC;
static const CK_MECHANISM_TYPE rsa_mechanisms[] = {CKM_RSA_PKCS,
                                                   CKM_RSA_PKCS_PSS};
static const CK_MECHANISM_TYPE ec_mechanisms[] = {CKM_ECDSA};

#define ROW(flag, kind, wanted, unless)                                        \
    [PKCS11_##flag] = {CKA_##flag, "CKA_" #flag, kind, wanted, unless}

/* Where the token does not say, the worse is assumed; but a token that does
 * not know a use cannot be used for it. */
const struct pkcs11_flag_row pkcs11_flags[] = {
    ROW(TOKEN, PKCS11_ALWAYS_SAID, true, false),
    ROW(PRIVATE, PKCS11_ALWAYS_SAID, true, false),
    ROW(SENSITIVE, PKCS11_ALWAYS_SAID, true, false),
    ROW(EXTRACTABLE, PKCS11_ALWAYS_SAID, false, true),
    ROW(SIGN, PKCS11_ALWAYS_SAID, true, false),
    ROW(SIGN_RECOVER, PKCS11_USE, false, false),
    ROW(DECRYPT, PKCS11_USE, false, false),
    ROW(UNWRAP, PKCS11_USE, false, false),
    ROW(DERIVE, PKCS11_USE, false, false),
    ROW(LOCAL, PKCS11_TOKENS_WORD, false, false),
    ROW(NEVER_EXTRACTABLE, PKCS11_TOKENS_WORD, false, false),
    ROW(ALWAYS_SENSITIVE, PKCS11_TOKENS_WORD, false, false),
    ROW(ALWAYS_AUTHENTICATE, PKCS11_TOKENS_WORD, false, false),
};

_Static_assert(sizeof pkcs11_flags / sizeof pkcs11_flags[0] == PKCS11_FLAG__MAX,
               "every flag has its row");

/* OIDs 1.2.840.10045.3.1.7 and 1.3.132.0.34 (RFC 5480, 2.1.1.1), in DER */
static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48,
                               0xce, 0x3d, 0x03, 0x01, 0x07};
static const uint8_t p384[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};

/* CKA_EC_PARAMS of each curve; NULL: no bytes, never another curve's. */
static const struct {
    const uint8_t *oid; /* in DER */
    size_t length;
} curves[MATERIAL__MAX] = {
    [MATERIAL_P256] = {p256, sizeof p256},
    [MATERIAL_P384] = {p384, sizeof p384},
};

CK_ATTRIBUTE
pkcs11_attribute(CK_ATTRIBUTE_TYPE type, const void *value, size_t length)
{
    /* Cryptoki's struct serves reading and writing and so is not const. */
    return (CK_ATTRIBUTE){type, (CK_VOID_PTR)(uintptr_t)value,
                          (CK_ULONG)length};
}

void
pkcs11_template_add(struct pkcs11_template *template, CK_ATTRIBUTE_TYPE type,
                    const void *value, size_t length)
{
    template->attributes[template->count++] = pkcs11_attribute(type, value,
                                                               length);
}

static void
add_flag(struct pkcs11_template *template, CK_ATTRIBUTE_TYPE type, bool value)
{
    pkcs11_template_add(template, type, value ? &yes : &no, sizeof yes);
}

static void
begin(struct pkcs11_template *template, const CK_OBJECT_CLASS *class,
      const struct keystore_new_key *name)
{
    template->count = 0;
    pkcs11_template_add(template, CKA_CLASS, class, sizeof *class);
    pkcs11_template_add(template, CKA_KEY_TYPE,
                        name->type == MATERIAL_RSA ? &rsa : &ec, sizeof rsa);
    pkcs11_template_add(template, CKA_ID, name->id, KEYSTORE_ID_LENGTH);
    pkcs11_template_add(template, CKA_LABEL, name->label, strlen(name->label));
}

static void
add_flags(struct pkcs11_template *template, enum pkcs11_flag_kind kind)
{
    for (size_t i = 0; i < PKCS11_FLAG__MAX; i++)
        if (pkcs11_flags[i].kind == kind)
            add_flag(template, pkcs11_flags[i].type, pkcs11_flags[i].wanted);
}

void
pkcs11_template_private(struct pkcs11_template *ret,
                        const struct keystore_new_key *name,
                        enum pkcs11_strictness strictness)
{
    begin(ret, &private_class, name);
    add_flags(ret, PKCS11_ALWAYS_SAID);
    if (strictness >= PKCS11_CORE)
        return;
    add_flags(ret, PKCS11_USE);
    if (strictness >= PKCS11_ANY_MECHANISM)
        return;
    if (strictness < PKCS11_CHANGEABLE) {
        add_flag(ret, CKA_MODIFIABLE, false);
        add_flag(ret, CKA_COPYABLE, false);
    }
    if (name->type == MATERIAL_RSA)
        pkcs11_template_add(ret, CKA_ALLOWED_MECHANISMS, rsa_mechanisms,
                            sizeof rsa_mechanisms);
    else
        pkcs11_template_add(ret, CKA_ALLOWED_MECHANISMS, ec_mechanisms,
                            sizeof ec_mechanisms);
}

void
pkcs11_template_public(struct pkcs11_template *ret,
                       const struct keystore_new_key *name)
{
    begin(ret, &public_class, name);
    add_flag(ret, CKA_TOKEN, true);
    add_flag(ret, CKA_PRIVATE, false);
    add_flag(ret, CKA_VERIFY, true);
}

void
pkcs11_template_add_curve(struct pkcs11_template *template,
                          enum material_type type)
{
    pkcs11_template_add(template, CKA_EC_PARAMS, curves[type].oid,
                        curves[type].length);
}

enum material_type
pkcs11_template_curve(const uint8_t *params, size_t length)
{
    for (unsigned i = 1; i < MATERIAL__MAX; i++)
        if (curves[i].oid != NULL && length == curves[i].length &&
            memcmp(params, curves[i].oid, length) == 0)
            return (enum material_type)i;
    return 0;
}
