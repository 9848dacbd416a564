/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the table that are refused, and the words of each refusal. */
#include "tests/unit/keystore/credential/pfx_writers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

static void
password_of_the_key(struct pfx_writer *pfx, EVP_PKEY *key)
{
    (void)key;
    pfx->key_password = "secret";
}

static void
second_key(struct pfx_writer *pfx, EVP_PKEY *key)
{
    pfx->more = pfx_writer_bag(1, fixture_pkcs8(key));
}

static void
second_certificate(struct pfx_writer *pfx, EVP_PKEY *key)
{
    static X509 *renewed;

    if (renewed == NULL)
        renewed = fixture_certificate(
            &(struct fixture_certificate){.key = key, .from = -60, .to = 3600});
    pfx->certificates[1] = renewed;
}

static void
key_alone(struct pfx_writer *pfx, EVP_PKEY *key)
{
    (void)key;
    pfx->certificates[0] = NULL;
}

static void
certificate_alone(struct pfx_writer *pfx, EVP_PKEY *key)
{
    (void)key;
    fixture_free(&pfx->key);
}

static struct fixture_bytes
no_key_at_all(EVP_PKEY *key)
{
    (void)key;
    return pfx_writer_put(0x30, 1, pfx_writer_text("nothing that is a key"));
}

static void
unreadable_certificate(struct pfx_writer *pfx, EVP_PKEY *key)
{
    (void)key;
    pfx->more = pfx_writer_bag(
        3, pfx_writer_put(0x30, 2, pfx_writer_oid(NID_x509Certificate),
                          pfx_writer_put(0xa0, 1, pfx_writer_text("none"))));
}

/* The end of the PFX is the MAC's count. */
static void
cut_off(struct fixture_bytes *pfx)
{
    pfx->length -= 3;
}

/* The content's type is that of a signed one. */
static void
signed_content(struct fixture_bytes *pfx)
{
    struct fixture_bytes oid = pfx_writer_oid(NID_pkcs7_data);
    uint8_t *found = memmem(pfx->bytes, pfx->length, oid.bytes, oid.length);

    FIXTURE_NEED(found != NULL);
    found[oid.length - 1] = 2;
    fixture_free(&oid);
}

#define MALFORMED "private key: not a"

const struct pfx_writers_row pfx_writers_refused[] = {
    {"a password",
     .pfx = {.password = "secret", BOTH({TRIPLE_DES, 0, 10}), SHA1_OF(10)},
     .expected = KS_ERR_CRED_PASSWORD, .says = "not the empty one"},
    {"a password and PBMAC1",
     .pfx = {.password = "secret",
             BOTH(AES_256(NID_hmacWithSHA256, 10)),
             SHA256_OF(10),
             .pbmac1 = true},
     .expected = KS_ERR_CRED_PASSWORD, .says = "not the empty one"},
    {"a password and no MAC",
     .pfx = {.password = "secret", BOTH(AES_256(NID_hmacWithSHA256, 10))},
     .expected = KS_ERR_CRED_PASSWORD, .says = "not the empty one"},
    {"a password for the key alone", CHANGED(password_of_the_key),
     .expected = KS_ERR_CRED_PASSWORD, .says = "the encryption with one"},
    {"no key in the key's bag", ENCODED(no_key_at_all),
     .expected = KS_ERR_CRED_UNUSABLE, .says = MALFORMED},
    {"no key in an open bag", .encode = pfx_writers_rsa_without_coefficient,
     .pfx = {.password = "", SHA256_OF(10)}, .expected = KS_ERR_CRED_UNUSABLE,
     .says = MALFORMED},
    {"RSA with seven numbers", ENCODED(pfx_writers_rsa_without_coefficient),
     .expected = KS_ERR_CRED_UNUSABLE, .says = MALFORMED},
    {"RSA of another version", ENCODED(pfx_writers_rsa_three_primes),
     .expected = KS_ERR_CRED_WEAK, .says = "more than two primes"},
    {"EC without a curve", EC(pfx_writers_ec_without_curve),
     .expected = KS_ERR_CRED_UNUSABLE, .says = "no curve"},
    {"a certificate that is none", CHANGED(unreadable_certificate),
     .expected = KS_ERR_CRED_UNUSABLE, .says = "certificate in it"},
    {"an unreadable certificate and no MAC", .change = unreadable_certificate,
     .pfx = {.password = NULL}, .expected = KS_ERR_CRED_FORMAT,
     .says = "certificate in it"},
    {"cut off", .damage = cut_off, .pfx = {ORDINARY},
     .expected = KS_ERR_CRED_FORMAT, .says = "not a PFX"},
    {"signed", .damage = signed_content, .pfx = {ORDINARY},
     .expected = KS_ERR_CRED_FORMAT, .says = "not a PFX"},
    {"the certificate alone", CHANGED(certificate_alone),
     .expected = KS_ERR_CRED_NO_KEY},
    {"the key alone", CHANGED(key_alone), .expected = KS_ERR_CRED_UNUSABLE,
     .says = "without a certificate"},
    {"two keys", CHANGED(second_key), .expected = KS_ERR_CRED_UNUSABLE,
     .says = "more than one private key", .rule = "More than one private key"},
    {"two certificates", CHANGED(second_certificate),
     .expected = KS_ERR_CRED_UNUSABLE, .says = "more than one certificate",
     .rule = "more than one certificate of the key"},
    {"RSA-1024", .kind = "RSA-1024", .pfx = {ORDINARY},
     .expected = KS_ERR_CRED_WEAK, .rule = "Keys of other kinds"},
    {"P-521", .kind = FIXTURE_FOREIGN_CURVE, .pfx = {ORDINARY},
     .expected = KS_ERR_CRED_WEAK, .says = "other than P-256",
     .rule = "Keys of other kinds"},
    {"Ed25519", .kind = "ED25519", .pfx = {ORDINARY},
     .expected = KS_ERR_CRED_WEAK, .says = "neither RSA nor EC",
     .rule = "Keys of other kinds"},
    {.name = NULL},
};
