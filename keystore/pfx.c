/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over the bags of a PFX.  Must never make an EVP_PKEY of the private
 * key, nor let a key derivation begin whose cost is not paid for.  What OpenSSL
 * answers is checked again: its success has come with nothing before. */
#include "keystore/pfx.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

#include "keystore/material.h"
#include "keystore/pfx_cost.h"

#define SAFES_MAX 8
#define BAGS_MAX 32
#define DEPTH_MAX 2 /* of safeContents bags in each other */

/* Of its own: RC2-40 and the like must stay out of everything else. */
static OSSL_LIB_CTX *library;

struct walk {
    const char *password; /* NULL or "" */
    int64_t iterations;   /* that may still be done */
    unsigned bags;
    STACK_OF(X509) * certificates;
    struct secret *key;
    struct err_cause *cause;
};

enum ks_err
pfx_init(struct err_cause *cause)
{
    OSSL_LIB_CTX *fresh = NULL;
    EVP_MD *md = NULL;
    enum ks_err rc = KS_OK;

    if (library != NULL)
        return KS_OK;
    /* Certificates are read in the default context: it loads now, not later. */
    md = EVP_MD_fetch(NULL, "SHA256", NULL);
    fresh = OSSL_LIB_CTX_new();
    if (md == NULL || fresh == NULL)
        rc = err_set_openssl(cause, KS_ERR_INTERNAL, "start OpenSSL");
    else if (OSSL_PROVIDER_load(fresh, "default") == NULL ||
             OSSL_PROVIDER_load(fresh, "legacy") == NULL)
        rc = err_set_openssl(cause, KS_ERR_HELPER, "OpenSSL's legacy provider");
    EVP_MD_free(md);
    if (rc == KS_OK)
        library = fresh;
    else
        OSSL_LIB_CTX_free(fresh);
    return rc;
}

static enum ks_err
refused(struct err_cause *cause, const char *what)
{
    ERR_clear_error();
    return err_set(cause, KS_ERR_CRED_FORMAT, "ManagementCert: %s", what);
}

static enum ks_err
locked(struct err_cause *cause)
{
    ERR_clear_error();
    return err_set(cause, KS_ERR_CRED_PASSWORD, "it is not the empty one");
}

static enum ks_err
take_key(struct walk *walk, const PKCS8_PRIV_KEY_INFO *info)
{
    int length = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, NULL) : -1;
    unsigned char *cursor;
    enum ks_err rc;

    if (length <= 0)
        return refused(walk->cause, "not a private key");
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
take_shrouded_key(struct walk *walk, const PKCS12_SAFEBAG *bag)
{
    const X509_SIG *shroud = PKCS12_SAFEBAG_get0_pkcs8(bag);
    const X509_ALGOR *algorithm = NULL;
    const ASN1_OCTET_STRING *content = NULL;
    PKCS8_PRIV_KEY_INFO *info = NULL;
    enum ks_err rc;

    if (shroud != NULL)
        X509_SIG_get0(shroud, &algorithm, &content);
    if (algorithm == NULL || content == NULL)
        return refused(walk->cause, "not a private key");
    rc = pfx_cost_decryption(algorithm, &walk->iterations, walk->cause);
    if (rc != KS_OK)
        return rc;
    info = PKCS8_decrypt_ex(shroud, walk->password, 0, library, NULL);
    rc = info != NULL ? take_key(walk, info) : locked(walk->cause);
    PKCS8_PRIV_KEY_INFO_free(info);
    return rc;
}

static enum ks_err
take_certificate(struct walk *walk, const PKCS12_SAFEBAG *bag)
{
    X509 *certificate = PKCS12_SAFEBAG_get1_cert(bag);

    if (certificate == NULL)
        return refused(walk->cause, "a certificate in it cannot be read");
    if (sk_X509_push(walk->certificates, certificate) <= 0) {
        X509_free(certificate);
        return err_set_openssl(walk->cause, KS_ERR_INTERNAL, "certificates");
    }
    return KS_OK;
}

static enum ks_err walk_bags(struct walk *walk,
                             const STACK_OF(PKCS12_SAFEBAG) * bags,
                             unsigned depth);

