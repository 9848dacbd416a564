/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ASN.1 as EK certificates have it, which is not always DER: lengths of more
 * bytes than needed, numbers without or with too much padding.  Only the form
 * is read here, within bounds; what may be wrong in a value is its reader's.
 * An indefinite length and a tag of several bytes are in no certificate, and
 * end the reading.
 */
#ifndef VAULT_ATTESTATION_TLV_H
#define VAULT_ATTESTATION_TLV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of somebody else. */
struct tlv_bytes {
    const uint8_t *at;
    size_t length;
};

struct tlv {
    uint8_t tag;
    struct tlv_bytes content;
    struct tlv_bytes whole; /* with tag and length, as they came */
};

/* Tags, as they stand. */
#define TLV_BOOLEAN 0x01
#define TLV_INTEGER 0x02
#define TLV_BIT_STRING 0x03
#define TLV_OCTET_STRING 0x04
#define TLV_OID 0x06
#define TLV_UTC_TIME 0x17
#define TLV_GENERALIZED_TIME 0x18
#define TLV_SEQUENCE 0x30
#define TLV_SET 0x31
#define TLV_CONTEXT(n) (0xa0 | (n))

/* The next value off the front of FROM; false where there is none. */
bool tlv_next(struct tlv_bytes *from, struct tlv *ret);
/* The same, where it is of TAG; FROM is as it was where it is not. */
bool tlv_take(struct tlv_bytes *from, uint8_t tag, struct tlv *ret);

bool tlv_is(struct tlv_bytes bytes, const void *expected, size_t length);
#define TLV_IS(bytes, array) tlv_is(bytes, array, sizeof(array))

/* A BIT STRING's bytes, of which none may be unused bits; false otherwise. */
bool tlv_bits(const struct tlv *bit_string, struct tlv_bytes *ret);

/* UTCTime or GeneralizedTime as UTC seconds, with or without seconds, and with
 * an offset in place of Z as the older standards allow. */
bool tlv_time(const struct tlv *time, int64_t *ret);

#endif
