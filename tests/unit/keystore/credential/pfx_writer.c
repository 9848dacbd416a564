/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 7292 from the inside out.  Shares nothing with the code that reads. */
#include "tests/unit/keystore/credential/pfx_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "tests/unit/keystore/credential/fixture_pfx.h"

#define SALT "16 bytes of salt"

static struct fixture_bytes
small(uint8_t number)
{
    return pfx_writer_put(0x02, 1, pfx_writer_bytes(&number, 1));
}

static X509_ALGOR *
algorithm_of(const struct pfx_writer_cipher *cipher)
{
    static unsigned char salt[] = SALT;
    X509_ALGOR *ret;

    if (EVP_PBE_find(EVP_PBE_TYPE_OUTER, cipher->nid, NULL, NULL, NULL) == 1)
        ret = PKCS5_pbe_set(cipher->nid, cipher->iterations, salt, 8);
    else if (cipher->prf < 0)
        ret = PKCS5_pbe2_set_scrypt(EVP_get_cipherbynid(cipher->nid), salt, 16,
                                    NULL, (uint64_t)cipher->iterations, 8, 1);
    else
        ret = PKCS5_pbe2_set_iv(
            EVP_get_cipherbynid(cipher->nid), cipher->iterations, salt, 16,
            NULL, cipher->prf == 0 ? NID_hmacWithSHA1 : cipher->prf);
    FIXTURE_NEED(ret != NULL);
    return ret;
}

/* PLAIN, which is freed, under CIPHER: its algorithm in *RET_ALGORITHM */
static struct fixture_bytes
encrypt(struct fixture_bytes plain, const struct pfx_writer_cipher *cipher,
        const char *password, struct fixture_bytes *ret_algorithm)
{
    X509_ALGOR *algorithm = algorithm_of(cipher);
    struct fixture_bytes ret = {NULL, 0};
    int length = i2d_X509_ALGOR(algorithm, &ret_algorithm->bytes);

    FIXTURE_NEED(length > 0);
    ret_algorithm->length = (size_t)length;
    FIXTURE_NEED(PKCS12_pbe_crypt_ex(algorithm, password, -1, plain.bytes,
                                     (int)plain.length, &ret.bytes, &length, 1,
                                     fixture_library(), NULL) != NULL);
    ret.length = (size_t)length;
    X509_ALGOR_free(algorithm);
    fixture_free(&plain);
    return ret;
}

static struct fixture_bytes
key_bag(const struct pfx_writer *pfx)
{
    const char *password = pfx->key_password != NULL ? pfx->key_password
                                                     : pfx->password;
    struct fixture_bytes algorithm = {NULL, 0};
    struct fixture_bytes content;

    if (pfx->key.length == 0)
        return (struct fixture_bytes){NULL, 0};
    if (pfx->for_key.nid == 0)
        return pfx_writer_bag(1, pfx->key);
    content = encrypt(pfx->key, &pfx->for_key, password, &algorithm);
    return pfx_writer_bag(2, pfx_writer_put(0x30, 2, algorithm,
                                            pfx_writer_put(0x04, 1, content)));
}

static struct fixture_bytes
certificate_bag(X509 *certificate)
{
    return pfx_writer_bag(
        3, pfx_writer_put(0x30, 2, pfx_writer_oid(NID_x509Certificate),
                          pfx_writer_put(0xa0, 1,
                                         pfx_writer_put(0x04, 1,
                                                        fixture_certificate_der(
                                                            certificate)))));
}

/* A safe of BAGS, under CIPHER */
static struct fixture_bytes
safe_of(struct fixture_bytes bags, const struct pfx_writer_cipher *cipher,
        const struct pfx_writer *pfx)
{
    struct fixture_bytes algorithm = {NULL, 0};
    struct fixture_bytes content = pfx_writer_reform(
        pfx_writer_put(0x30, 1, bags), pfx->inner);

    if (cipher->nid == 0)
        return pfx_writer_put(
            0x30, 2, pfx_writer_oid(NID_pkcs7_data),
            pfx_writer_put(0xa0, 1, pfx_writer_put(0x04, 1, content)));
    content = encrypt(content, cipher, pfx->password, &algorithm);
    content = pfx_writer_put(0x30, 3, pfx_writer_oid(NID_pkcs7_data), algorithm,
                             pfx_writer_put(0x80, 1, content));
    return pfx_writer_put(
        0x30, 2, pfx_writer_oid(NID_pkcs7_encrypted),
        pfx_writer_put(0xa0, 1, pfx_writer_put(0x30, 2, small(0), content)));
}

