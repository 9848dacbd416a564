/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's certificate and its CA, held to the profile of M4 in every
 * field that the page names. */
#include "tests/vault/rules/rules.h"

#include <string.h>

#include <openssl/x509v3.h>

#define DAY (24L * 3600)

static struct customer *
make_registered(void)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");

    customer_register(customer);
    return customer;
}

static X509 *
fetch_ca(const struct customer *customer)
{
    const struct reply *reply = customer_cacerts(customer);
    const char *type = reply_header(reply, "Content-Type");

    expect_status(reply, 200);
    assert_non_null(type);
    assert_memory_equal(type, "application/pkcs7-mime", 22);
    return machine_certificate(reply->body);
}

static void
ca_of_no_vault_is_not_delivered(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    struct credential *credential = customer->credential;

    (void)state;
    credential->vault = "1234567890";
    expect_refused(customer_cacerts(customer), "absent");
}

static void
ca_is_a_p256_authority(void **state)
{
    struct customer *customer = customer_new(service_fresh_vault(), "one");
    X509 *ca = fetch_ca(customer);
    char group[32] = "";

    (void)state;
    assert_int_equal(EVP_PKEY_get_group_name(X509_get0_pubkey(ca), group,
                                             sizeof group, NULL),
                     1);
    assert_string_equal(group, "prime256v1");
    assert_true(X509_check_ca(ca) == 1);
    assert_int_equal(X509_verify(ca, X509_get0_pubkey(ca)), 1);
    assert_true(machine_time(X509_get0_notAfter(ca)) >
                service_now() + 366 * DAY);
}

static void
certificate_is_signed_by_the_ca_that_is_delivered(void **state)
{
    struct customer *customer = make_registered();
    X509 *ca = fetch_ca(customer);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();

    (void)state;
    assert_int_equal(X509_STORE_add_cert(store, ca), 1);
    assert_int_equal(
        X509_STORE_CTX_init(context, store, customer->machine, NULL), 1);
    X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_CLIENT);
    X509_STORE_CTX_set_flags(context, X509_V_FLAG_X509_STRICT);
    if (X509_verify_cert(context) != 1)
        fail_msg("%s", X509_verify_cert_error_string(
                           X509_STORE_CTX_get_error(context)));
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    assert_int_equal(X509_verify(customer->machine, X509_get0_pubkey(ca)), 1);
}

static void
subject_names_vault_and_machine(void **state)
{
    struct customer *customer = make_registered();
    X509 *machine = customer->machine;
    const char *uuid = machine_uuid(machine);

    (void)state;
    assert_int_equal(X509_NAME_entry_count(X509_get_subject_name(machine)), 3);
    assert_string_equal(machine_subject(machine, NID_organizationName),
                        customer->vault.name);
    assert_string_equal(machine_subject(machine, NID_organizationalUnitName),
                        customer->vault.id);
    assert_int_equal(strlen(uuid), 36);
    assert_int_equal(strspn(uuid, "0123456789abcdef-"), 36);
    assert_int_equal(uuid[14], '4');
}

static void
alternative_name_is_the_uuid_only(void **state)
{
    struct customer *customer = make_registered();
    GENERAL_NAMES *names = X509_get_ext_d2i(customer->machine,
                                            NID_subject_alt_name, NULL, NULL);
    const GENERAL_NAME *name;

    (void)state;
    assert_non_null(names);
    assert_int_equal(sk_GENERAL_NAME_num(names), 1);
    name = sk_GENERAL_NAME_value(names, 0);
    assert_int_equal(name->type, GEN_URI);
    assert_string_equal(
        (const char *)ASN1_STRING_get0_data(name->d.uniformResourceIdentifier),
        kept_format("urn:uuid:%s", machine_uuid(customer->machine)));
    GENERAL_NAMES_free(names);
}

static void
usage_is_client_authentication_only(void **state)
{
    struct customer *customer = make_registered();
    EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(customer->machine,
                                                 NID_ext_key_usage, NULL, NULL);
    BASIC_CONSTRAINTS *basic = X509_get_ext_d2i(
        customer->machine, NID_basic_constraints, NULL, NULL);

    (void)state;
    assert_non_null(usage);
    assert_int_equal(sk_ASN1_OBJECT_num(usage), 1);
    assert_int_equal(OBJ_obj2nid(sk_ASN1_OBJECT_value(usage, 0)),
                     NID_client_auth);
    assert_non_null(basic);
    assert_false(basic->ca);
    EXTENDED_KEY_USAGE_free(usage);
    BASIC_CONSTRAINTS_free(basic);
}

static void
certificate_lives_one_year(void **state)
{
    struct customer *customer = make_registered();
    long from = machine_time(X509_get0_notBefore(customer->machine));
    long to = machine_time(X509_get0_notAfter(customer->machine));

    (void)state;
    assert_in_range(from, service_now() - 3600, service_now());
    assert_in_range(to, service_now() + 364 * DAY, service_now() + 366 * DAY);
}

static void
serial_numbers_are_long_and_differ(void **state)
{
    struct customer *first = customer_new(service_fresh_vault(), "several");
    struct customer *second = customer_copy(first);
    const ASN1_INTEGER *serial;

    (void)state;
    customer_register(first);
    customer_register(second);
    serial = X509_get0_serialNumber(first->machine);
    assert_int_not_equal(
        ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(second->machine)), 0);
    /* 64 random bits, of which some may be leading zeros; positive. */
    assert_in_range(ASN1_STRING_length(serial), 7, 20);
    assert_int_equal(ASN1_STRING_type(serial), V_ASN1_INTEGER);
}

/* What a request asks for beyond its key is not granted. */
static void
request_decides_nothing_but_the_key(void **state)
{
    struct customer *customer = make_registered();

    (void)state;
    assert_int_equal(
        EVP_PKEY_eq(X509_get0_pubkey(customer->machine), customer->machine_key),
        1);
    assert_string_not_equal(machine_uuid(customer->machine),
                            "what the machine wants");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(ca_of_no_vault_is_not_delivered),
        rule(ca_is_a_p256_authority),
        rule(certificate_is_signed_by_the_ca_that_is_delivered),
        rule(subject_names_vault_and_machine),
        rule(alternative_name_is_the_uuid_only),
        rule(usage_is_client_authentication_only),
        rule(certificate_lives_one_year),
        rule(serial_numbers_are_long_and_differ),
        rule(request_decides_nothing_but_the_key),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
