/* SPDX-License-Identifier: Apache-2.0 */
/* The provider: what it has is in two tables of others, of keys' management and
 * of signatures. */
#include "agent/net/keyless.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "agent/net/keyless_management.h"
#include "agent/net/keyless_signature.h"
#include "keystore/store/scheme.h"

#define PROVIDER_NAME "holdfast-keyless"

#define FUNCTION(name) (void (*)(void)) name

static const OSSL_ALGORITHM *
provider_query(void *provider, int operation, int *no_cache)
{
    (void)provider;
    *no_cache = 0;
    switch (operation) {
    case OSSL_OP_KEYMGMT:
        return keyless_managements;
    case OSSL_OP_SIGNATURE:
        return keyless_signatures;
    default:
        return NULL;
    }
}

static int
provider_start(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core,
               const OSSL_DISPATCH **ret, void **ret_provider)
{
    static const OSSL_DISPATCH dispatch[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, FUNCTION(provider_query)},
        {0, NULL}};

    (void)core;
    *ret = dispatch;
    *ret_provider = (void *)(uintptr_t)handle;
    return 1;
}

/* Loading any provider ends the automatic loading of the default one, and the
 * first one loaded wins a fetch without properties. */
enum ks_err
keyless_init(struct err_cause *cause)
{
    static OSSL_PROVIDER *loaded[2]; /* until the process ends */

    if ((loaded[0] = OSSL_PROVIDER_load(NULL, "default")) == NULL ||
        OSSL_PROVIDER_add_builtin(NULL, PROVIDER_NAME, provider_start) != 1 ||
        (loaded[1] = OSSL_PROVIDER_load(NULL, PROVIDER_NAME)) == NULL ||
        EVP_set_default_properties(NULL, "?provider=default") != 1)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "OpenSSL's providers");
    return KS_OK;
}

enum ks_err
keyless_key(EVP_PKEY *public, keyless_signer *signer, void *context,
            EVP_PKEY **ret, struct err_cause *cause)
{
    struct keyless_delivery delivery = {signer, context};
    OSSL_PARAM extra[] = {OSSL_PARAM_octet_string(KEYLESS_PARAM_SIGNER,
                                                  &delivery, sizeof delivery),
                          OSSL_PARAM_END};
    const char *type = EVP_PKEY_is_a(public, "EC") ? "EC" : "RSA";
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type,
                                                   KEYLESS_PROPERTIES);
    OSSL_PARAM *params = NULL;
    OSSL_PARAM *all = NULL;
    enum ks_err rc = KS_OK;

    *ret = NULL;
    if (ctx == NULL ||
        EVP_PKEY_todata(public, EVP_PKEY_PUBLIC_KEY, &params) != 1 ||
        (all = OSSL_PARAM_merge(params, extra)) == NULL ||
        EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, ret, EVP_PKEY_KEYPAIR, all) != 1)
        rc = err_set_openssl(cause, KS_ERR_INTERNAL, "a key without its half");
    OPENSSL_free(all);
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(ctx);
    return rc;
}

const char *
keyless_scheme(EVP_PKEY *public)
{
    const struct scheme *scheme = scheme_row(scheme_of_key(public));

    return scheme != NULL ? scheme->tls_name : NULL;
}