/* PBMAC1 (RFC 9579): its algorithm, and the key of MD's length in KEY */
static struct fixture_bytes
derive_pbmac1(const struct pfx_writer *pfx, const EVP_MD *md, uint8_t *key)
{
    static unsigned char salt[] = SALT;
    int length = EVP_MD_get_size(md);
    int hmac = pfx->mac == NID_sha512 ? NID_hmacWithSHA512 : NID_hmacWithSHA256;
    X509_ALGOR *kdf = PKCS5_pbkdf2_set(pfx->mac_iterations, salt, 16, hmac,
                                       length);
    struct fixture_bytes derivation = {NULL, 0};

    FIXTURE_NEED(kdf != NULL);
    derivation.length = (size_t)i2d_X509_ALGOR(kdf, &derivation.bytes);
    X509_ALGOR_free(kdf);
    FIXTURE_NEED(PKCS5_PBKDF2_HMAC(pfx->password, -1, salt, 16,
                                   pfx->mac_iterations, md, length, key) == 1);
    return pfx_writer_put(
        0x30, 2, pfx_writer_oid(NID_pbmac1),
        pfx_writer_put(0x30, 2, derivation,
                       pfx_writer_put(0x30, 1, pfx_writer_oid(hmac))));
}

/* RFC 7292, 4 and appendix B */
static struct fixture_bytes
derive_pkcs12(const struct pfx_writer *pfx, const EVP_MD *md, uint8_t *key)
{
    static unsigned char salt[] = SALT;

    FIXTURE_NEED(PKCS12_key_gen_utf8_ex(pfx->password, -1, salt, 16,
                                        PKCS12_MAC_ID, pfx->mac_iterations,
                                        EVP_MD_get_size(md), key, md,
                                        fixture_library(), NULL) == 1);
    return pfx_writer_put(0x30, 2, pfx_writer_oid(pfx->mac),
                          pfx_writer_bytes("\x05\x00", 2));
}

/* MacData over CONTENT */
static struct fixture_bytes
mac_of(const struct fixture_bytes *content, const struct pfx_writer *pfx)
{
    const EVP_MD *md = EVP_get_digestbynid(pfx->mac);
    uint8_t key[EVP_MAX_MD_SIZE];
    uint8_t mac[EVP_MAX_MD_SIZE];
    size_t length = 0;
    struct fixture_bytes algorithm;
    struct fixture_bytes count = {NULL, 0};
    ASN1_INTEGER *number = ASN1_INTEGER_new();

    FIXTURE_NEED(md != NULL && number != NULL);
    FIXTURE_NEED(ASN1_INTEGER_set(number, pfx->mac_iterations) == 1);
    count.length = (size_t)i2d_ASN1_INTEGER(number, &count.bytes);
    ASN1_INTEGER_free(number);
    algorithm = pfx->pbmac1 ? derive_pbmac1(pfx, md, key)
                            : derive_pkcs12(pfx, md, key);
    FIXTURE_NEED(EVP_Q_mac(fixture_library(), "HMAC", NULL,
                           EVP_MD_get0_name(md), NULL, key,
                           (size_t)EVP_MD_get_size(md), content->bytes,
                           content->length, mac, sizeof mac, &length) != NULL);
    return pfx_writer_put(
        0x30, 3,
        pfx_writer_put(0x30, 2, algorithm,
                       pfx_writer_put(0x04, 1, pfx_writer_bytes(mac, length))),
        pfx_writer_text(SALT), count);
}

struct fixture_bytes
pfx_writer(const struct pfx_writer *pfx)
{
    static const struct pfx_writer_cipher none = {0};
    struct fixture_bytes bags = key_bag(pfx);
    struct fixture_bytes safes = {NULL, 0};
    struct fixture_bytes mac = {NULL, 0};
    struct fixture_bytes version = small(3);

    bags = pfx_writer_join(bags, pfx->more);
    if (!pfx->one_safe) {
        safes = safe_of(bags, &none, pfx);
        bags = (struct fixture_bytes){NULL, 0};
    }
    for (size_t i = 0; pfx->certificates[i] != NULL; i++)
        bags = pfx_writer_join(bags, certificate_bag(pfx->certificates[i]));
    safes = pfx_writer_join(safes, safe_of(bags, &pfx->for_certificates, pfx));
    safes = pfx_writer_join(safes, pfx->safe);
    safes = pfx_writer_reform(pfx_writer_put(0x30, 1, safes), pfx->inner);
    if (pfx->mac != 0)
        mac = mac_of(&safes, pfx);
    safes = pfx_writer_put(
        0x30, 2, pfx_writer_oid(NID_pkcs7_data),
        pfx_writer_put(0xa0, 1, pfx_writer_put(0x04, 1, safes)));
    return pfx_writer_reform(pfx_writer_put(0x30, 3, version, safes, mac),
                             pfx->outer);
}
