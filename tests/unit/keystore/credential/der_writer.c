/* SPDX-License-Identifier: Apache-2.0 */
/* Tags, lengths and numbers, written without asking whether they make sense. */
#include "tests/unit/keystore/credential/der_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/asn1.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

const char *const der_writer_names[DER_WRITER_NUMBERS] = {
    OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
    OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
    OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

void
der_writer_bytes(struct der_writer *writer, const void *bytes, size_t length)
{
    assert_true(writer->length + length <= sizeof writer->bytes);
    if (length > 0)
        memcpy(writer->bytes + writer->length, bytes, length);
    writer->length += length;
}

void
der_writer_put(struct der_writer *writer, uint8_t tag, const void *content,
               size_t length)
{
    uint8_t head[8] = {0};
    unsigned char *cursor = head;

    ASN1_put_object(&cursor, (tag & 0x20) != 0, (int)length, tag & 0x1f,
                    tag & 0xc0);
    der_writer_bytes(writer, head, (size_t)(cursor - head));
    der_writer_bytes(writer, content, length);
}

void
der_writer_number(struct der_writer *writer, const BIGNUM *number)
{
    uint8_t bytes[1024] = {0};
    int length = BN_num_bytes(number);
    bool sign = BN_num_bits(number) % 8 == 0;

    assert_int_equal(BN_bn2binpad(number, bytes + sign, length), length);
    der_writer_put(writer, 0x02, bytes, (size_t)length + sign);
}

struct der_writer
der_writer_pkcs8(const struct der_writer_pkcs8 *from)
{
    struct der_writer inner = {.length = 0};
    struct der_writer ret = {.length = 0};

    der_writer_put(&inner, 0x02, &from->version, 1);
    der_writer_put(&inner, 0x30, from->algorithm, from->algorithm_length);
    der_writer_put(&inner, 0x04, from->key, from->key_length);
    der_writer_bytes(&inner, from->tail, from->tail_length);
    der_writer_put(&ret, 0x30, inner.bytes, inner.length);
    return ret;
}

struct der_writer
der_writer_rsa(EVP_PKEY *key, uint8_t version, int which, const BIGNUM *other)
{
    struct der_writer inner = {.length = 0};
    struct der_writer ret = {.length = 0};

    der_writer_put(&inner, 0x02, &version, 1);
    for (int i = 0; i < DER_WRITER_NUMBERS; i++) {
        BIGNUM *number = NULL;

        assert_int_equal(
            EVP_PKEY_get_bn_param(key, der_writer_names[i], &number), 1);
        der_writer_number(&inner, i == which ? other : number);
        BN_clear_free(number);
    }
    der_writer_put(&ret, 0x30, inner.bytes, inner.length);
    return ret;
}
