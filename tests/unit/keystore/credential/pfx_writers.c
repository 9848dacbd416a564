/* SPDX-License-Identifier: Apache-2.0 */
/* The table.  Iterations are those of the program that is named where they are
 * few; where they are many, the row is about other things. */
#include "tests/unit/keystore/credential/pfx_writers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#define FILE_OF(name) name, .file = name
const struct pfx_writers_row pfx_writers_programs[] = {
    {FILE_OF("openssl-3")},
    {FILE_OF("openssl-1.1")},
    {FILE_OF("openssl-aes-128")},
    {FILE_OF("openssl-camellia")},
    {FILE_OF("openssl-aria")},
    {FILE_OF("openssl-des3")},
    {FILE_OF("openssl-rc4")},
    {FILE_OF("openssl-md5-des")},
    {FILE_OF("openssl-open")},
    {FILE_OF("openssl-open-certificate")},
    {FILE_OF("openssl-without-mac")},
    {FILE_OF("openssl-without-iterations")},
    {FILE_OF("openssl-mac-sha3")},
    {FILE_OF("openssl-mac-md5")},
    {FILE_OF("openssl-named")},
    {FILE_OF("gnutls-default"), .costly = true},
    {FILE_OF("gnutls-rc2-40"), .costly = true},
    {FILE_OF("nss-default"), .costly = true},
    {FILE_OF("nss-pbe"), .costly = true},
    {"Windows, TripleDES-SHA1, without a password",
     .pfx = {BOTH({TRIPLE_DES, 0, 2000}), SHA1_OF(2000)}},
    {"Windows, RC2 for the certificate, an empty password",
     .pfx = {.password = "",
             .for_key = {TRIPLE_DES, 0, 2000},
             .for_certificates = {RC2_40, 0, 2000},
             SHA1_OF(2000)}},
    {"Windows, AES256-SHA256", .pfx = {.password = "",
                                       BOTH(AES_256(NID_hmacWithSHA256, 2000)),
                                       SHA256_OF(2000)}},
    {".NET, AES256-SHA256, without a password",
     .pfx = {BOTH(AES_256(NID_hmacWithSHA256, 2000)), SHA256_OF(2000)}},
    {"macOS, Keychain Access", .pfx = {.password = "",
                                       .for_key = {TRIPLE_DES, 0, 2048},
                                       .for_certificates = {RC2_40, 0, 2048},
                                       SHA1_OF(1)}},
    {"Java 8", .pfx = {.password = "",
                       .for_key = {TRIPLE_DES, 0, 50000},
                       .for_certificates = {RC2_40, 0, 50000},
                       SHA1_OF(100000)}},
    {"Java 17", .pfx = {.password = "",
                        BOTH(AES_256(NID_hmacWithSHA256, 10000)),
                        SHA256_OF(10000)}},
    {"Java 8, as of 2021, the key alone encrypted",
     .pfx = {.password = "",
             .for_key = {TRIPLE_DES, 0, 50000},
             SHA1_OF(100000)}},
    {"BouncyCastle, BER", .pfx = {.password = "",
                                  .for_key = {TRIPLE_DES, 0, 1024},
                                  .for_certificates = {RC2_40, 0, 1024},
                                  SHA1_OF(1024),
                                  .inner = PFX_WRITER_PIECES,
                                  .outer = PFX_WRITER_PIECES}},
    {"BouncyCastle, AES and SHA-512",
     .pfx = {.password = "",
             BOTH(AES_256(NID_hmacWithSHA512, 1024)),
             .mac = NID_sha512,
             .mac_iterations = 1024,
             .outer = PFX_WRITER_INDEFINITE}},
    {"BouncyCastle, scrypt", .pfx = {.password = "",
                                     .for_key = AES_256(-1, 1024),
                                     .for_certificates = AES_256(-1, 1024),
                                     SHA256_OF(1024)}},
    {"Go, Modern", .pfx = {.password = "",
                           BOTH(AES_256(NID_hmacWithSHA256, 2048)),
                           SHA256_OF(2048)}},
    {"Go, LegacyRC2", .pfx = {.password = "",
                              .for_key = {TRIPLE_DES, 0, 2048},
                              .for_certificates = {RC2_40, 0, 2048},
                              SHA1_OF(1)}},
    {"Go, Passwordless", .pfx = {.password = NULL}},
    {"Python, cryptography", .pfx = {.password = "",
                                     BOTH(AES_256(NID_hmacWithSHA256, 20000)),
                                     SHA256_OF(1)}},
    {"OpenSSL 3.4 and GnuTLS 3.8.5, PBMAC1", .pfx = {ORDINARY, .pbmac1 = true},
     .rule = "PBMAC1 (RFC 9579) is read"},
    {"PBMAC1 with SHA-512",
     .pfx = {.password = "",
             BOTH(AES_256(NID_hmacWithSHA512, 10)),
             .mac = NID_sha512,
             .mac_iterations = 10,
             .pbmac1 = true},
     .rule = "PBMAC1 (RFC 9579) is read"},
    {.name = NULL},
};