static enum ks_err
walk_bag(struct walk *walk, const PKCS12_SAFEBAG *bag, unsigned depth)
{
    int nid = PKCS12_SAFEBAG_get_nid(bag);

    if (++walk->bags > BAGS_MAX)
        return refused(walk->cause, "too many bags");
    switch (nid) {
    case NID_keyBag:
    case NID_pkcs8ShroudedKeyBag:
        if (walk->key != NULL)
            return refused(walk->cause, "more than one private key");
        return nid == NID_keyBag
                   ? take_key(walk, PKCS12_SAFEBAG_get0_p8inf(bag))
                   : take_shrouded_key(walk, bag);
    case NID_certBag:
        if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate)
            return KS_OK;
        return take_certificate(walk, bag);
    case NID_safeContentsBag:
        if (depth >= DEPTH_MAX)
            return refused(walk->cause, "bags too deep in each other");
        return walk_bags(walk, PKCS12_SAFEBAG_get0_safes(bag), depth + 1);
    default: /* revocation lists and secrets are of no use here */
        return KS_OK;
    }
}

static enum ks_err
walk_bags(struct walk *walk, const STACK_OF(PKCS12_SAFEBAG) * bags,
          unsigned depth)
{
    enum ks_err rc = KS_OK;

    for (int i = 0; rc == KS_OK && i < sk_PKCS12_SAFEBAG_num(bags); i++)
        rc = walk_bag(walk, sk_PKCS12_SAFEBAG_value(bags, i), depth);
    return rc;
}

/* The bags of one safe, encrypted or not */
static enum ks_err
open_safe(struct walk *walk, PKCS7 *safe, STACK_OF(PKCS12_SAFEBAG) * *ret)
{
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
    PKCS7_ENC_CONTENT *content = NULL;
    enum ks_err rc;

    if (PKCS7_type_is_data(safe) && safe->d.data != NULL) {
        bags = PKCS12_unpack_p7data(safe);
        if (bags == NULL)
            return refused(walk->cause, "not a PFX: its safe has no bags");
    } else if (PKCS7_type_is_encrypted(safe) && safe->d.encrypted != NULL) {
        content = safe->d.encrypted->enc_data;
        if (content == NULL || content->algorithm == NULL ||
            content->enc_data == NULL)
            return refused(walk->cause, "not a PFX: its safe is empty");
        rc = pfx_cost_decryption(content->algorithm, &walk->iterations,
                                 walk->cause);
        if (rc != KS_OK)
            return rc;
        bags = PKCS12_unpack_p7encdata(safe, walk->password, 0);
        if (bags == NULL)
            return locked(walk->cause);
    } else {
        return refused(walk->cause, "a safe that no password opens");
    }
    *ret = bags;
    return KS_OK;
}

static enum ks_err
walk_safes(struct walk *walk, const PKCS12 *pfx)
{
    STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(pfx);
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
    enum ks_err rc = KS_OK;

    if (safes == NULL)
        return refused(walk->cause, "not a PFX: no safes");
    if (sk_PKCS7_num(safes) > SAFES_MAX)
        rc = refused(walk->cause, "too many safes");
    for (int i = 0; rc == KS_OK && i < sk_PKCS7_num(safes); i++) {
        rc = open_safe(walk, sk_PKCS7_value(safes, i), &bags);
        if (rc == KS_OK)
            rc = walk_bags(walk, bags, 0);
        sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
        bags = NULL;
    }
    sk_PKCS7_pop_free(safes, PKCS7_free);
    return rc;
}

/* Without a MAC only decrypting tells whether the password is right. */
static enum ks_err
verify_mac(struct walk *walk, PKCS12 *pfx)
{
    enum ks_err rc;

    if (!PKCS12_mac_present(pfx))
        return KS_OK;
    rc = pfx_cost_mac(pfx, &walk->iterations, walk->cause);
    if (rc == KS_OK && PKCS12_verify_mac(pfx, walk->password, 0) != 1)
        rc = locked(walk->cause);
    return rc;
}

static void
forget(struct walk *walk)
{
    secret_free(&walk->key);
    sk_X509_pop_free(walk->certificates, X509_free);
    walk->certificates = NULL;
}

/* Collect what is in PFX.  The empty password can be written in two ways, and
 * which one a writer chose shows only in what it opens. */
