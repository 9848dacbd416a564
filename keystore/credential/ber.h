/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BER (X.690) read in place: every form of a length, strings in pieces, and
 * numbers with or without zero bytes in front, as OpenSSL's decoders take them.
 * For private keys of other writers, whose bytes must not pass through those.
 */
#ifndef KEYSTORE_CREDENTIAL_BER_H
#define KEYSTORE_CREDENTIAL_BER_H

#include "keystore/base/der.h"

/* As der_take(), with BER's lengths. */
bool ber_take(struct der *from, uint8_t tag, struct der *ret);

/* An INTEGER as the unsigned number that its bytes are: some writers leave out
 * the zero byte that makes it positive.  *RET comes without leading zero
 * bytes. */
bool ber_take_unsigned(struct der *from, struct der *ret);

/* An OCTET STRING, its pieces joined, into TO of SIZE bytes.  *RET is its
 * length, also where that is more than SIZE: then nothing but SIZE bytes is
 * written. */
bool ber_take_octets(struct der *from, uint8_t *to, size_t size, size_t *ret);

#endif
