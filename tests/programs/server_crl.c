/* SPDX-License-Identifier: Apache-2.0 */
/* Lists put together by OpenSSL, as an issuer's tool does it. */
#include "tests/programs/server_crl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define NEED(holds)                                                            \
    do {                                                                       \
        if (!(holds)) {                                                        \
            (void)fprintf(stderr, "crl: %s\n", #holds);                        \
            abort();                                                           \
        }                                                                      \
    } while (0)

#define HOUR 3600L

/* An extension by NID, or an unknown one */
static void
add(X509_CRL *to, const char *oid, const unsigned char *der, int length)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension;

    NEED(ASN1_OCTET_STRING_set(value, der, length) == 1);
    extension = X509_EXTENSION_create_by_OBJ(NULL, object, 1, value);
    NEED(extension != NULL && X509_CRL_add_ext(to, extension, -1) == 1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(object);
}

static void
add_extension(X509_CRL *to, enum server_crl_kind kind)
{
    /* IssuingDistributionPoint: [2] onlyContainsCACerts, [4] indirectCRL */
    static const unsigned char authorities[] = {0x30, 3, 0x82, 1, 0xff};
    static const unsigned char indirect[] = {0x30, 3, 0x84, 1, 0xff};
    static const unsigned char base[] = {2, 1, 1};

    if (kind == CRL_CRITICAL)
        add(to, "1.3.6.1.4.1.99999.1", base, sizeof base);
    else if (kind == CRL_FOR_AUTHORITIES)
        add(to, "2.5.29.28", authorities, sizeof authorities);
    else if (kind == CRL_INDIRECT)
        add(to, "2.5.29.28", indirect, sizeof indirect);
    else if (kind == CRL_DELTA)
        add(to, "2.5.29.27", base, sizeof base);
}

static void
add_revoked(X509_CRL *to, enum server_crl_kind kind, const X509 *certificate)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_INTEGER *serial = ASN1_INTEGER_dup(
        X509_get0_serialNumber(certificate));
    ASN1_TIME *when = X509_gmtime_adj(NULL, -HOUR);

    if (kind == CRL_REVOKES_ANOTHER)
        NEED(ASN1_INTEGER_set(serial, 1000000) == 1);
    NEED(X509_REVOKED_set_serialNumber(entry, serial) == 1);
    NEED(X509_REVOKED_set_revocationDate(entry, when) == 1);
    if (kind == CRL_HOLDS) {
        ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();

        NEED(ASN1_ENUMERATED_set(reason, CRL_REASON_CERTIFICATE_HOLD) == 1);
        NEED(X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, 0, 0) ==
             1);
        ASN1_ENUMERATED_free(reason);
    }
    NEED(X509_CRL_add0_revoked(to, entry) == 1);
    ASN1_INTEGER_free(serial);
    ASN1_TIME_free(when);
}

static void
set_times(X509_CRL *list, enum server_crl_kind kind)
{
    long since = kind == CRL_ENDED     ? -3 * HOUR
                 : kind == CRL_EARLY   ? HOUR
                 : kind == CRL_REVOKES ? -HOUR
                                       : -2 * HOUR;
    ASN1_TIME *from = X509_gmtime_adj(NULL, since);
    ASN1_TIME *to = X509_gmtime_adj(
        NULL, since + (kind == CRL_ENDED ? HOUR : 24 * HOUR));

    NEED(X509_CRL_set1_lastUpdate(list, from) == 1);
    if (kind != CRL_ENDLESS)
        NEED(X509_CRL_set1_nextUpdate(list, to) == 1);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
}

static void
sign(X509_CRL *list, EVP_PKEY *key, enum server_crl_kind kind)
{
    const ASN1_BIT_STRING *signature = NULL;

    if (kind == CRL_FORGED)
        key = server_chain_key("P-256/stranger");
    NEED(X509_CRL_sign(list, key, EVP_sha256()) > 0);
    if (kind != CRL_ALTERED)
        return;
    X509_CRL_get0_signature(list, &signature, NULL);
    /* The last byte is in the signature's second number: still well-formed. */
    ((unsigned char *)(uintptr_t)signature->data)[signature->length - 1] ^= 1;
}

static X509_CRL *
make(enum server_crl_kind kind, const X509 *certificate, EVP_PKEY *key)
{
    X509_CRL *list = X509_CRL_new();

    NEED(X509_CRL_set_version(list, X509_CRL_VERSION_2) == 1);
    NEED(X509_CRL_set_issuer_name(list, X509_get_issuer_name(certificate)) ==
         1);
    set_times(list, kind);
    if (kind == CRL_REVOKES || kind == CRL_HOLDS || kind == CRL_REVOKES_ANOTHER)
        add_revoked(list, kind, certificate);
    add_extension(list, kind);
    NEED(X509_CRL_sort(list) == 1);
    sign(list, key, kind);
    return list;
}

/* The private key of who issued certificate NUMBER of a chain */
static EVP_PKEY *
key_of_issuer(int number, const struct server_certificate *const *middles)
{
    int count = 0;

    while (middles[count] != NULL)
        count++;
    return server_chain_key(number < count ? middles[count - 1 - number]->key
                                           : "P-256/authority");
}

static void
write_one(FILE *file, X509_CRL *list, enum server_crl_form form,
          const struct server_chain *chain)
{
    if (form == CRL_AS_DER) {
        NEED(i2d_X509_CRL_fp(file, list) == 1);
        return;
    }
    if (form == CRL_AS_MIXED)
        NEED(fputs("Revoked by us:\n", file) >= 0 &&
             PEM_write_X509(file, chain->leaf) == 1);
    NEED(PEM_write_X509_CRL(file, list) == 1);
}

void
server_crl_write(const struct server_crl *lists,
                 const struct server_chain *chain,
                 const struct server_certificate *const *middles,
                 enum server_crl_form form, const char *path)
{
    FILE *file = fopen(path, "we");

    NEED(file != NULL);
    for (; lists->kind != CRL_END; lists++) {
        X509 *certificate = lists->of == 0
                                ? chain->leaf
                                : sk_X509_value(chain->others, lists->of - 1);
        X509_CRL *list = make(lists->kind, certificate,
                              key_of_issuer(lists->of, middles));

        write_one(file, list, form, chain);
        X509_CRL_free(list);
    }
    if (form == CRL_AS_CUT)
        NEED(fputs("-----BEGIN X509 CRL-----\nMIIBMTCB\n", file) >= 0);
    else if (form == CRL_AS_WORDS)
        NEED(fputs("no lists\n", file) >= 0);
    NEED(fclose(file) == 0);
}
