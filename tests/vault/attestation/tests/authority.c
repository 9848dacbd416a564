/* SPDX-License-Identifier: Apache-2.0 */
/* The names and extensions of a CA that OpenSSL takes for one. */
#include "tests/vault/attestation/tests/authority.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

static void
add(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

void
authority_make(const struct authority_of *of, struct authority *ret)
{
    X509_NAME *name = X509_NAME_new();
    X509 *certificate = X509_new();

    ret->key = strcmp(of->kind, "RSA") == 0 ? EVP_RSA_gen(2048)
                                            : EVP_EC_gen(of->kind);
    assert_non_null(ret->key);
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                                (const unsigned char *)of->name,
                                                -1, -1, 0),
                     1);
    assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7),
                     1);
    assert_int_equal(X509_set_subject_name(certificate, name), 1);
    assert_int_equal(
        X509_set_issuer_name(
            certificate, of->issuer == NULL
                             ? name
                             : X509_get_subject_name(of->issuer->certificate)),
        1);
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(certificate), of->from));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(certificate), of->to));
    assert_int_equal(X509_set_pubkey(certificate, ret->key), 1);
    add(certificate, NID_basic_constraints, of->constraints);
    assert_true(X509_sign(certificate,
                          of->issuer == NULL ? ret->key : of->issuer->key,
                          EVP_get_digestbyname(of->digest)) > 0);
    X509_NAME_free(name);
    ret->certificate = certificate;
}

void
authority_free(struct authority *authority)
{
    EVP_PKEY_free(authority->key);
    X509_free(authority->certificate);
    *authority = (struct authority){.key = NULL};
}

void
authority_save(const struct authority *authority, const char *path)
{
    FILE *file = fopen(path, "wx");

    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, authority->certificate), 1);
    assert_int_equal(fclose(file), 0);
}
