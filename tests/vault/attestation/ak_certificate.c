/* SPDX-License-Identifier: Apache-2.0 */
/* The extensions are built as structs: in OpenSSL's text form the name of an
 * attribute is cut at its first dot, so that 2.23.133.2.1 cannot be said. */
#include "tests/vault/attestation/ak_certificate.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#define HOUR (60 * 60)
#define DAY (24 * HOUR)

/* TCG EK Credential Profile 2.5, 3.1.2. */
#define OID_MANUFACTURER "2.23.133.2.1"
#define OID_MODEL "2.23.133.2.2"
#define OID_VERSION "2.23.133.2.3"
/* tcg-kp-AIKCertificate */
#define OID_AIK "2.23.133.8.3"

/* swtpm's EK certificates have IBM's PCI number, from the days of TPM 1.2; the
 * TCG's registry has its name in ASCII, "IBM" and a zero byte. */
static const struct {
    const char *seen, *registered;
} spellings[] = {{"id:00001014", "id:49424D00"}};

const char *
ak_certificate_manufacturer(const char *text)
{
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++)
        if (strcmp(text, spellings[i].seen) == 0)
            return spellings[i].registered;
    return text;
}

/* One relative name of one attribute, as the profile's examples have them. */
static bool
add_attribute(X509_NAME *name, const char *oid, const char *text)
{
    ASN1_OBJECT *attribute = OBJ_txt2obj(oid, 1);
    bool done = attribute != NULL &&
                X509_NAME_add_entry_by_OBJ(name, attribute, V_ASN1_UTF8STRING,
                                           (const unsigned char *)text, -1, -1,
                                           0) == 1;

    ASN1_OBJECT_free(attribute);
    return done;
}

static const char *
or_else(const char *text, const char *otherwise)
{
    return text[0] != '\0' ? text : otherwise;
}

static X509_NAME *
maker(const struct ak_certificate_plan *plan)
{
    const char *manufacturer = ak_certificate_manufacturer(
        or_else(plan->manufacturer, "id:00000000"));
    X509_NAME *name = X509_NAME_new();

    if (name != NULL && add_attribute(name, OID_MANUFACTURER, manufacturer) &&
        add_attribute(name, OID_MODEL, or_else(plan->model, "unknown")) &&
        add_attribute(name, OID_VERSION, or_else(plan->version, "id:00000000")))
        return name;
    X509_NAME_free(name);
    return NULL;
}

/* Critical, because the subject is empty (RFC 5280, 4.2.1.6). */
static bool
add_maker(X509 *certificate, const struct ak_certificate_plan *plan)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *entry = GENERAL_NAME_new();
    X509_NAME *directory = maker(plan);
    bool done = false;

    if (names != NULL && entry != NULL && directory != NULL) {
        GENERAL_NAME_set0_value(entry, GEN_DIRNAME, directory);
        directory = NULL;
        if (sk_GENERAL_NAME_push(names, entry) > 0) {
            entry = NULL;
            done = X509_add1_ext_i2d(certificate, NID_subject_alt_name, names,
                                     1, 0) == 1;
        }
    }
    X509_NAME_free(directory);
    GENERAL_NAME_free(entry);
    GENERAL_NAMES_free(names);
    return done;
}

/* The AIK's purpose alone: verifiers differ in whether it has to be there or
 * to be the first. */
static bool
add_purpose(X509 *certificate)
{
    EXTENDED_KEY_USAGE *purposes = EXTENDED_KEY_USAGE_new();
    ASN1_OBJECT *aik = OBJ_txt2obj(OID_AIK, 1);
    bool done = false;

    if (purposes != NULL && aik != NULL &&
        sk_ASN1_OBJECT_push(purposes, aik) > 0) {
        aik = NULL;
        done = X509_add1_ext_i2d(certificate, NID_ext_key_usage, purposes, 0,
                                 0) == 1;
    }
    ASN1_OBJECT_free(aik);
    EXTENDED_KEY_USAGE_free(purposes);
    return done;
}

static bool
add_text(X509 *certificate, X509 *authority, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;
    bool done;

    X509V3_set_ctx(&context, authority, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    done = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

static bool
add_extensions(X509 *certificate, X509 *authority,
               const struct ak_certificate_plan *plan)
{
    return add_text(certificate, authority, NID_basic_constraints,
                    "critical,CA:FALSE") &&
           add_text(certificate, authority, NID_key_usage,
                    "critical,digitalSignature") &&
           add_purpose(certificate) && add_maker(certificate, plan) &&
           add_text(certificate, authority, NID_subject_key_identifier,
                    "hash") &&
           add_text(certificate, authority, NID_authority_key_identifier,
                    "keyid:always");
}

static bool
set_serial(X509 *certificate)
{
    uint8_t bytes[16];
    BIGNUM *number = NULL;
    bool done;

    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    /* Positive, and always of 16 bytes (RFC 5280, 4.1.2.2). */
    bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40);
    number = BN_bin2bn(bytes, sizeof bytes, NULL);
    done = number != NULL &&
           BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) !=
               NULL;
    BN_free(number);
    return done;
}

/* Verifiers refuse a certificate that outlives its issuer's. */
static bool
set_times(X509 *certificate, const X509 *authority, int64_t now)
{
    time_t from = (time_t)(now - HOUR);
    time_t to = (time_t)(now + AK_CERTIFICATE_DAYS * (int64_t)DAY);
    const ASN1_TIME *end = X509_get0_notAfter(authority);

    if (ASN1_TIME_adj(X509_getm_notBefore(certificate), from, 0, 0) == NULL)
        return false;
    if (X509_cmp_time(end, &to) < 0)
        return X509_set1_notAfter(certificate, end) == 1;
    return ASN1_TIME_adj(X509_getm_notAfter(certificate), to, 0, 0) != NULL;
}

X509 *
ak_certificate_make(const struct ak_certificate_plan *plan, X509 *authority,
                    EVP_PKEY *key)
{
    X509 *certificate = X509_new();

    /* A new certificate's subject is the empty name. */
    if (certificate != NULL &&
        X509_set_version(certificate, X509_VERSION_3) == 1 &&
        set_serial(certificate) &&
        X509_set_issuer_name(certificate, X509_get_subject_name(authority)) ==
            1 &&
        set_times(certificate, authority, plan->now) &&
        X509_set_pubkey(certificate, plan->key) == 1 &&
        add_extensions(certificate, authority, plan) &&
        X509_sign(certificate, key, EVP_sha256()) > 0)
        return certificate;
    X509_free(certificate);
    return NULL;
}
