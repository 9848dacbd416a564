/* SPDX-License-Identifier: Apache-2.0 */
/* From a PFX to its one key and the one certificate of it.  Must leave no copy
 * of the key: what is opened here is what pfx_walk.c found, nothing more. */
#include "keystore/credential/pfx.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include "keystore/store/material.h"
#include "keystore/credential/pfx_mac.h"
#include "keystore/credential/pfx_walk.h"

/* A library context of its own: RC2-40 and the like must stay out of everything
 * else. */
static OSSL_LIB_CTX *library;

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
        rc = err_set(cause, KS_ERR_HELPER,
                     "OpenSSL cannot load its providers default and legacy; "
                     "install its module legacy.so (Debian's package libssl3 "
                     "or openssl-provider-legacy)");
    EVP_MD_free(md);
    if (rc == KS_OK)
        library = fresh;
    else
        OSSL_LIB_CTX_free(fresh);
    return rc;
}

/* Collect what is in PFX.  The empty password can be written in two ways, and
 * which one a writer chose shows only in what it opens: in the MAC, where there
 * is one. */
static enum ks_err
collect(struct pfx_walk *walk, PKCS12 *pfx, struct der whole)
{
    static const char *const passwords[] = {NULL, ""};
    STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(pfx);
    enum ks_err rc = KS_ERR_CRED_PASSWORD;

    if (safes == NULL)
        return pfx_walk_refuse(walk, "not a PFX: no safes under a password");
    for (size_t i = 0; i < 2 && rc == KS_ERR_CRED_PASSWORD && !walk->authentic;
         i++) {
        pfx_walk_forget(walk);
        walk->password = passwords[i];
        walk->certificates = sk_X509_new_null();
        rc = walk->certificates != NULL
                 ? pfx_mac_verify(walk, pfx, whole)
                 : err_set_openssl(walk->cause, KS_ERR_INTERNAL,
                                   "certificates");
        if (rc == KS_OK)
            rc = pfx_walk(walk, safes);
    }
    sk_PKCS7_pop_free(safes, PKCS7_free);
    return rc;
}

static enum ks_err
unusable(const struct pfx_walk *walk, const char *what)
{
    return err_set(walk->cause, KS_ERR_CRED_UNUSABLE, "ManagementCert: %s",
                   what);
}

/* The one certificate among those in WALK that the key belongs to */
static enum ks_err
choose_certificate(const struct pfx_walk *walk, X509 **ret)
{
    struct material material;
    X509 *found = NULL;
    int count = sk_X509_num(walk->certificates);
    enum ks_err rc = material_parse(secret_bytes(walk->key),
                                    secret_length(walk->key), &material,
                                    walk->cause);

    if (rc == KS_OK && count == 0)
        return unusable(walk, "a private key without a certificate");
    for (int i = 0; rc == KS_OK && i < count; i++) {
        X509 *certificate = sk_X509_value(walk->certificates, i);
        EVP_PKEY *public = X509_get0_pubkey(certificate);

        ERR_clear_error();
        if (public == NULL)
            continue; /* of a kind unknown here, hence not the key's */
        rc = material_match(&material, public, walk->cause);
        if (rc == KS_OK && found != NULL && X509_cmp(found, certificate) != 0)
            return unusable(walk, "more than one certificate of the key");
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

/* Was something else given instead of a PFX? */
static enum ks_err
refuse_other(const struct pfx_walk *walk, struct der given)
{
    static const char pem[] = "-----BEGIN ";
    const unsigned char *cursor = given.bytes;
    X509 *certificate = d2i_X509(NULL, &cursor, (long)given.left);

    ERR_clear_error();
    if (certificate != NULL) {
        X509_free(certificate);
        return err_set(walk->cause, KS_ERR_CRED_NO_KEY,
                       "ManagementCert is a bare certificate");
    }
    if (given.left >= sizeof pem - 1 &&
        memcmp(given.bytes, pem, sizeof pem - 1) == 0)
        return pfx_walk_refuse(walk, "PEM text instead of a PFX");
    return pfx_walk_refuse(walk, "not a PFX");
}

enum ks_err
pfx_open(const uint8_t *der, size_t length, X509 **ret_certificate,
         struct secret **ret_key, struct err_cause *cause)
{
    const unsigned char *cursor = der;
    struct pfx_walk walk = {
        .library = library, .iterations = PFX_ITERATIONS_MAX, .cause = cause};
    X509 *certificate = NULL;
    PKCS12 *pfx = NULL;
    enum ks_err rc;

    if (library == NULL)
        return err_set(cause, KS_ERR_INTERNAL, "pfx_init() was not called");
    /* A key that is decoded into this structure inherits the library
     * context. */
    pfx = PKCS12_init_ex(NID_pkcs7_data, library, NULL);
    if (pfx == NULL)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "PFX");
    if (d2i_PKCS12(&pfx, &cursor, (long)length) == NULL) {
        rc = refuse_other(&walk, (struct der){der, length});
        goto out;
    }
    rc = collect(&walk, pfx, (struct der){der, length});
    if (rc == KS_OK && walk.key == NULL)
        rc = walk.closed > 0
                 ? unusable(&walk,
                            "no private key in a safe that a password opens")
                 : err_set(cause, KS_ERR_CRED_NO_KEY, "the PFX has none");
    if (rc == KS_OK)
        rc = choose_certificate(&walk, &certificate);
    if (rc != KS_OK)
        goto out;
    X509_up_ref(certificate);
    *ret_certificate = certificate;
    *ret_key = walk.key;
    walk.key = NULL; /* transferred */
out:
    pfx_walk_forget(&walk);
    PKCS12_free(pfx);
    return rc;
}