/* Read anew, so that it keeps nothing of the key that it was made with */
static X509 *
make_issuer(void)
{
    EVP_PKEY *other = fixture_key("P-256");
    X509 *made = fixture_certificate(
        &(struct fixture_certificate){.key = other});
    struct fixture_bytes der = fixture_certificate_der(made);
    const unsigned char *cursor = der.bytes;
    X509 *ret = d2i_X509(NULL, &cursor, (long)der.length);

    FIXTURE_NEED(ret != NULL);
    fixture_free(&der);
    X509_free(made);
    EVP_PKEY_free(other);
    return ret;
}

static void
issuers_too(struct pfx_writer *pfx, EVP_PKEY *key)
{
    static X509 *issuer;

    (void)key;
    if (issuer == NULL)
        issuer = make_issuer();
    pfx->certificates[1] = pfx->certificates[0];
    pfx->certificates[0] = issuer;
}

static void
certificate_twice(struct pfx_writer *pfx, EVP_PKEY *key)
{
    (void)key;
    pfx->certificates[1] = pfx->certificates[0];
}

/* A secret, a list of revocations and a bag that nobody knows beside the key,
 * as Java keeps and NSS passes on */
static void
other_bags(struct pfx_writer *pfx, EVP_PKEY *key)
{
    (void)key;
    pfx->more = pfx_writer_join(
        pfx_writer_bag(
            5,
            pfx_writer_put(0x30, 2, pfx_writer_oid(NID_x509Certificate),
                           pfx_writer_put(0xa0, 1, pfx_writer_text("secret")))),
        pfx_writer_join(
            pfx_writer_bag(
                4, pfx_writer_put(
                       0x30, 2, pfx_writer_oid(NID_x509Crl),
                       pfx_writer_put(0xa0, 1, pfx_writer_text("list")))),
            pfx_writer_bag(99, pfx_writer_text("unknown"))));
}

/* A certificate of another kind than X.509 */
static void
sdsi_certificate(struct pfx_writer *pfx, EVP_PKEY *key)
{
    (void)key;
    pfx->more = pfx_writer_bag(
        3,
        pfx_writer_put(
            0x30, 2, pfx_writer_oid(NID_sdsiCertificate),
            pfx_writer_put(0xa0, 1,
                           pfx_writer_put(0x16, 1, pfx_writer_bytes("S", 1)))));
}

/* A safe that only the owner of some other key can open */
static void
enveloped_safe(struct pfx_writer *pfx, EVP_PKEY *key)
{
    PKCS7 *safe = PKCS7_new();

    (void)key;
    FIXTURE_NEED(safe != NULL &&
                 PKCS7_set_type(safe, NID_pkcs7_enveloped) == 1);
    safe->d.enveloped->enc_data->algorithm->algorithm = OBJ_nid2obj(
        NID_aes_128_cbc);
    pfx->safe.length = (size_t)i2d_PKCS7(safe, &pfx->safe.bytes);
    PKCS7_free(safe);
}

/* Hundred bags that need no opening */
static void
hundred_bags(struct pfx_writer *pfx, EVP_PKEY *key)
{
    (void)key;
    for (int i = 0; i < 100; i++)
        pfx->more = pfx_writer_join(
            pfx->more, pfx_writer_bag(99, pfx_writer_text("unknown")));
}

static void
bytes_behind(struct fixture_bytes *pfx)
{
    *pfx = pfx_writer_join(*pfx, pfx_writer_bytes("\0\0\r\n", 4));
}

