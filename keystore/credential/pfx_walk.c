/* SPDX-License-Identifier: Apache-2.0 */
/* Safes and bags.  Must never make an EVP_PKEY of the private key, nor let a
 * key derivation begin whose cost is not paid for.  What OpenSSL answers is
 * checked again: its success has come with nothing before.  The size of a
 * credential file is the limit of how many safes and bags there are. */
#include "keystore/credential/pfx_walk.h"

#include <openssl/err.h>

#include "keystore/credential/pfx_cost.h"
#include "keystore/credential/pfx_key.h"

/* Bytes under a good MAC are as their writer made them: another download
 * would bring the same. */
enum ks_err
pfx_walk_refuse(const struct pfx_walk *walk, const char *what)
{
    ERR_clear_error();
    return err_set(walk->cause,
                   walk->authentic ? KS_ERR_CRED_UNUSABLE : KS_ERR_CRED_FORMAT,
                   "ManagementCert: %s", what);
}

static enum ks_err
locked(const struct pfx_walk *walk)
{
    ERR_clear_error();
    return err_set(walk->cause, KS_ERR_CRED_PASSWORD, "%s",
                   walk->authentic ? "the MAC is made with no password, the "
                                     "encryption with one"
                                   : "it is not the empty one");
}

/* A part that was decrypted and makes no sense: without a MAC, a wrong password
 * leads here, too, once in 256 times. */
static enum ks_err
undecodable(const struct pfx_walk *walk, const char *what)
{
    return walk->authentic ? pfx_walk_refuse(walk, what) : locked(walk);
}

/* Decrypt CONTENT under ALGORITHM.  The caller wipes and frees *RET. */
static enum ks_err
decrypt(struct pfx_walk *walk, const X509_ALGOR *algorithm,
        const ASN1_OCTET_STRING *content, unsigned char **ret, int *ret_length)
{
    enum ks_err rc = pfx_cost_decryption(algorithm, &walk->iterations,
                                         walk->cause);

    if (rc != KS_OK)
        return rc;
    if (PKCS12_pbe_crypt_ex(algorithm, walk->password, 0,
                            ASN1_STRING_get0_data(content),
                            ASN1_STRING_length(content), ret, ret_length, 0,
                            walk->library, NULL) != NULL)
        return KS_OK;
    /* Padding shows a wrong key; all else, what this OpenSSL cannot do. */
    if (ERR_GET_REASON(ERR_peek_last_error()) ==
        PKCS12_R_PKCS12_CIPHERFINAL_ERROR)
        return locked(walk);
    return err_set_openssl(walk->cause, KS_ERR_CRED_UNUSABLE,
                           "ManagementCert: its encryption");
}

static enum ks_err
take_key(struct pfx_walk *walk, const PKCS8_PRIV_KEY_INFO *info)
{
    unsigned char *bytes = NULL;
    int length = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, &bytes) : -1;
    enum ks_err rc;

    if (length <= 0)
        return pfx_walk_refuse(walk, "not a private key");
    rc = pfx_key_read(bytes, (size_t)length, &walk->key, walk->cause);
    OPENSSL_clear_free(bytes, (size_t)length);
    if (rc == KS_ERR_CRED_FORMAT && walk->authentic)
        rc = KS_ERR_CRED_UNUSABLE;
    return rc;
}

static enum ks_err
take_shrouded_key(struct pfx_walk *walk, const PKCS12_SAFEBAG *bag)
{
    const X509_SIG *shroud = PKCS12_SAFEBAG_get0_pkcs8(bag);
    const X509_ALGOR *algorithm = NULL;
    const ASN1_OCTET_STRING *content = NULL;
    unsigned char *bytes = NULL;
    int length = 0;
    enum ks_err rc;

    if (shroud != NULL)
        X509_SIG_get0(shroud, &algorithm, &content);
    if (algorithm == NULL || content == NULL)
        return pfx_walk_refuse(walk, "not a private key");
    rc = decrypt(walk, algorithm, content, &bytes, &length);
    if (rc != KS_OK)
        return rc;
    rc = pfx_key_read(bytes, (size_t)length, &walk->key, walk->cause);
    OPENSSL_clear_free(bytes, (size_t)length);
    if (rc == KS_ERR_CRED_FORMAT)
        rc = walk->authentic ? KS_ERR_CRED_UNUSABLE : locked(walk);
    return rc;
}

