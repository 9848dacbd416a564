/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A holdfast-credential that reads the PFX as everybody does, with
 * PKCS12_parse(3), and frees all of it as documented: what the memory test must
 * find.
 */
#include "keystore/credential/pfx.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

enum ks_err __real_pfx_init(struct err_cause *cause);
enum ks_err __wrap_pfx_init(struct err_cause *cause);
enum ks_err __wrap_pfx_open(const uint8_t *der, size_t length,
                            X509 **ret_certificate, struct secret **ret_key,
                            struct err_cause *cause);

enum ks_err
__wrap_pfx_init(struct err_cause *cause)
{
    if (OSSL_PROVIDER_load(NULL, "default") == NULL ||
        OSSL_PROVIDER_load(NULL, "legacy") == NULL)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "providers");
    return __real_pfx_init(cause);
}

enum ks_err
__wrap_pfx_open(const uint8_t *der, size_t length, X509 **ret_certificate,
                struct secret **ret_key, struct err_cause *cause)
{
    PKCS12 *pfx = d2i_PKCS12(NULL, &der, (long)length);
    EVP_PKEY *key = NULL;
    PKCS8_PRIV_KEY_INFO *info = NULL;
    unsigned char *at;
    enum ks_err rc = KS_ERR_CRED_FORMAT;
    int size;

    if (pfx != NULL && PKCS12_parse(pfx, "", &key, ret_certificate, NULL) == 1)
        info = EVP_PKEY2PKCS8(key);
    size = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, NULL) : 0;
    if (size > 0)
        rc = secret_new((size_t)size, ret_key);
    else
        (void)err_set_openssl(cause, rc, "PKCS12_parse");
    if (rc == KS_OK) {
        at = secret_space(*ret_key);
        (void)i2d_PKCS8_PRIV_KEY_INFO(info, &at);
        secret_set_length(*ret_key, (size_t)size);
    }
    PKCS8_PRIV_KEY_INFO_free(info);
    EVP_PKEY_free(key);
    PKCS12_free(pfx);
    return rc;
}
