/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate of a credential: dates, purpose, strength.  Its chain is
 * never looked at: it is self-signed, mostly with SHA-1, and no trust derives
 * from it.  The vault knows it by its thumbprint. */
#include "keystore/credential/credential.h"

#include <stdio.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "keystore/base/limits.h"
#include "keystore/base/time_text.h"
#include "keystore/store/scheme.h"

#define RSA_EXPONENT_BITS_MIN 17

enum ks_err
credential_thumbprints(const struct credential *credential,
                       uint8_t sha256[static CREDENTIAL_SHA256_LENGTH],
                       uint8_t sha1[static CREDENTIAL_SHA1_LENGTH],
                       struct err_cause *cause)
{
    if (X509_digest(credential->certificate, EVP_sha256(), sha256, NULL) != 1 ||
        X509_digest(credential->certificate, EVP_sha1(), sha1, NULL) != 1)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "thumbprint");
    return KS_OK;
}

static bool
read_time(const ASN1_TIME *from, time_t *ret)
{
    struct tm tm;

    if (from == NULL || ASN1_TIME_to_tm(from, &tm) != 1)
        return false;
    *ret = timegm(&tm);
    return true;
}

enum ks_err
credential_validity(const struct credential *credential, time_t *ret_from,
                    time_t *ret_to, struct err_cause *cause)
{
    time_t from;
    time_t to;

    if (!read_time(X509_get0_notBefore(credential->certificate), &from) ||
        !read_time(X509_get0_notAfter(credential->certificate), &to))
        return err_set_openssl(cause, KS_ERR_CRED_FORMAT,
                               "the certificate's dates");
    *ret_from = from;
    *ret_to = to;
    return KS_OK;
}

static enum ks_err
check_dates(const struct credential *credential, time_t now,
            struct err_cause *cause)
{
    time_t from;
    time_t to;
    char limit[TIME_TEXT_SIZE];
    char clock[TIME_TEXT_SIZE];
    enum ks_err rc = credential_validity(credential, &from, &to, cause);

    if (rc != KS_OK)
        return rc;
    time_text(now, clock);
    time_text(now < from ? from : to, limit);
    if (now < from)
        return err_set(cause, KS_ERR_CRED_NOT_YET,
                       "it begins %s, this machine's clock says %s", limit,
                       clock);
    if (now > to)
        return err_set(cause, KS_ERR_CRED_EXPIRED,
                       "it ended %s, this machine's clock says %s", limit,
                       clock);
    return KS_OK;
}

/* Made for client authentication (RFC 5280, 4.2.1.12) and, where it says so at
 * all, for signatures (4.2.1.3)? */
static enum ks_err
check_purpose(X509 *certificate, struct err_cause *cause)
{
    uint32_t flags = X509_get_extension_flags(certificate);

    if ((flags & EXFLAG_INVALID) != 0)
        return err_set(cause, KS_ERR_CRED_UNUSABLE,
                       "the certificate's extensions");
    if ((flags & EXFLAG_XKUSAGE) == 0 ||
        (X509_get_extended_key_usage(certificate) & XKU_SSL_CLIENT) == 0 ||
        (X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE) == 0)
        return err_set(cause, KS_ERR_CRED_UNUSABLE,
                       "the certificate is not for client authentication");
    return KS_OK;
}

/* Is RESIDUE a power of 65537 modulo PRIME? */
static bool
is_power(BN_ULONG residue, BN_ULONG prime)
{
    BN_ULONG power = 1;

    for (BN_ULONG i = 0; i < prime; i++) {
        if (power == residue)
            return true;
        power = power * 65537 % prime;
    }
    return false;
}

/* The mark of the chips whose keys can be factored (CVE-2017-15361): there,
 * the modulus is a power of 65537 modulo every small prime. */
static bool
is_roca(const BIGNUM *n)
{
    static const BN_ULONG primes[] = {
        3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,
        47,  53,  59,  61,  67,  71,  73,  79,  83,  89,  97,  101, 103,
        107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};

    for (size_t i = 0; i < sizeof primes / sizeof primes[0]; i++)
        if (!is_power(BN_mod_word(n, primes[i]), primes[i]))
            return false;
    return true;
}

static enum ks_err
check_rsa(EVP_PKEY *public, struct err_cause *cause)
{
    BIGNUM *n = NULL;
    BIGNUM *e = NULL;
    int bits = EVP_PKEY_get_bits(public);
    enum ks_err rc = KS_OK;

    if (EVP_PKEY_get_bn_param(public, OSSL_PKEY_PARAM_RSA_N, &n) != 1 ||
        EVP_PKEY_get_bn_param(public, OSSL_PKEY_PARAM_RSA_E, &e) != 1)
        rc = err_set_openssl(cause, KS_ERR_INTERNAL, "numbers of a public key");
    else if (bits < LIMITS_RSA_BITS_MIN || bits > LIMITS_RSA_BITS_MAX)
        rc = err_set(cause, KS_ERR_CRED_WEAK, "RSA of %d bits", bits);
    else if (!BN_is_odd(e) || BN_num_bits(e) < RSA_EXPONENT_BITS_MIN)
        rc = err_set(cause, KS_ERR_CRED_WEAK, "the public exponent");
    else if (is_roca(n))
        rc = err_set(cause, KS_ERR_CRED_WEAK,
                     "made by a chip whose keys can be broken "
                     "(CVE-2017-15361)");
    BN_free(n);
    BN_free(e);
    return rc;
}

static enum ks_err
check_strength(X509 *certificate, struct err_cause *cause)
{
    EVP_PKEY *public = X509_get0_pubkey(certificate);
    char group[64];

    if (public == NULL)
        return err_set_openssl(cause, KS_ERR_CRED_WEAK,
                               "the certificate's public key");
    if (EVP_PKEY_is_a(public, "RSA") == 1)
        return check_rsa(public, cause);
    if (EVP_PKEY_is_a(public, "EC") == 1 &&
        EVP_PKEY_get_group_name(public, group, sizeof group, NULL) == 1 &&
        scheme_curve_type(OBJ_sn2nid(group)) != 0)
        return KS_OK;
    return err_set(cause, KS_ERR_CRED_WEAK, SCHEME_OTHER_KEY);
}

enum ks_err
credential_check(const struct credential *credential, time_t now,
                 struct err_cause *cause)
{
    enum ks_err rc = credential_complete(credential, cause);

    if (rc == KS_OK)
        rc = check_dates(credential, now, cause);
    if (rc == KS_OK)
        rc = check_purpose(credential->certificate, cause);
    if (rc == KS_OK)
        rc = check_strength(credential->certificate, cause);
    return rc;
}
