/* SPDX-License-Identifier: Apache-2.0 */
/* EK certificates as the TCG EK Credential Profile has them: an empty subject,
 * the TPM's maker and model in a critical subject alternative name, and the
 * usage of an EK's certificate. */
#include "tests/vault/rules/maker.h"

#include <stdio.h>
#include <sys/stat.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tests/support/tpm2/swtpm_maker.h"
#include "tests/vault/rules/rules.h"

#define DAY 86400L

static struct {
    struct tpm *first, *second;
    char directory[128];
} maker;

static struct tpm *
manufacture(const char *name)
{
    const char *directory = kept_format("%s/%s", service_work(), name);

    assert_int_equal(mkdir(directory, 0700), 0);
    return tpm_new(directory, maker.directory);
}

int
maker_start(void **state)
{
    int failed = service_start(state);

    if (failed != 0)
        return failed;
    (void)snprintf(maker.directory, sizeof maker.directory, "%s/m",
                   service_work());
    maker.first = manufacture("t1");
    maker.second = manufacture("t2");
    kept_release();
    return 0;
}

int
maker_stop(void **state)
{
    tpm_free(maker.first);
    tpm_free(maker.second);
    return service_stop(state);
}

struct tpm *
maker_tpm(void)
{
    return maker.first;
}

struct tpm *
maker_other_tpm(void)
{
    return maker.second;
}

const char *
maker_root(void)
{
    return kept_format("%s/%s", maker.directory, SWTPM_MAKER_ROOT);
}

const char *
maker_issuer(void)
{
    return kept_format("%s/%s", maker.directory, SWTPM_MAKER_ISSUER);
}

/* --- a maker of our own --- */

static void
extend(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

/* Unsigned, on KEY, from a month ago to DAYS from now. */
static X509 *
begin(EVP_PKEY *key, long serial, long days)
{
    X509 *new = X509_new();

    assert_int_equal(X509_set_version(new, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(new), serial), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(new), -30 * DAY));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(new), days * DAY));
    assert_int_equal(X509_set_pubkey(new, key), 1);
    return kept_certificate(new);
}

struct maker *
maker_new(const char *name)
{
    struct maker *new = kept_new(sizeof *new);
    X509_NAME *subject;
    FILE *file;

    new->key = machine_new_key("P-256");
    new->root = begin(new->key, 1, 3650);
    subject = X509_get_subject_name(new->root);
    assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                                (const unsigned char *)name, -1,
                                                -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(new->root, subject), 1);
    extend(new->root, new->root, NID_basic_constraints, "critical,CA:TRUE");
    extend(new->root, new->root, NID_key_usage, "critical,keyCertSign");
    extend(new->root, new->root, NID_subject_key_identifier, "hash");
    assert_true(X509_sign(new->root, new->key, EVP_sha256()) > 0);
    new->path = kept_format("%s/%s.pem", service_work(), name);
    file = fopen(new->path, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, new->root), 1);
    assert_int_equal(fclose(file), 0);
    return new;
}

/* [4] { Name } of manufacturer, model and version (TCG EK Credential Profile,
 * 3.2.9). */
static void
add_maker_name(X509 *certificate)
{
    static const char *const parts[][2] = {{"2.23.133.2.1", "id:49465800"},
                                           {"2.23.133.2.2", "SLB9672"},
                                           {"2.23.133.2.3", "id:0007003E"}};
    X509_NAME *name = X509_NAME_new();
    GENERAL_NAME *general = GENERAL_NAME_new();
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();

    for (size_t i = 0; i < 3; i++)
        assert_int_equal(X509_NAME_add_entry_by_txt(
                             name, parts[i][0], MBSTRING_UTF8,
                             (const unsigned char *)parts[i][1], -1, -1, 0),
                         1);
    GENERAL_NAME_set0_value(general, GEN_DIRNAME, name);
    assert_true(sk_GENERAL_NAME_push(names, general) > 0);
    assert_int_equal(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names,
                                       1, X509V3_ADD_DEFAULT),
                     1);
    GENERAL_NAMES_free(names);
}

static const char *
encode(X509 *certificate)
{
    unsigned char *der = NULL;
    int length = i2d_X509(certificate, &der);
    const char *text;

    assert_true(length > 0);
    text = statement_base64url(der, (size_t)length);
    OPENSSL_free(der);
    return text;
}

const char *
maker_certify(const struct maker *authority, EVP_PKEY *key, long serial,
              long days)
{
    X509 *new = begin(key, serial, days);

    assert_int_equal(
        X509_set_issuer_name(new, X509_get_subject_name(authority->root)), 1);
    extend(new, authority->root, NID_basic_constraints, "critical,CA:FALSE");
    extend(new, authority->root, NID_key_usage, "critical,keyEncipherment");
    extend(new, authority->root, NID_ext_key_usage, "2.23.133.8.1");
    extend(new, authority->root, NID_authority_key_identifier, "keyid");
    add_maker_name(new);
    assert_true(X509_sign(new, authority->key, EVP_sha256()) > 0);
    return encode(new);
}

const char *
maker_root_der(const struct maker *authority)
{
    return encode(authority->root);
}
