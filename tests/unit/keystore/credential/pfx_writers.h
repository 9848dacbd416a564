/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One key and certificate as different programs write them, and what is to come
 * of each.  Only test_pfx_writers.c reads the table.
 */
#ifndef TESTS_UNIT_KEYSTORE_CREDENTIAL_PFX_WRITERS_H
#define TESTS_UNIT_KEYSTORE_CREDENTIAL_PFX_WRITERS_H

#include "tests/unit/keystore/credential/pfx_writer.h"

struct pfx_writers_row {
    const char *name;
    const char *file; /* of write_pfx.sh, instead of all below */
    const char *kind; /* of the key; NULL: RSA-2048; P-256-SHORT: a scalar with
                         a zero in front */
    struct fixture_bytes (*encode)(EVP_PKEY *key); /* NULL: as OpenSSL does */
    void (*change)(struct pfx_writer *pfx, EVP_PKEY *key); /* NULL: nothing */
    void (*damage)(struct fixture_bytes *pfx);             /* NULL: nothing */
    struct pfx_writer pfx;
    enum ks_err expected;
    const char *says; /* words of the refusal; NULL: any */
    /* The words in docs/errors.md by which the verdict may be another than
     * OpenSSL's; NULL: it is the same. */
    const char *rule;
    bool costly; /* OpenSSL, which would take as long, is not asked */
};

/* Parts of rows */
#define TRIPLE_DES NID_pbe_WithSHA1And3_Key_TripleDES_CBC
#define RC2_40 NID_pbe_WithSHA1And40BitRC2_CBC
#define AES_256(prf, count)                                                    \
    {                                                                          \
        NID_aes_256_cbc, prf, count                                            \
    }
#define BOTH(...) .for_key = __VA_ARGS__, .for_certificates = __VA_ARGS__
#define SHA256_OF(count) .mac = NID_sha256, .mac_iterations = count
#define SHA1_OF(count) .mac = NID_sha1, .mac_iterations = count
/* What rows have that are about something else */
#define ORDINARY                                                               \
    .password = "", BOTH(AES_256(NID_hmacWithSHA256, 10)), SHA256_OF(10)
#define ENCODED(function) .encode = function, .pfx = {ORDINARY}
#define EC(function) .kind = "P-256", ENCODED(function)
#define CHANGED(function) .change = function, .pfx = {ORDINARY}

/* Ended by a row without a name. */
extern const struct pfx_writers_row pfx_writers_programs[];
extern const struct pfx_writers_row pfx_writers_encodings[];
extern const struct pfx_writers_row pfx_writers_refused[];

/* Ways of encoding a private key. */
struct fixture_bytes pfx_writers_long(EVP_PKEY *key);
struct fixture_bytes pfx_writers_indefinite(EVP_PKEY *key);
struct fixture_bytes pfx_writers_rsa_without_parameters(EVP_PKEY *key);
struct fixture_bytes pfx_writers_rsa_of_x509(EVP_PKEY *key);
struct fixture_bytes pfx_writers_rsa_in_ber(EVP_PKEY *key);
struct fixture_bytes pfx_writers_rsa_negative(EVP_PKEY *key);
struct fixture_bytes pfx_writers_rsa_zeros_in_front(EVP_PKEY *key);
struct fixture_bytes pfx_writers_padded(EVP_PKEY *key);
struct fixture_bytes pfx_writers_version_2(EVP_PKEY *key);
struct fixture_bytes pfx_writers_attributes(EVP_PKEY *key);
struct fixture_bytes pfx_writers_rsa_three_primes(EVP_PKEY *key);
struct fixture_bytes pfx_writers_rsa_without_coefficient(EVP_PKEY *key);
struct fixture_bytes pfx_writers_ec_explicit(EVP_PKEY *key);
struct fixture_bytes pfx_writers_ec_explicit_inside(EVP_PKEY *key);
struct fixture_bytes pfx_writers_ec_named_twice(EVP_PKEY *key);
struct fixture_bytes pfx_writers_ec_bare(EVP_PKEY *key);
struct fixture_bytes pfx_writers_ec_compressed(EVP_PKEY *key);
struct fixture_bytes pfx_writers_ec_no_point(EVP_PKEY *key);
struct fixture_bytes pfx_writers_ec_zeros_in_front(EVP_PKEY *key);
struct fixture_bytes pfx_writers_ec_short(EVP_PKEY *key);
struct fixture_bytes pfx_writers_ec_pieces(EVP_PKEY *key);
struct fixture_bytes pfx_writers_ec_without_curve(EVP_PKEY *key);

#endif
