/* SPDX-License-Identifier: Apache-2.0 */
/* Credential files made at run time.  Shares nothing with the code that reads
 * them: OpenSSL's writers make what is valid, raw DER what they would not. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509v3.h>

#define ITERATIONS 2000
#define SALT_LENGTH 8

#define NEED(holds)                                                            \
    do {                                                                       \
        if (!(holds)) {                                                        \
            (void)fprintf(stderr, "fixture: %s\n", #holds);                    \
            abort();                                                           \
        }                                                                      \
    } while (0)

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

static unsigned char salt[SALT_LENGTH] = "8 bytes";

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
        key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)atoi(kind + 4));
    else if (strncmp(kind, "P-", 2) == 0)
        key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind);
    else
        key = EVP_PKEY_Q_keygen(NULL, NULL, kind);
    NEED(key != NULL);
    return key;
}

struct fixture_bytes
fixture_pkcs8(EVP_PKEY *key)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    struct fixture_bytes ret = {NULL, 0};
    int length;

    NEED(info != NULL);
    length = i2d_PKCS8_PRIV_KEY_INFO(info, &ret.bytes);
    NEED(length > 0);
    ret.length = (size_t)length;
    PKCS8_PRIV_KEY_INFO_free(info);
    return ret;
}

static void
add_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    NEED(extension != NULL);
    NEED(X509_add_ext(certificate, extension, -1) == 1);
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

    NEED(ret != NULL && name != NULL);
    NEED(X509_set_version(ret, X509_VERSION_3) == 1);
    NEED(ASN1_INTEGER_set(X509_get_serialNumber(ret), 4711) == 1);
    NEED(X509_NAME_add_entry_by_txt(
             name, "CN", MBSTRING_ASC,
             (const unsigned char *)"Windows Azure Tools", -1, -1, 0) == 1);
    NEED(X509_set_subject_name(ret, name) == 1);
    NEED(X509_set_issuer_name(ret, name) == 1);
    X509_NAME_free(name);
    NEED(X509_gmtime_adj(X509_getm_notBefore(ret),
                         usual ? -600 : certificate->from) != NULL);
    NEED(X509_gmtime_adj(X509_getm_notAfter(ret),
                         usual ? 48L * 3600 : certificate->to) != NULL);
    NEED(X509_set_pubkey(ret, certificate->key) == 1);
    if (certificate->extended_usage == NULL)
        add_extension(ret, NID_ext_key_usage, "clientAuth");
    else if (*certificate->extended_usage != '\0')
        add_extension(ret, NID_ext_key_usage, certificate->extended_usage);
    if (certificate->usage != NULL)
        add_extension(ret, NID_key_usage, certificate->usage);
    NEED(X509_sign(ret, signer, md) > 0);
    return ret;
}

struct fixture_bytes
fixture_certificate_der(const X509 *certificate)
{
    struct fixture_bytes ret = {NULL, 0};
    int length = i2d_X509(certificate, &ret.bytes);

    NEED(length > 0);
    ret.length = (size_t)length;
    return ret;
}

/* RC2-40 lives there; never freed, like a library's own state. */
static OSSL_LIB_CTX *
legacy(void)
{
    static OSSL_LIB_CTX *library;

    if (library == NULL) {
        library = OSSL_LIB_CTX_new();
        NEED(library != NULL);
        NEED(OSSL_PROVIDER_load(library, "default") != NULL);
        NEED(OSSL_PROVIDER_load(library, "legacy") != NULL);
    }
    return library;
}

/* An element of TAG (and class) around CONTENT, which is freed */
static struct fixture_bytes
wrap(int tag, int class, struct fixture_bytes content)
{
    struct fixture_bytes ret;
    int length = ASN1_object_size(1, (int)content.length, tag);
    unsigned char *cursor;

    NEED(length > 0);
    ret = (struct fixture_bytes){OPENSSL_malloc((size_t)length),
                                 (size_t)length};
    NEED(ret.bytes != NULL);
    cursor = ret.bytes;
    ASN1_put_object(&cursor, 1, (int)content.length, tag, class);
    memcpy(cursor, content.bytes, content.length);
    fixture_free(&content);
    return ret;
}

