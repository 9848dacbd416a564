/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a credentials file apart with the means every OpenSSL program has. */
#include "tests/vault/rules/rules.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/provider.h>
#include <openssl/x509v3.h>

const char *
credential_field(const struct credential *credential, const char *name)
{
    const char *open = kept_format("<%s>", name);
    const char *close = kept_format("</%s>", name);
    const char *from = strstr(credential->text, open);
    const char *to;

    if (from == NULL)
        fail_msg("no element %s", name);
    from += strlen(open);
    to = strstr(from, close);
    assert_non_null(to);
    assert_null(strstr(from, open));
    return kept_format("%.*s", (int)(to - from), from);
}

static void
decode_pfx(struct credential *credential)
{
    size_t length = strlen(credential->pfx_base64);
    uint8_t *pfx = kept_new(length + 1);
    int decoded = EVP_DecodeBlock(
        pfx, (const unsigned char *)credential->pfx_base64, (int)length);

    assert_true(decoded > 2 && length % 4 == 0);
    credential->pfx = pfx;
    credential->pfx_length = (size_t)decoded -
                             (credential->pfx_base64[length - 1] == '=') -
                             (credential->pfx_base64[length - 2] == '=');
}

static PKCS12 *
read_pfx(const struct credential *credential, OSSL_LIB_CTX *context)
{
    const uint8_t *at = credential->pfx;
    PKCS12 *pfx = PKCS12_init_ex(NID_pkcs7_data, context, NULL);

    assert_non_null(d2i_PKCS12(&pfx, &at, (long)credential->pfx_length));
    assert_ptr_equal(at, credential->pfx + credential->pfx_length);
    return pfx;
}

PKCS12 *
credential_pfx(const struct credential *credential)
{
    return read_pfx(credential, NULL);
}

/* The pair as objects of the default library context. */
static void
take_pair(struct credential *credential, EVP_PKEY *key, X509 *certificate)
{
    unsigned char *der = NULL;
    const unsigned char *at;
    int length = i2d_PrivateKey(key, &der);

    assert_true(length > 0);
    at = der;
    credential->key = kept_key(d2i_AutoPrivateKey(NULL, &at, length));
    OPENSSL_clear_free(der, (size_t)length);
    der = NULL;
    length = i2d_X509(certificate, &der);
    assert_true(length > 0);
    at = der;
    credential->certificate = kept_certificate(d2i_X509(NULL, &at, length));
    OPENSSL_free(der);
}

/* 3DES and RC2-40 under an empty password: both need the legacy provider, kept
 * apart in a context of its own. */
static void
open_pfx(struct credential *credential)
{
    OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
    OSSL_PROVIDER *providers[] = {OSSL_PROVIDER_load(context, "default"),
                                  OSSL_PROVIDER_load(context, "legacy")};
    PKCS12 *pfx = read_pfx(credential, context);
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;

    assert_non_null(providers[0]);
    assert_non_null(providers[1]);
    assert_int_equal(PKCS12_parse(pfx, "", &key, &certificate, NULL), 1);
    assert_non_null(key);
    assert_non_null(certificate);
    assert_int_equal(X509_check_private_key(certificate, key), 1);
    take_pair(credential, key, certificate);
    EVP_PKEY_free(key);
    X509_free(certificate);
    PKCS12_free(pfx);
    (void)OSSL_PROVIDER_unload(providers[1]);
    (void)OSSL_PROVIDER_unload(providers[0]);
    OSSL_LIB_CTX_free(context);
}

struct credential *
credential_read(const char *path)
{
    struct credential *read = kept_new(sizeof *read);
    const char *host;

    read->path = path;
    read->text = service_read_file(path, &read->length);
    assert_int_equal(strlen(read->text), read->length);
    read->pfx_base64 = credential_field(read, "ManagementCert");
    read->name = credential_field(read, "ResourceName");
    read->vault = credential_field(read, "ResourceId");
    read->authority = credential_field(read, "AadAuthority");
    read->tenant = credential_field(read, "AadTenantId");
    read->audience = credential_field(read, "AadAudience");
    read->client_id = credential_field(read, "ServicePrincipalClientId");
    read->endpoint = credential_field(read, "IdMgmtRestEndpoint");
    assert_memory_equal(read->endpoint, "https://", 8);
    host = read->endpoint + 8;
    read->origin = kept_format("https://%.*s", (int)strcspn(host, "/"), host);
    decode_pfx(read);
    open_pfx(read);
    return read;
}

struct credential *
credential_forge(const struct credential *credential)
{
    struct credential *forged = kept_new(sizeof *forged);

    *forged = *credential;
    forged->key = machine_new_key("P-256");
    forged->certificate = kept_certificate(X509_dup(credential->certificate));
    assert_int_equal(X509_set_pubkey(forged->certificate, forged->key), 1);
    assert_true(X509_sign(forged->certificate, forged->key, EVP_sha256()) > 0);
    return forged;
}

const char *
credential_thumbprint_hex(const struct credential *credential)
{
    return machine_thumbprint_hex(credential->certificate);
}

const char *
credential_thumbprint(const struct credential *credential, const EVP_MD *digest)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;

    assert_int_equal(
        X509_digest(credential->certificate, digest, hash, &length), 1);
    return statement_base64url(hash, length);
}
