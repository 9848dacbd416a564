/* SPDX-License-Identifier: Apache-2.0 */
/* A text of a certificate's is for people to read, so that it is made printable
 * here once. */
#include "tests/vault/attestation/ek_extension.h"

#include <string.h>

/* id-ce, RFC 5280, 4.2.1: 2.5.29.N */
#define CE_DIRECTORY_ATTRIBUTES 9
#define CE_KEY_IDENTIFIER 14
#define CE_KEY_USAGE 15
#define CE_ALTERNATIVE_NAME 17
#define CE_ISSUER_NAME 18
#define CE_CONSTRAINTS 19
#define CE_CRL_POINTS 31
#define CE_POLICIES 32
#define CE_AUTHORITY 35
#define CE_USAGE 37

static const uint8_t oid_ek[] = {0x67, 0x81, 5, 8, 1}; /* 2.23.133.8.1 */

/* Text of any type, printable, and shortened to what there is room for. */
static void
copy_text(struct tlv_bytes text, char *ret, size_t size)
{
    size_t length = text.length < size - 1 ? text.length : size - 1;

    for (size_t i = 0; i < length; i++)
        ret[i] = text.at[i] >= 0x20 && text.at[i] < 0x7f ? (char)text.at[i]
                                                         : '?';
    ret[length] = '\0';
}

/* tcg-at-tpmManufacturer, Model, Version: 2.23.133.2.N */
static void
read_attribute(struct tlv_bytes attribute, struct attestation_maker *maker)
{
    static const uint8_t tcg[] = {0x67, 0x81, 5, 2};
    struct tlv oid;
    struct tlv value;

    if (!tlv_take(&attribute, TLV_OID, &oid) || !tlv_next(&attribute, &value) ||
        oid.content.length != sizeof tcg + 1 ||
        memcmp(oid.content.at, tcg, sizeof tcg) != 0)
        return;
    switch (oid.content.at[sizeof tcg]) {
    case 1:
        copy_text(value.content, maker->manufacturer,
                  sizeof maker->manufacturer);
        break;
    case 2:
        copy_text(value.content, maker->model, sizeof maker->model);
        break;
    case 3:
        copy_text(value.content, maker->version, sizeof maker->version);
        break;
    default:
        break;
    }
}

/* GeneralNames: of interest is the directoryName.  The three attributes are
 * each in a set of its own, or all in one. */
static bool
read_names(struct tlv_bytes value, struct attestation_maker *maker)
{
    struct tlv names;
    struct tlv each;

    if (!tlv_take(&value, TLV_SEQUENCE, &names))
        return false;
    while (tlv_next(&names.content, &each)) {
        struct tlv name;
        struct tlv set;
        struct tlv attribute;

        if (each.tag != TLV_CONTEXT(4) ||
            !tlv_take(&each.content, TLV_SEQUENCE, &name))
            continue;
        while (tlv_take(&name.content, TLV_SET, &set))
            while (tlv_take(&set.content, TLV_SEQUENCE, &attribute))
                read_attribute(attribute.content, maker);
    }
    return names.content.length == 0;
}

static bool
read_usage(struct tlv_bytes value, struct ek_certificate *certificate)
{
    struct tlv usages;
    struct tlv usage;

    if (!tlv_take(&value, TLV_SEQUENCE, &usages))
        return false;
    certificate->has_usage = true;
    while (tlv_take(&usages.content, TLV_OID, &usage))
        if (TLV_IS(usage.content, oid_ek))
            certificate->is_for_ek = true;
    return usages.content.length == 0;
}

/* BasicConstraints: an EK decrypts, and signs no certificate. */
static bool
is_authority(struct tlv_bytes value)
{
    struct tlv constraints;
    struct tlv authority;

    return tlv_take(&value, TLV_SEQUENCE, &constraints) &&
           tlv_take(&constraints.content, TLV_BOOLEAN, &authority) &&
           authority.content.length == 1 && authority.content.at[0] != 0;
}

/* The last number of 2.5.29.N; 0 for another OID. */
static unsigned
number_of(struct tlv_bytes oid)
{
    static const uint8_t ce[] = {0x55, 0x1d};

    return oid.length == sizeof ce + 1 && memcmp(oid.at, ce, sizeof ce) == 0
               ? oid.at[sizeof ce]
               : 0;
}

static const char *
read_one(unsigned number, struct tlv_bytes value, bool critical,
         struct ek_certificate *ret)
{
    switch (number) {
    case CE_ALTERNATIVE_NAME:
        return read_names(value, &ret->maker)
                   ? NULL
                   : "has an alternative name that cannot be read";
    case CE_USAGE:
        return read_usage(value, ret) ? NULL
                                      : "has a usage that cannot be read";
    case CE_CONSTRAINTS:
        return is_authority(value) ? "is a certificate authority's" : NULL;
    case CE_DIRECTORY_ATTRIBUTES:
    case CE_KEY_IDENTIFIER:
    case CE_KEY_USAGE:
    case CE_ISSUER_NAME:
    case CE_CRL_POINTS:
    case CE_POLICIES:
    case CE_AUTHORITY:
        return NULL;
    default:
        /* RFC 5280, 4.2: it says something that must not be passed over. */
        return critical ? "has a critical extension that the vault does not "
                          "know"
                        : NULL;
    }
}

const char *
ek_extension_read(struct tlv_bytes extensions, struct ek_certificate *ret)
{
    const char *why = NULL;
    struct tlv each;

    while (why == NULL && tlv_take(&extensions, TLV_SEQUENCE, &each)) {
        struct tlv oid;
        struct tlv critical = {.tag = 0};
        struct tlv value;

        if (!tlv_take(&each.content, TLV_OID, &oid))
            return "has an extension that cannot be read";
        (void)tlv_take(&each.content, TLV_BOOLEAN, &critical);
        if (!tlv_take(&each.content, TLV_OCTET_STRING, &value))
            return "has an extension that cannot be read";
        why = read_one(
            number_of(oid.content), value.content,
            critical.content.length == 1 && critical.content.at[0] != 0, ret);
    }
    if (why == NULL && extensions.length != 0)
        why = "has an extension that cannot be read";
    return why;
}