/* A safeContents bag around BAGS, which is freed: libcrypto has no writer. */
static STACK_OF(PKCS12_SAFEBAG) * nest(STACK_OF(PKCS12_SAFEBAG) * bags)
{
    struct fixture_bytes inner = {NULL, 0};
    struct fixture_bytes both = {NULL, 0};
    STACK_OF(PKCS12_SAFEBAG) *ret = sk_PKCS12_SAFEBAG_new_null();
    PKCS12_SAFEBAG *bag;
    const unsigned char *from;
    unsigned char *cursor;
    ASN1_OBJECT *type = OBJ_nid2obj(NID_safeContentsBag);
    int type_length = i2d_ASN1_OBJECT(type, NULL);
    int length = ASN1_item_i2d((ASN1_VALUE *)bags, &inner.bytes,
                               ASN1_ITEM_rptr(PKCS12_SAFEBAGS));

    NEED(ret != NULL && length > 0 && type_length > 0);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    inner.length = (size_t)length;
    inner = wrap(0, V_ASN1_CONTEXT_SPECIFIC, inner);
    both.length = (size_t)type_length + inner.length;
    both.bytes = OPENSSL_malloc(both.length);
    NEED(both.bytes != NULL);
    cursor = both.bytes;
    NEED(i2d_ASN1_OBJECT(type, &cursor) == type_length);
    memcpy(cursor, inner.bytes, inner.length);
    fixture_free(&inner);
    both = wrap(V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL, both);
    from = both.bytes;
    bag = d2i_PKCS12_SAFEBAG(NULL, &from, (long)both.length);
    NEED(bag != NULL && sk_PKCS12_SAFEBAG_push(ret, bag) == 1);
    fixture_free(&both);
    return ret;
}

/* Something that ALGORITHM claims to have encrypted */
static void
put_declared_key(STACK_OF(PKCS12_SAFEBAG) * *bags, const X509_ALGOR *algorithm)
{
    X509_SIG *shroud = X509_SIG_new();
    X509_ALGOR *into;
    ASN1_OCTET_STRING *content;
    PKCS12_SAFEBAG *bag;

    NEED(shroud != NULL);
    X509_SIG_getm(shroud, &into, &content);
    NEED(X509_ALGOR_copy(into, algorithm) == 1);
    NEED(ASN1_OCTET_STRING_set(content, salt, SALT_LENGTH) == 1);
    bag = PKCS12_SAFEBAG_create0_pkcs8(shroud);
    NEED(bag != NULL);
    if (*bags == NULL)
        *bags = sk_PKCS12_SAFEBAG_new_null();
    NEED(*bags != NULL && sk_PKCS12_SAFEBAG_push(*bags, bag) > 0);
}

static void
put_declared_safe(STACK_OF(PKCS7) * *safes, const X509_ALGOR *algorithm)
{
    PKCS7 *safe = PKCS7_new();
    PKCS7_ENC_CONTENT *content;

    NEED(safe != NULL && PKCS7_set_type(safe, NID_pkcs7_encrypted) == 1);
    content = safe->d.encrypted->enc_data;
    NEED(X509_ALGOR_copy(content->algorithm, algorithm) == 1);
    content->enc_data = ASN1_OCTET_STRING_new();
    NEED(content->enc_data != NULL);
    NEED(ASN1_OCTET_STRING_set(content->enc_data, salt, SALT_LENGTH) == 1);
    if (*safes == NULL)
        *safes = sk_PKCS7_new_null();
    NEED(*safes != NULL && sk_PKCS7_push(*safes, safe) > 0);
}

