/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hostile holdfast-net: it enrols as it is told, but hands over a certificate
 * for a key of its own, with everything else as the vault wrote it, and an
 * authority that vouches for it.
 */
#include <openssl/ec.h>
#include <openssl/x509v3.h>

#include "agent/net/vault.h"
#include "tests/altered/wrapped.h"

static EVP_PKEY *authority_key;
static X509 *authority;

static void
add_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    (void)X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

static void
make_authority(void)
{
    X509_NAME *name;

    authority_key = EVP_EC_gen("P-256");
    authority = X509_new();
    (void)X509_set_version(authority, 2);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(authority), 1);
    name = X509_get_subject_name(authority);
    (void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                     (const unsigned char *)"authority", -1, -1,
                                     0);
    (void)X509_set_issuer_name(authority, name);
    (void)X509_gmtime_adj(X509_getm_notBefore(authority), -60);
    (void)X509_gmtime_adj(X509_getm_notAfter(authority), 86400);
    (void)X509_set_pubkey(authority, authority_key);
    add_extension(authority, NID_basic_constraints, "critical,CA:TRUE");
    (void)X509_sign(authority, authority_key, EVP_sha256());
}

enum ks_err
__wrap_vault_client_authorities(struct vault_client *client,
                                STACK_OF(X509) * *ret, struct err_cause *cause)
{
    enum ks_err rc = __real_vault_client_authorities(client, ret, cause);

    if (rc != KS_OK)
        return rc;
    make_authority();
    sk_X509_pop_free(*ret, X509_free);
    *ret = sk_X509_new_null();
    (void)X509_up_ref(authority);
    (void)sk_X509_push(*ret, authority);
    return KS_OK;
}

enum ks_err
__wrap_vault_client_enrol(struct vault_client *client, const char *token,
                          const struct layout_net_enrol *enrol, X509 **ret,
                          struct err_cause *cause)
{
    enum ks_err rc = __real_vault_client_enrol(client, token, enrol, ret,
                                               cause);
    EVP_PKEY *own = EVP_EC_gen("P-256");

    if (rc == KS_OK) {
        (void)X509_set_pubkey(*ret, own);
        (void)X509_set_issuer_name(*ret, X509_get_subject_name(authority));
        (void)X509_sign(*ret, authority_key, EVP_sha256());
    }
    EVP_PKEY_free(own);
    return rc;
}