static enum ks_err
take_certificate(struct pfx_walk *walk, const PKCS12_SAFEBAG *bag)
{
    X509 *certificate = PKCS12_SAFEBAG_get1_cert(bag);

    if (certificate == NULL)
        return pfx_walk_refuse(walk, "a certificate in it cannot be read");
    if (sk_X509_push(walk->certificates, certificate) <= 0) {
        X509_free(certificate);
        return err_set_openssl(walk->cause, KS_ERR_INTERNAL, "certificates");
    }
    return KS_OK;
}

static enum ks_err walk_bags(struct pfx_walk *walk,
                             const STACK_OF(PKCS12_SAFEBAG) * bags);

static enum ks_err
walk_bag(struct pfx_walk *walk, const PKCS12_SAFEBAG *bag)
{
    int nid = PKCS12_SAFEBAG_get_nid(bag);

    switch (nid) {
    case NID_keyBag:
    case NID_pkcs8ShroudedKeyBag:
        if (walk->key != NULL)
            return err_set(walk->cause, KS_ERR_CRED_UNUSABLE,
                           "ManagementCert: more than one private key");
        return nid == NID_keyBag
                   ? take_key(walk, PKCS12_SAFEBAG_get0_p8inf(bag))
                   : take_shrouded_key(walk, bag);
    case NID_certBag:
        if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate)
            return KS_OK;
        return take_certificate(walk, bag);
    case NID_safeContentsBag:
        /* No deeper than OpenSSL's decoder goes: 30 structures. */
        return walk_bags(walk, PKCS12_SAFEBAG_get0_safes(bag));
    default: /* revocation lists and secrets are of no use here */
        return KS_OK;
    }
}

static enum ks_err
walk_bags(struct pfx_walk *walk, const STACK_OF(PKCS12_SAFEBAG) * bags)
{
    enum ks_err rc = KS_OK;

    for (int i = 0; rc == KS_OK && i < sk_PKCS12_SAFEBAG_num(bags); i++)
        rc = walk_bag(walk, sk_PKCS12_SAFEBAG_value(bags, i));
    return rc;
}

static enum ks_err
decrypt_safe(struct pfx_walk *walk, const PKCS7_ENC_CONTENT *content,
             STACK_OF(PKCS12_SAFEBAG) * *ret)
{
    unsigned char *bytes = NULL;
    const unsigned char *cursor;
    int length = 0;
    enum ks_err rc;

    if (content == NULL || content->algorithm == NULL ||
        content->enc_data == NULL)
        return pfx_walk_refuse(walk, "not a PFX: its safe is empty");
    rc = decrypt(walk, content->algorithm, content->enc_data, &bytes, &length);
    if (rc != KS_OK)
        return rc;
    cursor = bytes;
    *ret = (STACK_OF(PKCS12_SAFEBAG) *)ASN1_item_d2i(
        NULL, &cursor, length, ASN1_ITEM_rptr(PKCS12_SAFEBAGS));
    OPENSSL_clear_free(bytes, (size_t)length);
    return *ret != NULL ? KS_OK
                        : undecodable(walk, "its safe has no bags that can "
                                            "be read");
}

/* The bags of one safe, encrypted or not; none of one for somebody's public
 * key, which no password opens. */
static enum ks_err
open_safe(struct pfx_walk *walk, PKCS7 *safe, STACK_OF(PKCS12_SAFEBAG) * *ret)
{
    if (PKCS7_type_is_data(safe)) {
        *ret = safe->d.data != NULL ? PKCS12_unpack_p7data(safe) : NULL;
        return *ret != NULL
                   ? KS_OK
                   : pfx_walk_refuse(walk, "not a PFX: its safe has no bags");
    }
    if (PKCS7_type_is_encrypted(safe))
        return decrypt_safe(
            walk,
            safe->d.encrypted != NULL ? safe->d.encrypted->enc_data : NULL,
            ret);
    walk->closed++;
    return KS_OK;
}

enum ks_err
pfx_walk(struct pfx_walk *walk, const STACK_OF(PKCS7) * safes)
{
    enum ks_err rc = KS_OK;

    for (int i = 0; rc == KS_OK && i < sk_PKCS7_num(safes); i++) {
        STACK_OF(PKCS12_SAFEBAG) *bags = NULL;

        rc = open_safe(walk, sk_PKCS7_value(safes, i), &bags);
        if (rc == KS_OK)
            rc = walk_bags(walk, bags);
        sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    }
    return rc;
}

void
pfx_walk_forget(struct pfx_walk *walk)
{
    secret_free(&walk->key);
    sk_X509_pop_free(walk->certificates, X509_free);
    walk->certificates = NULL;
    walk->closed = 0;
}
