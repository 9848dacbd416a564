/* SPDX-License-Identifier: Apache-2.0 */
/* X.509 by OpenSSL.  Times are given by the caller: the vault's clock is not
 * the computer's. */
#include "tests/vault/service/pki.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "tests/vault/service/encoding.h"
#include "tests/vault/service/fault.h"
#include "tests/vault/service/rsa_key.h"

EVP_PKEY *
pki_key(const char *kind)
{
    unsigned bits = 0;
    EVP_PKEY *key;

    if (sscanf(kind, "RSA-%u", &bits) == 1)
        key = rsa_key_make(bits);
    else
        key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind);
    if (key == NULL)
        fault_openssl("a key of kind %s", kind);
    return key;
}

static bool
add_name(X509_NAME *name, int nid, const char *text)
{
    return text == NULL || X509_NAME_add_entry_by_NID(
                               name, nid, MBSTRING_UTF8,
                               (const unsigned char *)text, -1, -1, 0) == 1;
}

static bool
set_serial(X509 *certificate)
{
    uint8_t bytes[16];
    BIGNUM *number;
    bool done;

    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40);
    number = BN_bin2bn(bytes, sizeof bytes, NULL);
    done = number != NULL &&
           BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) !=
               NULL;
    BN_free(number);
    return done;
}

static bool
set_time(ASN1_TIME *field, int64_t at)
{
    return ASN1_TIME_adj(field, (time_t)at, 0, 0) != NULL;
}

static bool
extend(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;
    bool done;

    if (value == NULL)
        return true;
    X509V3_set_ctx(&context, issuer != NULL ? issuer : certificate, certificate,
                   NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    done = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

static bool
extend_all(X509 *certificate, const struct pki_plan *plan, X509 *issuer)
{
    const char *constraints = "CA:FALSE";
    const char *key_usage = "critical,digitalSignature";

    if (plan->bare)
        return extend(certificate, issuer, NID_ext_key_usage, plan->usage);
    if (plan->authority) {
        constraints = "critical,CA:TRUE,pathlen:0";
        key_usage = "critical,keyCertSign,cRLSign";
    }
    return extend(certificate, issuer, NID_basic_constraints, constraints) &&
           extend(certificate, issuer, NID_key_usage, key_usage) &&
           extend(certificate, issuer, NID_subject_key_identifier, "hash") &&
           extend(certificate, issuer, NID_authority_key_identifier,
                  issuer != NULL ? "keyid:always" : NULL) &&
           extend(certificate, issuer, NID_ext_key_usage, plan->usage) &&
           extend(certificate, issuer, NID_subject_alt_name, plan->alternative);
}

X509 *
pki_certificate(const struct pki_plan *plan, EVP_PKEY *public, X509 *issuer,
                EVP_PKEY *issuer_key)
{
    X509 *certificate = X509_new();
    X509_NAME *subject;

    if (certificate == NULL)
        return NULL;
    subject = X509_get_subject_name(certificate);
    if (X509_set_version(certificate, X509_VERSION_3) == 1 &&
        set_serial(certificate) &&
        add_name(subject, NID_organizationName, plan->organization) &&
        add_name(subject, NID_organizationalUnitName, plan->unit) &&
        add_name(subject, NID_commonName, plan->common_name) &&
        X509_set_issuer_name(certificate, issuer != NULL
                                              ? X509_get_subject_name(issuer)
                                              : subject) == 1 &&
        set_time(X509_getm_notBefore(certificate), plan->from) &&
        set_time(X509_getm_notAfter(certificate), plan->to) &&
        X509_set_pubkey(certificate, public) == 1 &&
        extend_all(certificate, plan, issuer) &&
        X509_sign(certificate, issuer_key, EVP_sha256()) > 0)
        return certificate;
    fault_openssl("a certificate for %s", plan->common_name);
    X509_free(certificate);
    return NULL;
}

/* A file of MODE as a stream; what an interrupted start left is overwritten. */
static FILE *
create(const char *path, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                  mode);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

    if (file == NULL)
        fault("%s: %m", path);
    return file;
}

bool
pki_save_key(const char *path, EVP_PKEY *key)
{
    FILE *file = create(path, 0600);
    bool done;

    if (file == NULL)
        return false;
    done = PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1;
    return fclose(file) == 0 && done ? true : fault_openssl("%s", path);
}

bool
pki_save_certificate(const char *path, X509 *certificate)
{
    FILE *file = create(path, 0644);
    bool done;

    if (file == NULL)
        return false;
    done = PEM_write_X509(file, certificate) == 1;
    return fclose(file) == 0 && done ? true : fault_openssl("%s", path);
}

EVP_PKEY *
pki_load_key(const char *path)
{
    FILE *file = fopen(path, "re");
    EVP_PKEY *key = NULL;

    if (file != NULL) {
        key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
        (void)fclose(file);
    }
    if (key == NULL)
        fault_openssl("%s is no key", path);
    return key;
}

X509 *
pki_load_certificate(const char *path)
{
    FILE *file = fopen(path, "re");
    X509 *certificate = NULL;

    if (file != NULL) {
        certificate = PEM_read_X509(file, NULL, NULL, NULL);
        (void)fclose(file);
    }
    if (certificate == NULL)
        fault_openssl("%s is no certificate", path);
    return certificate;
}

int
pki_check(X509 *certificate, X509 *authority, int64_t at)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    int outcome = X509_V_ERR_OUT_OF_MEM;

    if (store != NULL && context != NULL &&
        X509_STORE_add_cert(store, authority) == 1 &&
        X509_STORE_CTX_init(context, store, certificate, NULL) == 1 &&
        X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_CLIENT) == 1) {
        X509_STORE_CTX_set_time(context, 0, (time_t)at);
        outcome = X509_verify_cert(context) == 1
                      ? X509_V_OK
                      : X509_STORE_CTX_get_error(context);
    }
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return outcome;
}

int64_t
pki_end(const X509 *certificate)
{
    struct tm utc;

    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &utc) != 1)
        return 0;
    return (int64_t)timegm(&utc);
}

char *
pki_certs_only(X509 *certificate)
{
    PKCS7 *message = PKCS7_new();
    unsigned char *der = NULL;
    int length = 0;
    char *text = NULL;

    if (message != NULL && PKCS7_set_type(message, NID_pkcs7_signed) == 1 &&
        PKCS7_content_new(message, NID_pkcs7_data) == 1 &&
        PKCS7_set_detached(message, 1) == 1 &&
        PKCS7_add_certificate(message, certificate) == 1)
        length = i2d_PKCS7(message, &der);
    if (length > 0)
        text = encoding_base64_lines(der, (size_t)length);
    else
        fault_openssl("a certs-only message");
    OPENSSL_free(der);
    PKCS7_free(message);
    return text;
}
