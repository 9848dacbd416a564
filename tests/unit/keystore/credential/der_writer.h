/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DER written by hand, so that it can be wrong in one place.  Fails the test
 * that it runs in where there is no room.
 */
#ifndef TESTS_UNIT_KEYSTORE_CREDENTIAL_DER_WRITER_H
#define TESTS_UNIT_KEYSTORE_CREDENTIAL_DER_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/bn.h>
#include <openssl/types.h>

struct der_writer {
    uint8_t bytes[8192];
    size_t length;
};

void der_writer_bytes(struct der_writer *writer, const void *bytes,
                      size_t length);
void der_writer_number(struct der_writer *writer, const BIGNUM *number);

/* TAG is 0x30, 0xa0 and so on, of a number below 31. */
void der_writer_put(struct der_writer *writer, uint8_t tag, const void *content,
                    size_t length);

/* PrivateKeyInfo (RFC 5208, 5) */
struct der_writer_pkcs8 {
    uint8_t version;
    const void *algorithm; /* content of the sequence */
    size_t algorithm_length;
    const void *key; /* content of the octet string */
    size_t key_length;
    const void *tail; /* behind it, inside */
    size_t tail_length;
};

struct der_writer der_writer_pkcs8(const struct der_writer_pkcs8 *from);

/* The numbers of an RSAPrivateKey in its order, and OpenSSL's names of them */
enum { N, E, D, P, Q, DP, DQ, QI, DER_WRITER_NUMBERS };

extern const char *const der_writer_names[DER_WRITER_NUMBERS];

/* RSAPrivateKey of the numbers of KEY, WHICH of them (-1: none) replaced */
struct der_writer der_writer_rsa(EVP_PKEY *key, uint8_t version, int which,
                                 const BIGNUM *other);

#endif
