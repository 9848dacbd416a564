/* SPDX-License-Identifier: Apache-2.0 */
/* Both kinds of MAC.  Must not derive a key before it is paid for. */
#include "keystore/credential/pfx_mac.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "keystore/credential/ber.h"
#include "keystore/credential/pfx_cost.h"

#define KEY_MIN 20 /* bytes of an HMAC key: RFC 9579, 7 */

static enum ks_err
refused(const struct pfx_walk *walk, const char *what)
{
    ERR_clear_error();
    return err_set(walk->cause, KS_ERR_CRED_UNUSABLE, "ManagementCert: %s",
                   what);
}

static enum ks_err
mismatch(const struct pfx_walk *walk)
{
    ERR_clear_error();
    return err_set(walk->cause, KS_ERR_CRED_PASSWORD,
                   "it is not the empty one");
}

static const ASN1_OBJECT *
object_of(const X509_ALGOR *algorithm)
{
    const ASN1_OBJECT *object = NULL;

    X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    return object;
}

/* Has WALK's OpenSSL the digest of this NID? */
static bool
has_digest(const struct pfx_walk *walk, int nid)
{
    EVP_MD *md = nid != NID_undef
                     ? EVP_MD_fetch(walk->library, OBJ_nid2sn(nid), NULL)
                     : NULL;

    EVP_MD_free(md);
    ERR_clear_error();
    return md != NULL;
}

/* The bytes that the MAC of PFX is made of: the content of its authenticated
 * safe.  The caller frees the structure that it is in. */
static PKCS7 *
authenticated(struct der pfx)
{
    struct der inner;
    struct der version;
    const unsigned char *cursor;

    if (!ber_take(&pfx, DER_SEQUENCE, &inner) ||
        !ber_take_unsigned(&inner, &version))
        return NULL;
    cursor = inner.bytes;
    return d2i_PKCS7(NULL, &cursor, (long)inner.left);
}

/* The digest of the HMAC that ALGORITHM, or without one the standard's default,
 * names; NID_undef for another kind */
static int
digest_of_hmac(const X509_ALGOR *algorithm)
{
    int digest = NID_undef;

    if (algorithm == NULL)
        return NID_sha1; /* RFC 8018, appendix A.2 */
    if (EVP_PBE_find(EVP_PBE_TYPE_PRF, OBJ_obj2nid(object_of(algorithm)), NULL,
                     &digest, NULL) != 1)
        return NID_undef;
    return digest;
}

/* PBKDF2 over the empty password; both ways of writing that are the same to an
 * HMAC. */
static bool
derive(const struct pfx_walk *walk, const PBKDF2PARAM *kdf, int digest,
       uint8_t *key, size_t length)
{
    const ASN1_OCTET_STRING *salt = kdf->salt->value.octet_string;
    EVP_MD *md = EVP_MD_fetch(walk->library, OBJ_nid2sn(digest), NULL);
    int64_t iterations = 0;
    bool done = md != NULL &&
                ASN1_INTEGER_get_int64(&iterations, kdf->iter) == 1 &&
                PKCS5_PBKDF2_HMAC("", 0, ASN1_STRING_get0_data(salt),
                                  ASN1_STRING_length(salt), (int)iterations, md,
                                  (int)length, key) == 1;

    EVP_MD_free(md);
    return done;
}

/* Does KDF say all that PBMAC1 wants of it, and no more than can be done? */
static bool
read_length(const PBKDF2PARAM *kdf, size_t *ret)
{
    uint64_t length = 0;

    if (kdf == NULL || kdf->salt == NULL ||
        kdf->salt->type != V_ASN1_OCTET_STRING || kdf->keylength == NULL ||
        ASN1_INTEGER_get_uint64(&length, kdf->keylength) != 1 ||
        length < KEY_MIN || length > EVP_MAX_MD_SIZE)
        return false;
    *ret = (size_t)length;
    return true;
}

static enum ks_err
check_hmac(struct pfx_walk *walk, const PBKDF2PARAM *kdf, int digest,
           struct der pfx, const ASN1_OCTET_STRING *expected)
{
    uint8_t key[EVP_MAX_MD_SIZE];
    uint8_t mac[EVP_MAX_MD_SIZE];
    size_t key_length = 0;
    size_t length = 0;
    PKCS7 *safe = authenticated(pfx);
    enum ks_err rc = KS_OK;

