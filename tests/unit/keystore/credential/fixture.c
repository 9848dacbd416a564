/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, certificates and XML made at run time.  Shares nothing with the code
 * that reads them. */
#include "tests/unit/keystore/credential/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "tests/vault/service/rsa_key.h"

/* Exactly as the current generator writes it: UTF-8 without a BOM, CRLF, two
 * blanks, namespaces on lines of their own. */
static const char layout[] =
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"
    "<RSBackupVaultAADCreds\r\n"
    "  xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"\r\n"
    "  xmlns=\"http://schemas.datacontract.org/2004/07/"
    "Microsoft.Azure.Portal.RecoveryServices.Models.Common\">\r\n"
    "  <Version>2.0</Version>\r\n"
    "  <SubscriptionId>f5303a0b-0000-4000-8000-33222a0a5b4c"
    "</SubscriptionId>\r\n"
    "  <ResourceType>Vaults</ResourceType>\r\n"
    "  <ResourceName>lab1</ResourceName>\r\n"
    "  <ManagementCert>@</ManagementCert>\r\n"
    "  <ResourceId>8726350008099341699</ResourceId>\r\n"
    "  <ResourceGroup>lab-rg</ResourceGroup>\r\n"
    "  <Location>westus</Location>\r\n"
    "  <ProviderNamespace>Microsoft.RecoveryServices"
    "</ProviderNamespace>\r\n"
    "  <AadAuthority>https://login.windows.net</AadAuthority>\r\n"
    "  <AadTenantId>0f1e2d3c-4b5a-4968-8776-655443322110</AadTenantId>\r\n"
    "  <AadAudience>https://RecoveryServiceVault/westus/lab1/"
    "8726350008099341699</AadAudience>\r\n"
    "  <ServicePrincipalClientId>a1b2c3d4-e5f6-4788-99aa-bbccddeeff00"
    "</ServicePrincipalClientId>\r\n"
    "  <IdMgmtRestEndpoint>https://pod01-id1.wus.backup.windowsazure.com"
    "/restapi/</IdMgmtRestEndpoint>\r\n"
    "  <AgentLinks>WABUpdateKBLink,http://go.microsoft.com/fwlink/p/"
    "?LinkId=229525;StorageQuotaPurchaseLink,http://go.microsoft.com/"
    "fwlink/p/?LinkId=205490</AgentLinks>\r\n"
    "  <PrivateEndpointStateForBackup>None"
    "</PrivateEndpointStateForBackup>\r\n"
    "</RSBackupVaultAADCreds>";

void
fixture_free(struct fixture_bytes *bytes)
{
    OPENSSL_clear_free(bytes->bytes, bytes->length);
    *bytes = (struct fixture_bytes){NULL, 0};
}

EVP_PKEY *
fixture_key(const char *kind)
{
    EVP_PKEY *key;

    if (strncmp(kind, "RSA-", 4) == 0)
        key = rsa_key_make((unsigned)atoi(kind + 4));
    else if (strncmp(kind, "P-", 2) == 0)
        key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind);
    else
        key = EVP_PKEY_Q_keygen(NULL, NULL, kind);
    FIXTURE_NEED(key != NULL);
    return key;
}

struct fixture_bytes
fixture_pkcs8(EVP_PKEY *key)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    struct fixture_bytes ret = {NULL, 0};
    int length;

    FIXTURE_NEED(info != NULL);
    length = i2d_PKCS8_PRIV_KEY_INFO(info, &ret.bytes);
    FIXTURE_NEED(length > 0);
    ret.length = (size_t)length;
    PKCS8_PRIV_KEY_INFO_free(info);
    return ret;
}

static void
add_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    FIXTURE_NEED(extension != NULL);
    FIXTURE_NEED(X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

X509 *
fixture_certificate(const struct fixture_certificate *certificate)
{
    bool usual = certificate->from == 0 && certificate->to == 0;
    EVP_PKEY *signer = certificate->signer != NULL ? certificate->signer
                                                   : certificate->key;
    const EVP_MD *md = EVP_PKEY_is_a(signer, "ED25519") ? NULL : EVP_sha1();
    X509 *ret = X509_new();
    X509_NAME *name = X509_NAME_new();

    FIXTURE_NEED(ret != NULL && name != NULL);
    FIXTURE_NEED(X509_set_version(ret, X509_VERSION_3) == 1);
    FIXTURE_NEED(ASN1_INTEGER_set(X509_get_serialNumber(ret), 4711) == 1);
    FIXTURE_NEED(
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                   (const unsigned char *)"Windows Azure Tools",
                                   -1, -1, 0) == 1);
    FIXTURE_NEED(X509_set_subject_name(ret, name) == 1);
    FIXTURE_NEED(X509_set_issuer_name(ret, name) == 1);
    X509_NAME_free(name);
    FIXTURE_NEED(X509_gmtime_adj(X509_getm_notBefore(ret),
                                 usual ? -600 : certificate->from) != NULL);
    FIXTURE_NEED(X509_gmtime_adj(X509_getm_notAfter(ret),
                                 usual ? 48L * 3600 : certificate->to) != NULL);
    FIXTURE_NEED(X509_set_pubkey(ret, certificate->key) == 1);
    if (certificate->extended_usage == NULL)
        add_extension(ret, NID_ext_key_usage, "clientAuth");
    else if (*certificate->extended_usage != '\0')
        add_extension(ret, NID_ext_key_usage, certificate->extended_usage);
    if (certificate->usage != NULL)
        add_extension(ret, NID_key_usage, certificate->usage);
    FIXTURE_NEED(X509_sign(ret, signer, md) > 0);
    return ret;
}

struct fixture_bytes
fixture_certificate_der(const X509 *certificate)
{
    struct fixture_bytes ret = {NULL, 0};
    int length = i2d_X509(certificate, &ret.bytes);

    FIXTURE_NEED(length > 0);
    ret.length = (size_t)length;
    return ret;
}

char *
fixture_base64(const uint8_t *bytes, size_t length)
{
    char *ret = malloc(4 * ((length + 2) / 3) + 1);

    FIXTURE_NEED(ret != NULL);
    FIXTURE_NEED(EVP_EncodeBlock((unsigned char *)ret, bytes, (int)length) >=
                 0);
    return ret;
}

char *
fixture_edit(char *text, const char *from, const char *to)
{
    char *found = strstr(text, from);
    size_t size = strlen(text) + strlen(to) + 1;
    char *ret = malloc(size);

    FIXTURE_NEED(found != NULL && ret != NULL);
    (void)snprintf(ret, size, "%.*s%s%s", (int)(found - text), text, to,
                   found + strlen(from));
    free(text);
    return ret;
}

char *
fixture_xml(const char *management)
{
    char *copy = strdup(layout);

    FIXTURE_NEED(copy != NULL);
    return fixture_edit(copy, "@", management);
}

struct secret *
fixture_secret(const void *bytes, size_t length)
{
    struct secret *ret = NULL;

    FIXTURE_NEED(secret_new(length > 0 ? length : 1, &ret) == KS_OK);
    memcpy(secret_space(ret), bytes, length);
    secret_set_length(ret, length);
    return ret;
}