static void
put_certificates(STACK_OF(PKCS7) * *safes, const struct fixture_pfx *pfx)
{
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;

    for (size_t i = 0; pfx->certificates[i] != NULL; i++)
        NEED(PKCS12_add_cert(&bags, pfx->certificates[i]) != NULL);
    for (unsigned i = 0; i < pfx->nesting; i++)
        bags = nest(bags);
    if (bags != NULL)
        NEED(PKCS12_add_safe_ex(safes, bags, pfx->certificate_cipher,
                                ITERATIONS, pfx->password, legacy(),
                                NULL) == 1);
    if (pfx->declared_certificate_cipher != NULL)
        put_declared_safe(safes, pfx->declared_certificate_cipher);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}

static void
put_keys(STACK_OF(PKCS7) * *safes, const struct fixture_pfx *pfx)
{
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;

    for (size_t i = 0; pfx->keys[i] != NULL; i++)
        NEED(PKCS12_add_key_ex(&bags, pfx->keys[i], 0, ITERATIONS,
                               pfx->key_cipher, pfx->password, legacy(),
                               NULL) != NULL);
    if (pfx->declared_key_cipher != NULL)
        put_declared_key(&bags, pfx->declared_key_cipher);
    if (bags != NULL)
        NEED(PKCS12_add_safe_ex(safes, bags, -1, 0, NULL, legacy(), NULL) == 1);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}

struct fixture_bytes
fixture_pfx(const struct fixture_pfx *pfx)
{
    STACK_OF(PKCS7) *safes = NULL;
    struct fixture_bytes ret = {NULL, 0};
    PKCS12 *p12;
    int length;

    put_keys(&safes, pfx);
    put_certificates(&safes, pfx);
    p12 = PKCS12_add_safes_ex(safes, NID_pkcs7_data, legacy(), NULL);
    NEED(p12 != NULL);
    if (pfx->mac_iterations > 0)
        NEED(PKCS12_set_mac(p12, pfx->password, -1, NULL, 0,
                            pfx->mac_iterations, EVP_sha1()) == 1);
    if (pfx->declared_mac_iterations > 0)
        NEED(PKCS12_setup_mac(p12, pfx->declared_mac_iterations, salt,
                              SALT_LENGTH, EVP_sha1()) == 1);
    length = i2d_PKCS12(p12, &ret.bytes);
    NEED(length > 0);
    ret.length = (size_t)length;
    PKCS12_free(p12);
    sk_PKCS7_pop_free(safes, PKCS7_free);
    return ret;
}

struct fixture_pfx
fixture_windows(EVP_PKEY *key, X509 *certificate)
{
    return (struct fixture_pfx){
        .keys = {key},
        .certificates = {certificate},
        .key_cipher = NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
        .certificate_cipher = NID_pbe_WithSHA1And40BitRC2_CBC,
        .password = "",
        .mac_iterations = ITERATIONS,
    };
}

char *
fixture_base64(const uint8_t *bytes, size_t length)
{
    char *ret = malloc(4 * ((length + 2) / 3) + 1);

    NEED(ret != NULL);
    NEED(EVP_EncodeBlock((unsigned char *)ret, bytes, (int)length) >= 0);
    return ret;
}

char *
fixture_edit(char *text, const char *from, const char *to)
{
    char *found = strstr(text, from);
    size_t size = strlen(text) + strlen(to) + 1;
    char *ret = malloc(size);

    NEED(found != NULL && ret != NULL);
    (void)snprintf(ret, size, "%.*s%s%s", (int)(found - text), text, to,
                   found + strlen(from));
    free(text);
    return ret;
}

char *
fixture_xml(const char *management)
{
    char *copy = strdup(layout);

    NEED(copy != NULL);
    return fixture_edit(copy, "@", management);
}

struct secret *
fixture_secret(const void *bytes, size_t length)
{
    struct secret *ret = NULL;

    NEED(secret_new(length > 0 ? length : 1, &ret) == KS_OK);
    memcpy(secret_space(ret), bytes, length);
    secret_set_length(ret, length);
    return ret;
}