const struct pfx_writers_row pfx_writers_encodings[] = {
    {"P-256", .kind = "P-256", .pfx = {ORDINARY}},
    {"P-384", .kind = "P-384", .pfx = {ORDINARY}},
    {"PFX with long lengths", .pfx = {ORDINARY, .outer = PFX_WRITER_LONG}},
    {"safes with long lengths", .pfx = {ORDINARY, .inner = PFX_WRITER_LONG}},
    {"PFX of indefinite length",
     .pfx = {ORDINARY, .outer = PFX_WRITER_INDEFINITE}},
    {"safes of indefinite length",
     .pfx = {ORDINARY, .inner = PFX_WRITER_INDEFINITE}},
    {"PFX in pieces", .pfx = {ORDINARY, .outer = PFX_WRITER_PIECES}},
    {"safes in pieces", .pfx = {ORDINARY, .inner = PFX_WRITER_PIECES}},
    {"key bag in pieces",
     .pfx = {.password = "", SHA256_OF(10), .inner = PFX_WRITER_PIECES}},
    {"PKCS#8 with long lengths", ENCODED(pfx_writers_long)},
    {"PKCS#8 in pieces", ENCODED(pfx_writers_indefinite)},
    {"PKCS#8 with attributes", ENCODED(pfx_writers_attributes)},
    {"RSA without parameters", ENCODED(pfx_writers_rsa_without_parameters)},
    {"RSA by the older identifier", ENCODED(pfx_writers_rsa_of_x509)},
    {"RSAPrivateKey of indefinite length", ENCODED(pfx_writers_rsa_in_ber)},
    {"RSA numbers without their zero byte", ENCODED(pfx_writers_rsa_negative)},
    {"RSA numbers with many", ENCODED(pfx_writers_rsa_zeros_in_front)},
    {"zeros behind the RSAPrivateKey", ENCODED(pfx_writers_padded)},
    {"curve by its numbers", EC(pfx_writers_ec_explicit)},
    {"P-384 by its numbers", .kind = "P-384", ENCODED(pfx_writers_ec_explicit)},
    {"curve by its numbers inside", EC(pfx_writers_ec_explicit_inside)},
    {"curve named twice", EC(pfx_writers_ec_named_twice)},
    {"no public key beside the scalar", EC(pfx_writers_ec_bare)},
    {"compressed public key", EC(pfx_writers_ec_compressed)},
    {"no point for a public key", EC(pfx_writers_ec_no_point),
     .rule = "The public key beside an EC key's scalar is not read"},
    {"scalar with a zero in front", EC(pfx_writers_ec_zeros_in_front)},
    {"scalar without its zero", .kind = "P-256-SHORT",
     ENCODED(pfx_writers_ec_short)},
    {"scalar in pieces", EC(pfx_writers_ec_pieces)},
    {"OneAsymmetricKey", ENCODED(pfx_writers_version_2),
     .rule = "OneAsymmetricKey (RFC 5958) is read"},
    {"issuers beside it", CHANGED(issuers_too)},
    {"the certificate twice", CHANGED(certificate_twice)},
    {"other bags", CHANGED(other_bags)},
    {"an SDSI certificate", CHANGED(sdsi_certificate)},
    {"a safe for a public key", CHANGED(enveloped_safe)},
    {"a hundred bags", CHANGED(hundred_bags)},
    {"all in one safe", .pfx = {ORDINARY, .one_safe = true}},
    {"bytes behind it", .damage = bytes_behind, .pfx = {ORDINARY}},
    {"MAC with SHA-224", .pfx = {.password = "",
                                 BOTH(AES_256(NID_hmacWithSHA256, 10)),
                                 .mac = NID_sha224,
                                 .mac_iterations = 10}},
    {"PBKDF2 with SHA-384", .pfx = {.password = "",
                                    BOTH(AES_256(NID_hmacWithSHA384, 10)),
                                    .mac = NID_sha384,
                                    .mac_iterations = 10}},
    {"PBKDF2 with SHA-1",
     .pfx = {.password = "", BOTH({NID_aes_192_cbc, 0, 10}), SHA1_OF(10)}},
    {"no MAC, an empty password",
     .pfx = {.password = "", BOTH({TRIPLE_DES, 0, 10})},
     .rule = "Without a MAC both ways of writing the empty password"},
    {.name = NULL},
};
