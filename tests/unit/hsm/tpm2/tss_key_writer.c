/* SPDX-License-Identifier: Apache-2.0 */
/* DER without OpenSSL's ASN.1, so that it can be wrong. */
#include "tests/unit/hsm/tpm2/tss_key_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include <openssl/pem.h>
#include <tss2/tss2_mu.h>

const uint8_t tss_key_loadable[8] = {0x06, 0x06, 0x67, 0x81,
                                     0x05, 0x0a, 0x01, 0x03};
const uint8_t tss_key_importable[8] = {0x06, 0x06, 0x67, 0x81,
                                       0x05, 0x0a, 0x01, 0x04};

static const uint8_t owner_parent[] = {0x02, 0x05, 0x00, 0x81,
                                       0x00, 0x00, 0x01};
const struct tss_key_parts tss_key_usual = {
    .type = tss_key_loadable,
    .empty_auth = 0,
    .parent = owner_parent,
    .parent_length = sizeof owner_parent,
    .name = "TSS2 PRIVATE KEY"};

static size_t
put_octets(uint8_t *to, const uint8_t *bytes, size_t length)
{
    to[0] = 0x04;
    to[1] = 0x82;
    to[2] = (uint8_t)(length >> 8);
    to[3] = (uint8_t)length;
    memcpy(to + 4, bytes, length);
    return 4 + length;
}

static size_t
put_areas(uint8_t *to, const struct tss_key_parts *parts,
          const struct tpm2_pem *pem)
{
    uint8_t area[2048] = {0};
    size_t length = 0, written;

    assert_int_equal(
        Tss2_MU_TPM2B_PUBLIC_Marshal(&pem->public, area, sizeof area, &length),
        TSS2_RC_SUCCESS);
    written = put_octets(to, area,
                         length - parts->public_cut + parts->public_extra);
    memset(area, 0, sizeof area);
    length = 0;
    assert_int_equal(Tss2_MU_TPM2B_PRIVATE_Marshal(&pem->private, area,
                                                   sizeof area, &length),
                     TSS2_RC_SUCCESS);
    return written +
           put_octets(to + written, area, length + parts->private_extra);
}

size_t
tss_key_write(const struct tss_key_parts *parts, const struct tpm2_pem *pem,
              char to[static TPM2_PEM_MAX])
{
    uint8_t der[4096] = {0x30, 0x82};
    size_t length = 4;
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    long size;

    memcpy(der + length, parts->type, sizeof tss_key_loadable);
    length += sizeof tss_key_loadable;
    if (parts->empty_auth >= 0) {
        const uint8_t boolean[] = {0xa0, 0x03, 0x01, 0x01,
                                   (uint8_t)parts->empty_auth};

        memcpy(der + length, boolean, sizeof boolean);
        length += sizeof boolean;
    }
    memcpy(der + length, parts->parent, parts->parent_length);
    length += parts->parent_length;
    length += put_areas(der + length, parts, pem);
    der[2] = (uint8_t)((length - 4) >> 8);
    der[3] = (uint8_t)(length - 4);
    assert_true(PEM_write_bio(bio, parts->name, "", der,
                              (long)(length + parts->behind)) > 0);
    size = BIO_get_mem_data(bio, &bytes);
    assert_in_range(size, 1, TPM2_PEM_MAX);
    memcpy(to, bytes, (size_t)size);
    BIO_free(bio);
    return (size_t)size;
}
