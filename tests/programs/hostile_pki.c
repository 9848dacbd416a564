/* SPDX-License-Identifier: Apache-2.0 */
/* Ends the process where OpenSSL fails: without its fixture a test proves
 * nothing. */
#include "tests/programs/hostile_pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509v3.h>

#define NEED(holds)                                                            \
    do {                                                                       \
        if (!(holds)) {                                                        \
            (void)fprintf(stderr, "hostile: %s\n", #holds);                    \
            abort();                                                           \
        }                                                                      \
    } while (0)

#define DAY 86400L

static void
add_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    NEED(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static void
add_name(X509_NAME *name, const char *field, const char *value)
{
    NEED(X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC,
                                    (const unsigned char *)value, -1, -1,
                                    0) == 1);
}

/* Valid from a day ago until END seconds from now; still to be signed. */
static X509 *
begin_certificate(EVP_PKEY *key, X509 *issuer, const char *name, long end)
{
    static long serial = 1;
    X509 *made = X509_new();

    NEED(made != NULL && X509_set_version(made, X509_VERSION_3) == 1);
    NEED(ASN1_INTEGER_set(X509_get_serialNumber(made), serial++) == 1);
    NEED(X509_gmtime_adj(X509_getm_notBefore(made), -DAY) != NULL);
    NEED(X509_gmtime_adj(X509_getm_notAfter(made), end) != NULL);
    add_name(X509_get_subject_name(made), "CN", name);
    NEED(X509_set_issuer_name(
             made, X509_get_subject_name(issuer != NULL ? issuer : made)) == 1);
    NEED(X509_set_pubkey(made, key) == 1);
    return made;
}

static X509 *
make_issuer(EVP_PKEY *key, const char *name)
{
    X509 *made = begin_certificate(key, NULL, name, DAY);

    add_extension(made, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(made, NID_key_usage, "critical,keyCertSign");
    NEED(X509_sign(made, key, EVP_sha256()) > 0);
    return made;
}

static X509 *
make_server(const struct hostile_pki *pki, X509 *issuer, EVP_PKEY *issuer_key,
            const char *host, long end)
{
    X509 *made = begin_certificate(pki->server_key, issuer, "server", end);
    char names[64];

    (void)snprintf(names, sizeof names, "DNS:%s", host);
    add_extension(made, NID_subject_alt_name, names);
    NEED(X509_sign(made, issuer_key, EVP_sha256()) > 0);
    return made;
}

void
hostile_pki_make(struct hostile_pki *pki, const char *ca_file)
{
    FILE *file = fopen(ca_file, "we");

    pki->authority_key = EVP_EC_gen("P-256");
    pki->stranger_key = EVP_EC_gen("P-256");
    pki->server_key = EVP_EC_gen("P-256");
    NEED(pki->server_key != NULL);
    pki->authority = make_issuer(pki->authority_key, "authority");
    pki->stranger = make_issuer(pki->stranger_key, "stranger");
    pki->server[HOSTILE_TRUSTED] = make_server(
        pki, pki->authority, pki->authority_key, "localhost", DAY);
    pki->server[HOSTILE_UNTRUSTED] = make_server(
        pki, pki->stranger, pki->stranger_key, "localhost", DAY);
    pki->server[HOSTILE_ELSEWHERE] = make_server(
        pki, pki->authority, pki->authority_key, "elsewhere.example", DAY);
    pki->server[HOSTILE_OUTDATED] = make_server(
        pki, pki->authority, pki->authority_key, "localhost", -60);
    NEED(file != NULL && PEM_write_X509(file, pki->authority) == 1);
    NEED(fclose(file) == 0);
}

void
hostile_pki_free(struct hostile_pki *pki)
{
    for (int i = 0; i < HOSTILE_IDENTITY__MAX; i++)
        X509_free(pki->server[i]);
    X509_free(pki->authority);
    X509_free(pki->stranger);
    EVP_PKEY_free(pki->authority_key);
    EVP_PKEY_free(pki->stranger_key);
    EVP_PKEY_free(pki->server_key);
}

static char *
encode(X509 *certificate)
{
    PKCS7 *bag = PKCS7_new();
    unsigned char *der = NULL;
    char *text;
    int length;

    NEED(bag != NULL && PKCS7_set_type(bag, NID_pkcs7_signed) == 1);
    NEED(PKCS7_content_new(bag, NID_pkcs7_data) == 1);
    NEED(PKCS7_add_certificate(bag, certificate) == 1);
    length = i2d_PKCS7(bag, &der);
    NEED(length > 0);
    text = malloc((size_t)length * 2 + 8);
    NEED(text != NULL);
    (void)EVP_EncodeBlock((unsigned char *)text, der, length);
    OPENSSL_free(der);
    PKCS7_free(bag);
    return text;
}

char *
hostile_pki_authorities(const struct hostile_pki *pki)
{
    return encode(pki->authority);
}

char *
hostile_pki_enrol(const struct hostile_pki *pki, const char *request,
                  const char *vault)
{
    int length = (int)strlen(request);
    unsigned char *der = malloc((size_t)length + 4);
    const unsigned char *at = der;
    X509_REQ *parsed = NULL;
    X509 *made;
    char *text;

    NEED(der != NULL);
    length = EVP_DecodeBlock(der, (const unsigned char *)request, length);
    if (length > 0)
        parsed = d2i_X509_REQ(NULL, &at, length);
    free(der);
    if (parsed == NULL)
        return NULL;
    made = begin_certificate(X509_REQ_get0_pubkey(parsed), pki->authority,
                             HOSTILE_MACHINE, DAY);
    add_name(X509_get_subject_name(made), "OU", vault);
    add_extension(made, NID_subject_alt_name, "URI:urn:uuid:" HOSTILE_MACHINE);
    add_extension(made, NID_ext_key_usage, "clientAuth");
    NEED(X509_sign(made, pki->authority_key, EVP_sha256()) > 0);
    text = encode(made);
    X509_free(made);
    X509_REQ_free(parsed);
    return text;
}
