/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that a hostile network process could hand over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "agent/holdfast/register/enrolment.h"

#define VAULT "8726350008099341699"
#define UUID "0b5e4c86-3f6b-4a57-9c0e-0f5a4ad5a7d1"
#define DAY 86400

struct request {
    EVP_PKEY *key;
    const char *vault;
    const char *alternative; /* subjectAltName as in x509v3_config(5) */
    const char *usage;
    const char *constraints;
    long from, to; /* seconds from now */
};

static EVP_PKEY *authority_key, *machine_key, *other_key;
static X509 *authority;
static STACK_OF(X509) * authorities;

static void
add_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static X509 *
make(const struct request *request, X509 *issuer, EVP_PKEY *issuer_key)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);

    assert_int_equal(X509_set_version(certificate, 2), 1);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7);
    X509_gmtime_adj(X509_getm_notBefore(certificate), request->from);
    X509_gmtime_adj(X509_getm_notAfter(certificate), request->to);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               (const unsigned char *)"machine", -1, -1, 0);
    if (request->vault != NULL)
        X509_NAME_add_entry_by_txt(name, "OU", MBSTRING_ASC,
                                   (const unsigned char *)request->vault, -1,
                                   -1, 0);
    X509_set_issuer_name(certificate,
                         issuer != NULL ? X509_get_subject_name(issuer) : name);
    assert_int_equal(X509_set_pubkey(certificate, request->key), 1);
    add_extension(certificate, NID_basic_constraints, request->constraints);
    if (request->usage != NULL)
        add_extension(certificate, NID_ext_key_usage, request->usage);
    if (request->alternative != NULL)
        add_extension(certificate, NID_subject_alt_name, request->alternative);
    assert_true(X509_sign(certificate, issuer_key, EVP_sha256()) > 0);
    return certificate;
}

static struct request
good(void)
{
    return (struct request){.key = machine_key,
                            .vault = VAULT,
                            .alternative = "URI:urn:uuid:" UUID,
                            .usage = "clientAuth",
                            .constraints = "critical,CA:FALSE",
                            .from = -60,
                            .to = DAY};
}

static int
make_authority(void **state)
{
    struct request request = {.vault = "CA",
                              .constraints = "critical,CA:TRUE",
                              .from = -60,
                              .to = DAY};

    (void)state;
    authority_key = EVP_EC_gen("P-256");
    machine_key = EVP_EC_gen("P-256");
    other_key = EVP_EC_gen("P-256");
    request.key = authority_key;
    authority = make(&request, NULL, authority_key);
    authorities = sk_X509_new_null();
    sk_X509_push(authorities, authority);
    return 0;
}

static int
free_authority(void **state)
{
    (void)state;
    sk_X509_pop_free(authorities, X509_free);
    EVP_PKEY_free(authority_key);
    EVP_PKEY_free(machine_key);
    EVP_PKEY_free(other_key);
    return 0;
}

static enum ks_err
check(const struct request *request, X509 *issuer, EVP_PKEY *issuer_key,
      char uuid[static ENROLMENT_UUID_MAX])
{
    struct err_cause cause;
    X509 *certificate = make(request, issuer, issuer_key);
    enum ks_err rc = enrolment_check(certificate, machine_key, authorities,
                                     VAULT, time(NULL), uuid, &cause);

    X509_free(certificate);
    return rc;
}

static void
refused(const struct request *request)
{
    char uuid[ENROLMENT_UUID_MAX] = "untouched";

    assert_int_equal(check(request, authority, authority_key, uuid),
                     KS_ERR_VAULT_FOREIGN);
}

static void
certificate_for_another_key_is_refused(void **state)
{
    struct request request = good();

    (void)state;
    request.key = other_key;
    refused(&request);
}

static void
certificate_of_another_authority_is_refused(void **state)
{
    struct request ca = {.vault = "CA",
                         .constraints = "critical,CA:TRUE",
                         .from = -60,
                         .to = DAY,
                         .key = other_key};
    struct request request = good();
    X509 *foreign = make(&ca, NULL, other_key);
    char uuid[ENROLMENT_UUID_MAX];

    (void)state;
    assert_int_equal(check(&request, foreign, other_key, uuid),
                     KS_ERR_VAULT_FOREIGN);
    assert_int_equal(check(&request, authority, other_key, uuid),
                     KS_ERR_VAULT_FOREIGN);
    X509_free(foreign);
}

static void
self_signed_certificate_is_refused(void **state)
{
    struct request request = good();
    char uuid[ENROLMENT_UUID_MAX];

    (void)state;
    assert_int_equal(check(&request, NULL, machine_key, uuid),
                     KS_ERR_VAULT_FOREIGN);
}

static void
certificate_of_another_vault_is_refused(void **state)
{
    struct request request = good();

    (void)state;
    request.vault = "8726350008099341698";
    refused(&request);
    request.vault = NULL;
    refused(&request);
}

static void
certificate_out_of_date_is_refused(void **state)
{
    struct request request = good();

    (void)state;
    request.to = -1;
    refused(&request);
    request = good();
    request.from = DAY / 2;
    refused(&request);
}

static void
certificate_of_a_ca_is_refused(void **state)
{
    struct request request = good();

    (void)state;
    request.constraints = "critical,CA:TRUE";
    refused(&request);
}

static void
certificate_for_servers_is_refused(void **state)
{
    struct request request = good();

    (void)state;
    request.usage = "serverAuth";
    refused(&request);
    request.usage = "anyExtendedKeyUsage";
    refused(&request);
}

static void
certificate_that_says_no_usage_is_refused(void **state)
{
    struct request request = good();

    (void)state;
    request.usage = NULL;
    refused(&request);
}

static void
certificate_that_names_no_machine_or_two_is_refused(void **state)
{
    struct request request = good();

    (void)state;
    request.alternative = NULL;
    refused(&request);
    request.alternative = "URI:urn:uuid:not-a-uuid";
    refused(&request);
    request.alternative = "DNS:" UUID;
    refused(&request);
    request.alternative = "URI:urn:uuid:" UUID ",URI:urn:uuid:" UUID;
    refused(&request);
    request.alternative = "URI:urn:uuid:" UUID ",URI:https://localhost/" UUID;
    refused(&request);
}

static void
our_certificate_is_taken_and_names_us(void **state)
{
    struct request request = good();
    char uuid[ENROLMENT_UUID_MAX];

    (void)state;
    assert_int_equal(check(&request, authority, authority_key, uuid), KS_OK);
    assert_string_equal(uuid, UUID);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificate_for_another_key_is_refused),
        cmocka_unit_test(certificate_of_another_authority_is_refused),
        cmocka_unit_test(self_signed_certificate_is_refused),
        cmocka_unit_test(certificate_of_another_vault_is_refused),
        cmocka_unit_test(certificate_out_of_date_is_refused),
        cmocka_unit_test(certificate_of_a_ca_is_refused),
        cmocka_unit_test(certificate_for_servers_is_refused),
        cmocka_unit_test(certificate_that_says_no_usage_is_refused),
        cmocka_unit_test(certificate_that_names_no_machine_or_two_is_refused),
        cmocka_unit_test(our_certificate_is_taken_and_names_us),
    };

    return cmocka_run_group_tests(tests, make_authority, free_authority);
}
