/* SPDX-License-Identifier: Apache-2.0 */
/* PFX files made at run time: OpenSSL's writers make what is valid, raw DER
 * what they would not. */
#include "tests/unit/keystore/credential/fixture_pfx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#define ITERATIONS 2000
#define SALT_LENGTH 8

static unsigned char salt[SALT_LENGTH] = "8 bytes";

/* RC2-40 lives in the second provider. */
static OSSL_LIB_CTX *library;
static OSSL_PROVIDER *providers[2];

/* At the end of the program: what is held from the secure heap alone, a leak
 * checker takes for lost. */
static void
free_library(void)
{
    (void)OSSL_PROVIDER_unload(providers[0]);
    (void)OSSL_PROVIDER_unload(providers[1]);
    OSSL_LIB_CTX_free(library);
}

OSSL_LIB_CTX *
fixture_library(void)
{
    if (library == NULL) {
        library = OSSL_LIB_CTX_new();
        FIXTURE_NEED(library != NULL);
        providers[0] = OSSL_PROVIDER_load(library, "default");
        providers[1] = OSSL_PROVIDER_load(library, "legacy");
        FIXTURE_NEED(providers[0] != NULL && providers[1] != NULL);
        FIXTURE_NEED(atexit(free_library) == 0);
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

    FIXTURE_NEED(length > 0);
    ret = (struct fixture_bytes){OPENSSL_malloc((size_t)length),
                                 (size_t)length};
    FIXTURE_NEED(ret.bytes != NULL);
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

    FIXTURE_NEED(ret != NULL && length > 0 && type_length > 0);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    inner.length = (size_t)length;
    inner = wrap(0, V_ASN1_CONTEXT_SPECIFIC, inner);
    both.length = (size_t)type_length + inner.length;
    both.bytes = OPENSSL_malloc(both.length);
    FIXTURE_NEED(both.bytes != NULL);
    cursor = both.bytes;
    FIXTURE_NEED(i2d_ASN1_OBJECT(type, &cursor) == type_length);
    memcpy(cursor, inner.bytes, inner.length);
    fixture_free(&inner);
    both = wrap(V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL, both);
    from = both.bytes;
    bag = d2i_PKCS12_SAFEBAG(NULL, &from, (long)both.length);
    FIXTURE_NEED(bag != NULL && sk_PKCS12_SAFEBAG_push(ret, bag) == 1);
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

    FIXTURE_NEED(shroud != NULL);
    X509_SIG_getm(shroud, &into, &content);
    FIXTURE_NEED(X509_ALGOR_copy(into, algorithm) == 1);
    FIXTURE_NEED(ASN1_OCTET_STRING_set(content, salt, SALT_LENGTH) == 1);
    bag = PKCS12_SAFEBAG_create0_pkcs8(shroud);
    FIXTURE_NEED(bag != NULL);
    if (*bags == NULL)
        *bags = sk_PKCS12_SAFEBAG_new_null();
    FIXTURE_NEED(*bags != NULL && sk_PKCS12_SAFEBAG_push(*bags, bag) > 0);
}

static void
put_declared_safe(STACK_OF(PKCS7) * *safes, const X509_ALGOR *algorithm)
{
    PKCS7 *safe = PKCS7_new();
    PKCS7_ENC_CONTENT *content;

    FIXTURE_NEED(safe != NULL &&
                 PKCS7_set_type(safe, NID_pkcs7_encrypted) == 1);
    content = safe->d.encrypted->enc_data;
    FIXTURE_NEED(X509_ALGOR_copy(content->algorithm, algorithm) == 1);
    content->enc_data = ASN1_OCTET_STRING_new();
    FIXTURE_NEED(content->enc_data != NULL);
    FIXTURE_NEED(ASN1_OCTET_STRING_set(content->enc_data, salt, SALT_LENGTH) ==
                 1);
    if (*safes == NULL)
        *safes = sk_PKCS7_new_null();
    FIXTURE_NEED(*safes != NULL && sk_PKCS7_push(*safes, safe) > 0);
}

static void
put_certificates(STACK_OF(PKCS7) * *safes, const struct fixture_pfx *pfx)
{
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;

    for (size_t i = 0; pfx->certificates[i] != NULL; i++)
        FIXTURE_NEED(PKCS12_add_cert(&bags, pfx->certificates[i]) != NULL);
    for (unsigned i = 0; i < pfx->nesting; i++)
        bags = nest(bags);
    if (bags != NULL)
        FIXTURE_NEED(PKCS12_add_safe_ex(safes, bags, pfx->certificate_cipher,
                                        ITERATIONS, pfx->password,
                                        fixture_library(), NULL) == 1);
    if (pfx->declared_certificate_cipher != NULL)
        put_declared_safe(safes, pfx->declared_certificate_cipher);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}

static void
put_keys(STACK_OF(PKCS7) * *safes, const struct fixture_pfx *pfx)
{
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;

    for (size_t i = 0; pfx->keys[i] != NULL; i++)
        FIXTURE_NEED(PKCS12_add_key_ex(&bags, pfx->keys[i], 0, ITERATIONS,
                                       pfx->key_cipher, pfx->password,
                                       fixture_library(), NULL) != NULL);
    if (pfx->declared_key_cipher != NULL)
        put_declared_key(&bags, pfx->declared_key_cipher);
    if (bags != NULL)
        FIXTURE_NEED(PKCS12_add_safe_ex(safes, bags, -1, 0, NULL,
                                        fixture_library(), NULL) == 1);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}

struct fixture_bytes
fixture_pfx(const struct fixture_pfx *pfx)
{
    STACK_OF(PKCS7) *safes = NULL;
    struct fixture_bytes ret = {NULL, 0};
    const EVP_MD *md = EVP_get_digestbyname(pfx->mac != NULL ? pfx->mac
                                                             : "SHA1");
    PKCS12 *p12;
    int length;

    put_keys(&safes, pfx);
    put_certificates(&safes, pfx);
    p12 = PKCS12_add_safes_ex(safes, NID_pkcs7_data, fixture_library(), NULL);
    FIXTURE_NEED(p12 != NULL);
    if (pfx->mac_iterations > 0)
        FIXTURE_NEED(PKCS12_set_mac(p12, pfx->password, -1, NULL, 0,
                                    pfx->mac_iterations, md) == 1);
    if (pfx->declared_mac_iterations > 0)
        FIXTURE_NEED(PKCS12_setup_mac(p12, pfx->declared_mac_iterations, salt,
                                      SALT_LENGTH, md) == 1);
    length = i2d_PKCS12(p12, &ret.bytes);
    FIXTURE_NEED(length > 0);
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
