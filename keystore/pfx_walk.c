/* SPDX-License-Identifier: Apache-2.0 */
/* Safes and bags.  Must never make an EVP_PKEY of the private key, nor let a
 * key derivation begin whose cost is not paid for.  What OpenSSL answers is
 * checked again: its success has come with nothing before. */
#include "keystore/pfx_walk.h"

#include <openssl/err.h>

#include "keystore/material.h"
#include "keystore/pfx_cost.h"

#define SAFES_MAX 8
#define BAGS_MAX 32
#define DEPTH_MAX 2 /* of safeContents bags in each other */

enum ks_err
pfx_walk_refuse(struct err_cause *cause, const char *what)
{
    ERR_clear_error();
    return err_set(cause, KS_ERR_CRED_FORMAT, "ManagementCert: %s", what);
}

enum ks_err
pfx_walk_locked(struct err_cause *cause)
{
    ERR_clear_error();
    return err_set(cause, KS_ERR_CRED_PASSWORD, "it is not the empty one");
}

static enum ks_err
take_key(struct pfx_walk *walk, const PKCS8_PRIV_KEY_INFO *info)
{
    int length = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, NULL) : -1;
    unsigned char *cursor;
    enum ks_err rc;

    if (length <= 0)
        return pfx_walk_refuse(walk->cause, "not a private key");
    if (length > MATERIAL_MAX)
        return err_set(walk->cause, KS_ERR_CRED_WEAK,
                       "a private key larger than any accepted");
    rc = secret_new((size_t)length, &walk->key);
    if (rc != KS_OK)
        return err_set(walk->cause, rc, "%d bytes for a private key", length);
    cursor = secret_space(walk->key);
    if (i2d_PKCS8_PRIV_KEY_INFO(info, &cursor) != length)
        return err_set_openssl(walk->cause, KS_ERR_INTERNAL, "private key");
    secret_set_length(walk->key, (size_t)length);
    return KS_OK;
}

static enum ks_err
take_shrouded_key(struct pfx_walk *walk, const PKCS12_SAFEBAG *bag)
{
    const X509_SIG *shroud = PKCS12_SAFEBAG_get0_pkcs8(bag);
    const X509_ALGOR *algorithm = NULL;
    const ASN1_OCTET_STRING *content = NULL;
    PKCS8_PRIV_KEY_INFO *info = NULL;
    enum ks_err rc;

    if (shroud != NULL)
        X509_SIG_get0(shroud, &algorithm, &content);
    if (algorithm == NULL || content == NULL)
        return pfx_walk_refuse(walk->cause, "not a private key");
    rc = pfx_cost_decryption(algorithm, &walk->iterations, walk->cause);
    if (rc != KS_OK)
        return rc;
    info = PKCS8_decrypt_ex(shroud, walk->password, 0, walk->library, NULL);
    rc = info != NULL ? take_key(walk, info) : pfx_walk_locked(walk->cause);
    PKCS8_PRIV_KEY_INFO_free(info);
    return rc;
}

static enum ks_err
take_certificate(struct pfx_walk *walk, const PKCS12_SAFEBAG *bag)
{
    X509 *certificate = PKCS12_SAFEBAG_get1_cert(bag);

    if (certificate == NULL)
        return pfx_walk_refuse(walk->cause,
                               "a certificate in it cannot be read");
    if (sk_X509_push(walk->certificates, certificate) <= 0) {
        X509_free(certificate);
        return err_set_openssl(walk->cause, KS_ERR_INTERNAL, "certificates");
    }
    return KS_OK;
}

static enum ks_err walk_bags(struct pfx_walk *walk,
                             const STACK_OF(PKCS12_SAFEBAG) * bags,
                             unsigned depth);

static enum ks_err
walk_bag(struct pfx_walk *walk, const PKCS12_SAFEBAG *bag, unsigned depth)
{
    int nid = PKCS12_SAFEBAG_get_nid(bag);

    if (++walk->bags > BAGS_MAX)
        return pfx_walk_refuse(walk->cause, "too many bags");
    switch (nid) {
    case NID_keyBag:
    case NID_pkcs8ShroudedKeyBag:
        if (walk->key != NULL)
            return pfx_walk_refuse(walk->cause, "more than one private key");
        return nid == NID_keyBag
                   ? take_key(walk, PKCS12_SAFEBAG_get0_p8inf(bag))
                   : take_shrouded_key(walk, bag);
    case NID_certBag:
        if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate)
            return KS_OK;
        return take_certificate(walk, bag);
    case NID_safeContentsBag:
        if (depth >= DEPTH_MAX)
            return pfx_walk_refuse(walk->cause, "bags too deep in each other");
        return walk_bags(walk, PKCS12_SAFEBAG_get0_safes(bag), depth + 1);
    default: /* revocation lists and secrets are of no use here */
        return KS_OK;
    }
}

static enum ks_err
walk_bags(struct pfx_walk *walk, const STACK_OF(PKCS12_SAFEBAG) * bags,
          unsigned depth)
{
    enum ks_err rc = KS_OK;

    for (int i = 0; rc == KS_OK && i < sk_PKCS12_SAFEBAG_num(bags); i++)
        rc = walk_bag(walk, sk_PKCS12_SAFEBAG_value(bags, i), depth);
    return rc;
}

/* The bags of one safe, encrypted or not */
static enum ks_err
open_safe(struct pfx_walk *walk, PKCS7 *safe, STACK_OF(PKCS12_SAFEBAG) * *ret)
{
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
    PKCS7_ENC_CONTENT *content = NULL;
    enum ks_err rc;

    if (PKCS7_type_is_data(safe) && safe->d.data != NULL) {
        bags = PKCS12_unpack_p7data(safe);
        if (bags == NULL)
            return pfx_walk_refuse(walk->cause,
                                   "not a PFX: its safe has no bags");
    } else if (PKCS7_type_is_encrypted(safe) && safe->d.encrypted != NULL) {
        content = safe->d.encrypted->enc_data;
        if (content == NULL || content->algorithm == NULL ||
            content->enc_data == NULL)
            return pfx_walk_refuse(walk->cause, "not a PFX: its safe is empty");
        rc = pfx_cost_decryption(content->algorithm, &walk->iterations,
                                 walk->cause);
        if (rc != KS_OK)
            return rc;
        bags = PKCS12_unpack_p7encdata(safe, walk->password, 0);
        if (bags == NULL)
            return pfx_walk_locked(walk->cause);
    } else {
        return pfx_walk_refuse(walk->cause, "a safe that no password opens");
    }
    *ret = bags;
    return KS_OK;
}

enum ks_err
pfx_walk(struct pfx_walk *walk, const STACK_OF(PKCS7) * safes)
{
    enum ks_err rc = KS_OK;

    if (sk_PKCS7_num(safes) > SAFES_MAX)
        return pfx_walk_refuse(walk->cause, "too many safes");
    for (int i = 0; rc == KS_OK && i < sk_PKCS7_num(safes); i++) {
        STACK_OF(PKCS12_SAFEBAG) *bags = NULL;

        rc = open_safe(walk, sk_PKCS7_value(safes, i), &bags);
        if (rc == KS_OK)
            rc = walk_bags(walk, bags, 0);
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
    walk->bags = 0;
}
