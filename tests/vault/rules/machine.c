/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in memory, made for a test and gone with it. */
#include "tests/vault/rules/rules.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/pkcs7.h>

EVP_PKEY *
machine_new_key(const char *kind)
{
    EVP_PKEY *key = strncmp(kind, "RSA-", 4) == 0
                        ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA",
                                            (size_t)strtoul(kind + 4, NULL, 10))
                        : EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind);

    return kept_key(key);
}

static const char *
wrap(const char *text)
{
    size_t length = strlen(text);
    char *wrapped = kept_new(2 * length + 2);
    char *to = wrapped;

    for (size_t i = 0; i < length; i++) {
        *to++ = text[i];
        if (i % 64 == 63 || i == length - 1)
            to = stpcpy(to, "\r\n");
    }
    return wrapped;
}

const char *
machine_request(EVP_PKEY *key, enum machine_request how)
{
    X509_REQ *request = X509_REQ_new();
    unsigned char *der = NULL;
    char *text;
    int length;

    assert_int_equal(X509_REQ_set_version(request, X509_REQ_VERSION_1), 1);
    assert_int_equal(X509_REQ_set_pubkey(request, key), 1);
    assert_int_equal(X509_NAME_add_entry_by_txt(
                         X509_REQ_get_subject_name(request), "CN", MBSTRING_ASC,
                         (const unsigned char *)"what the machine wants", -1,
                         -1, 0),
                     1);
    assert_true(X509_REQ_sign(request, key, EVP_sha256()) > 0);
    length = i2d_X509_REQ(request, &der);
    assert_true(length > 0);
    if (how == MACHINE_DAMAGED)
        der[length - 1] ^= 1;
    text = kept_new(2 * (size_t)length + 8);
    (void)EVP_EncodeBlock((unsigned char *)text, der, length);
    OPENSSL_free(der);
    X509_REQ_free(request);
    return how == MACHINE_WRAPPED ? wrap(text) : text;
}

/* base64 with or without line ends. */
static uint8_t *
decode(const char *base64, int *ret_length)
{
    char *packed = kept_new(strlen(base64) + 1);
    uint8_t *der = kept_new(strlen(base64) + 1);
    size_t n = 0;

    for (; *base64 != '\0'; base64++)
        if (!isspace((unsigned char)*base64))
            packed[n++] = *base64;
    *ret_length = EVP_DecodeBlock(der, (unsigned char *)packed, (int)n);
    assert_true(*ret_length > 0);
    return der;
}

X509 *
machine_certificate(const char *base64)
{
    int length = 0;
    const unsigned char *at = decode(base64, &length);
    PKCS7 *box = d2i_PKCS7(NULL, &at, length);
    X509 *certificate;

    assert_non_null(box);
    assert_true(PKCS7_type_is_signed(box));
    assert_true(sk_PKCS7_SIGNER_INFO_num(box->d.sign->signer_info) <= 0);
    assert_int_equal(sk_X509_num(box->d.sign->cert), 1);
    certificate = sk_X509_value(box->d.sign->cert, 0);
    assert_int_equal(X509_up_ref(certificate), 1);
    PKCS7_free(box);
    return kept_certificate(certificate);
}

const char *
machine_subject(X509 *certificate, int nid)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID(subject, nid, -1);
    unsigned char *text = NULL;
    char *copy;

    assert_true(at >= 0);
    assert_int_equal(X509_NAME_get_index_by_NID(subject, nid, at), -1);
    assert_true(
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(
                                       X509_NAME_get_entry(subject, at))) > 0);
    copy = kept_format("%s", (const char *)text);
    OPENSSL_free(text);
    return copy;
}

const char *
machine_uuid(X509 *certificate)
{
    return machine_subject(certificate, NID_commonName);
}

const char *
machine_hex(const uint8_t *data, size_t length)
{
    char *text = kept_new(2 * length + 1);

    for (size_t i = 0; i < length; i++) {
        text[2 * i] = "0123456789abcdef"[data[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[data[i] & 15];
    }
    return text;
}

const char *
machine_thumbprint_hex(X509 *certificate)
{
    uint8_t hash[32];

    assert_int_equal(X509_digest(certificate, EVP_sha256(), hash, NULL), 1);
    return machine_hex(hash, sizeof hash);
}

long
machine_time(const ASN1_TIME *when)
{
    struct tm tm;

    assert_int_equal(ASN1_TIME_to_tm(when, &tm), 1);
    return (long)timegm(&tm);
}