    if (!read_length(kdf, &key_length) ||
        !has_digest(walk, digest_of_hmac(kdf->prf)) ||
        !has_digest(walk, digest))
        rc = refused(walk, "a MAC that is not read here");
    else
        rc = pfx_cost_iterations(kdf->iter, &walk->iterations, walk->cause);
    if (rc == KS_OK &&
        (safe == NULL || !PKCS7_type_is_data(safe) || safe->d.data == NULL))
        rc = pfx_walk_refuse(walk, "not a PFX: no safes");
    if (rc == KS_OK &&
        (!derive(walk, kdf, digest_of_hmac(kdf->prf), key, key_length) ||
         EVP_Q_mac(walk->library, "HMAC", NULL, OBJ_nid2sn(digest), NULL, key,
                   key_length, ASN1_STRING_get0_data(safe->d.data),
                   (size_t)ASN1_STRING_length(safe->d.data), mac, sizeof mac,
                   &length) == NULL))
        rc = err_set_openssl(walk->cause, KS_ERR_INTERNAL, "PBMAC1");
    if (rc == KS_OK &&
        ((size_t)ASN1_STRING_length(expected) != length ||
         CRYPTO_memcmp(ASN1_STRING_get0_data(expected), mac, length) != 0))
        rc = mismatch(walk);
    PKCS7_free(safe);
    return rc;
}

/* With PBMAC1 the older fields, salt and count, mean nothing (RFC 9579, 4). */
static enum ks_err
verify_pbmac1(struct pfx_walk *walk, const X509_ALGOR *algorithm,
              const ASN1_OCTET_STRING *expected, struct der pfx)
{
    const void *value = NULL;
    int kind = V_ASN1_UNDEF;
    PBE2PARAM *scheme = NULL; /* of the same shape as PBMAC1-params */
    PBKDF2PARAM *kdf = NULL;
    enum ks_err rc;

    X509_ALGOR_get0(NULL, &kind, &value, algorithm);
    if (kind == V_ASN1_SEQUENCE)
        scheme = ASN1_item_unpack(value, ASN1_ITEM_rptr(PBE2PARAM));
    if (scheme != NULL &&
        OBJ_obj2nid(object_of(scheme->keyfunc)) == NID_id_pbkdf2) {
        X509_ALGOR_get0(NULL, &kind, &value, scheme->keyfunc);
        if (kind == V_ASN1_SEQUENCE)
            kdf = ASN1_item_unpack(value, ASN1_ITEM_rptr(PBKDF2PARAM));
    }
    if (kdf == NULL)
        rc = refused(walk, "a MAC that is not read here");
    else
        rc = check_hmac(walk, kdf, digest_of_hmac(scheme->encryption), pfx,
                        expected);
    PBKDF2PARAM_free(kdf);
    PBE2PARAM_free(scheme);
    return rc;
}

enum ks_err
pfx_mac_verify(struct pfx_walk *walk, PKCS12 *pfx, struct der whole)
{
    const ASN1_OCTET_STRING *expected = NULL;
    const X509_ALGOR *algorithm = NULL;
    const ASN1_INTEGER *iterations = NULL;
    enum ks_err rc = KS_OK;
    int nid;

    walk->authentic = false;
    if (!PKCS12_mac_present(pfx))
        return KS_OK;
    PKCS12_get0_mac(&expected, &algorithm, NULL, &iterations, pfx);
    nid = OBJ_obj2nid(object_of(algorithm));
    if (nid == NID_pbmac1)
        rc = verify_pbmac1(walk, algorithm, expected, whole);
    else if (!has_digest(walk, nid))
        rc = refused(walk, "a MAC that is not read here");
    else if (iterations != NULL) /* absent means one (RFC 7292, 4) */
        rc = pfx_cost_iterations(iterations, &walk->iterations, walk->cause);
    if (rc == KS_OK && nid != NID_pbmac1 &&
        PKCS12_verify_mac(pfx, walk->password, 0) != 1)
        rc = mismatch(walk);
    walk->authentic = rc == KS_OK;
    return rc;
}