static enum ks_err
collect(struct walk *walk, PKCS12 *pfx, struct err_cause *cause)
{
    static const char *const passwords[] = {NULL, ""};
    enum ks_err rc = KS_ERR_CRED_PASSWORD;

    for (size_t i = 0; i < 2 && rc == KS_ERR_CRED_PASSWORD; i++) {
        forget(walk);
        *walk = (struct walk){.password = passwords[i],
                              .iterations = PFX_ITERATIONS_MAX,
                              .certificates = sk_X509_new_null(),
                              .cause = cause};
        if (walk->certificates == NULL)
            return err_set_openssl(cause, KS_ERR_INTERNAL, "certificates");
        rc = verify_mac(walk, pfx);
        if (rc == KS_OK)
            rc = walk_safes(walk, pfx);
    }
    return rc;
}

/* The one certificate among those in WALK that the key belongs to */
static enum ks_err
choose_certificate(const struct walk *walk, X509 **ret)
{
    struct material material;
    X509 *found = NULL;
    int count = sk_X509_num(walk->certificates);
    enum ks_err rc = material_parse(secret_bytes(walk->key),
                                    secret_length(walk->key), &material,
                                    walk->cause);

    if (rc == KS_OK && count == 0)
        return refused(walk->cause, "a private key without a certificate");
    for (int i = 0; rc == KS_OK && i < count; i++) {
        X509 *certificate = sk_X509_value(walk->certificates, i);
        EVP_PKEY *public = X509_get0_pubkey(certificate);

        ERR_clear_error();
        if (public == NULL)
            continue; /* of a kind unknown here, hence not the key's */
        rc = material_match(&material, public, walk->cause);
        if (rc == KS_OK && found != NULL)
            return refused(walk->cause, "more than one certificate of the key");
        if (rc == KS_OK)
            found = certificate;
        else if (rc == KS_ERR_CRED_MISMATCH)
            rc = KS_OK;
    }
    if (rc == KS_OK && found == NULL)
        return err_set(walk->cause, KS_ERR_CRED_MISMATCH,
                       "no certificate of %d is the key's", count);
    if (rc == KS_OK)
        *ret = found;
    return rc;
}

/* What was given instead of a PFX? */
static enum ks_err
refuse_other(const uint8_t *der, size_t length, struct err_cause *cause)
{
    static const char pem[] = "-----BEGIN ";
    const unsigned char *cursor = der;
    X509 *certificate = d2i_X509(NULL, &cursor, (long)length);

    ERR_clear_error();
    if (certificate != NULL) {
        X509_free(certificate);
        return err_set(cause, KS_ERR_CRED_NO_KEY,
                       "ManagementCert is a bare certificate");
    }
    if (length >= sizeof pem - 1 && memcmp(der, pem, sizeof pem - 1) == 0)
        return refused(cause, "PEM text instead of a PFX");
    return refused(cause, "not a PFX");
}

enum ks_err
pfx_open(const uint8_t *der, size_t length, X509 **ret_certificate,
         struct secret **ret_key, struct err_cause *cause)
{
    const unsigned char *cursor = der;
    struct walk walk = {.cause = cause};
    X509 *certificate = NULL;
    PKCS12 *pfx = NULL;
    enum ks_err rc;

    if (library == NULL)
        return err_set(cause, KS_ERR_INTERNAL, "pfx_init() was not called");
    /* What is decoded into this one inherits the library context. */
    pfx = PKCS12_init_ex(NID_pkcs7_data, library, NULL);
    if (pfx == NULL)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "PFX");
    if (d2i_PKCS12(&pfx, &cursor, (long)length) == NULL) {
        rc = refuse_other(der, length, cause);
        goto out;
    }
    if (cursor != der + length) {
        rc = refused(cause, "bytes behind the PFX");
        goto out;
    }
    rc = collect(&walk, pfx, cause);
    if (rc == KS_OK && walk.key == NULL)
        rc = err_set(cause, KS_ERR_CRED_NO_KEY, "the PFX has none");
    if (rc == KS_OK)
        rc = choose_certificate(&walk, &certificate);
    if (rc != KS_OK)
        goto out;
    X509_up_ref(certificate);
    *ret_certificate = certificate;
    *ret_key = walk.key;
    walk.key = NULL; /* transferred */
out:
    forget(&walk);
    PKCS12_free(pfx);
    return rc;
}
