/* SPDX-License-Identifier: Apache-2.0 */
/* M0's product, byte for byte as the current generation of the real file is
 * written: XML, certificate, and a PFX as Windows makes it. */
#include "tests/vault/rules/rules.h"

#include <string.h>
#include <time.h>

#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>

#define NAMESPACE                                                              \
    "http://schemas.datacontract.org/2004/07/"                                 \
    "Microsoft.Azure.Portal.RecoveryServices.Models.Common"
#define INSTANCE "http://www.w3.org/2001/XMLSchema-instance"
#define WINDOWS_ITERATIONS 2000

/* The elements of Version 2.0 in the order of the data contract. */
static const char *const elements[] = {"Version",
                                       "SubscriptionId",
                                       "ResourceType",
                                       "ResourceName",
                                       "ManagementCert",
                                       "ResourceId",
                                       "ResourceGroup",
                                       "Location",
                                       "ProviderNamespace",
                                       "AadAuthority",
                                       "AadTenantId",
                                       "AadAudience",
                                       "ServicePrincipalClientId",
                                       "IdMgmtRestEndpoint",
                                       "AgentLinks",
                                       "PrivateEndpointStateForBackup"};

static struct credential *
make_file(void)
{
    return credential_read(
        service_download(service_fresh_vault(), "several", "rsa2048"));
}

/* What XmlWriter makes of these fields with Indent and NewLineOnAttributes. */
static const char *
write_as_windows_does(const struct credential *file, const char *end)
{
    const char *text = kept_format(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>%s<RSBackupVaultAADCreds%s"
        "  xmlns:i=\"%s\"%s  xmlns=\"%s\">%s",
        end, end, INSTANCE, end, NAMESPACE, end);

    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
        text = kept_format("%s  <%s>%s</%s>%s", text, elements[i],
                           credential_field(file, elements[i]), elements[i],
                           end);
    return kept_format("%s</RSBackupVaultAADCreds>", text);
}

static void
file_is_written_byte_for_byte(void **state)
{
    struct credential *file = make_file();
    const char *end = strchr(file->text, '\r') != NULL ? "\r\n" : "\n";

    (void)state;
    assert_string_equal(file->text, write_as_windows_does(file, end));
}

static void
fields_have_their_fixed_values(void **state)
{
    struct credential *file = make_file();

    (void)state;
    assert_string_equal(credential_field(file, "Version"), "2.0");
    assert_string_equal(credential_field(file, "ResourceType"), "Vaults");
    assert_string_equal(credential_field(file, "ProviderNamespace"),
                        "Microsoft.RecoveryServices");
    assert_string_equal(credential_field(file, "PrivateEndpointStateForBackup"),
                        "None");
    assert_int_equal(strlen(credential_field(file, "SubscriptionId")), 36);
    assert_int_equal(strlen(file->tenant), 36);
    assert_int_equal(strlen(file->client_id), 36);
    assert_true(strlen(file->audience) > 0);
}

static void
endpoints_are_those_of_this_service(void **state)
{
    struct vault vault = service_fresh_vault();
    struct credential *file = credential_read(
        service_download(vault, "one", "p256"));

    (void)state;
    assert_string_equal(file->name, vault.name);
    assert_string_equal(file->vault, vault.id);
    assert_string_equal(file->origin, service_url());
    assert_int_equal(file->endpoint[strlen(file->endpoint) - 1], '/');
    assert_memory_equal(file->authority, service_url(), strlen(service_url()));
    assert_int_not_equal(file->authority[strlen(file->authority) - 1], '/');
}

/* Fits a signed 64-bit integer, and may be beyond what a double holds. */
static void
resource_id_is_a_64_bit_number(void **state)
{
    const char *id = service_fresh_vault().id;

    (void)state;
    assert_int_equal(strspn(id, "0123456789"), strlen(id));
    assert_in_range(strlen(id), 1, 19);
    assert_true(strlen(id) < 19 || strcmp(id, "9223372036854775807") <= 0);
}

static void
name_of_the_file_carries_vault_and_date(void **state)
{
    struct vault vault = service_fresh_vault();
    const char *path = service_download(vault, "one", "p256");
    const char *name = strrchr(path, '/') + 1;
    bool matches = false;

    (void)state;
    /* The day may have changed since. */
    for (long ago = 0; ago <= 60; ago += 60) {
        const time_t when = service_now() - ago;
        struct tm tm;
        char date[32];

        assert_non_null(gmtime_r(&when, &tm));
        assert_true(strftime(date, sizeof date, "%a %b %d %Y", &tm) > 0);
        matches |= strcmp(name, kept_format("%s_%s.VaultCredentials",
                                            vault.name, date)) == 0;
    }
    if (!matches)
        fail_msg("%s", name);
}

static void
certificate_is_like_microsofts(void **state)
{
    static const uint8_t name[] = "Windows Azure Tools";
    struct credential *file = make_file();
    X509 *certificate = file->certificate;
    EXTENDED_KEY_USAGE *usage;
    int critical = -1;

    (void)state;
    assert_string_equal(machine_subject(certificate, NID_commonName),
                        (const char *)name);
    assert_int_equal(X509_NAME_entry_count(X509_get_subject_name(certificate)),
                     1);
    assert_int_equal(X509_NAME_cmp(X509_get_subject_name(certificate),
                                   X509_get_issuer_name(certificate)),
                     0);
    assert_int_equal(X509_verify(certificate, file->key), 1);
    assert_int_equal(X509_get_version(certificate), X509_VERSION_3);
    assert_int_equal(X509_get_ext_count(certificate), 1);
    usage = X509_get_ext_d2i(certificate, NID_ext_key_usage, &critical, NULL);
    assert_non_null(usage);
    assert_int_equal(critical, 0);
    assert_int_equal(sk_ASN1_OBJECT_num(usage), 1);
    assert_int_equal(OBJ_obj2nid(sk_ASN1_OBJECT_value(usage, 0)),
                     NID_client_auth);
    EXTENDED_KEY_USAGE_free(usage);
    assert_in_range(ASN1_STRING_length(X509_get0_serialNumber(certificate)), 14,
                    16);
}

static void
certificate_starts_ten_minutes_back_and_ends_after_48_hours(void **state)
{
    struct credential *file = make_file();
    long from = machine_time(X509_get0_notBefore(file->certificate));
    long to = machine_time(X509_get0_notAfter(file->certificate));

    (void)state;
    assert_int_equal(to - from, 48 * 3600 + 600);
    assert_in_range(from, service_now() - 600 - 60, service_now() - 600);
}

static void
key_is_rsa_2048_and_new_each_time(void **state)
{
    struct vault vault = service_fresh_vault();
    struct credential *first = credential_read(
        service_download(vault, "one", "rsa2048"));
    struct credential *second = credential_read(
        service_download(vault, "one", "rsa2048"));
    BIGNUM *exponent = NULL;

    (void)state;
    assert_true(EVP_PKEY_is_a(first->key, "RSA"));
    assert_int_equal(EVP_PKEY_get_bits(first->key), 2048);
    assert_int_equal(EVP_PKEY_get_bn_param(first->key, "e", &exponent), 1);
    assert_true(BN_is_word(exponent, 65537));
    BN_free(exponent);
    assert_int_equal(EVP_PKEY_eq(first->key, second->key), 0);
    assert_int_not_equal(
        ASN1_INTEGER_cmp(X509_get0_serialNumber(first->certificate),
                         X509_get0_serialNumber(second->certificate)),
        0);
}

static void
assert_pbe(const X509_ALGOR *algorithm, int wanted)
{
    const ASN1_OBJECT *object;
    const void *parameter;
    int type;
    PBEPARAM *pbe;

    X509_ALGOR_get0(&object, &type, &parameter, algorithm);
    assert_int_equal(OBJ_obj2nid(object), wanted);
    assert_int_equal(type, V_ASN1_SEQUENCE);
    pbe = ASN1_item_unpack(parameter, ASN1_ITEM_rptr(PBEPARAM));
    assert_non_null(pbe);
    assert_int_equal(ASN1_INTEGER_get(pbe->iter), WINDOWS_ITERATIONS);
    PBEPARAM_free(pbe);
}

/* One safe with the shrouded key in the clear, one encrypted as a whole. */
static void
check_safe(PKCS7 *safe, size_t *keys, size_t *encrypted)
{
    STACK_OF(PKCS12_SAFEBAG) * bags;
    const X509_ALGOR *algorithm;

    if (PKCS7_type_is_encrypted(safe)) {
        assert_pbe(safe->d.encrypted->enc_data->algorithm,
                   NID_pbe_WithSHA1And40BitRC2_CBC);
        ++*encrypted;
        return;
    }
    bags = PKCS12_unpack_p7data(safe);
    assert_int_equal(sk_PKCS12_SAFEBAG_num(bags), 1);
    assert_int_equal(PKCS12_SAFEBAG_get_nid(sk_PKCS12_SAFEBAG_value(bags, 0)),
                     NID_pkcs8ShroudedKeyBag);
    X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(sk_PKCS12_SAFEBAG_value(bags, 0)),
                  &algorithm, NULL);
    assert_pbe(algorithm, NID_pbe_WithSHA1And3_Key_TripleDES_CBC);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    ++*keys;
}

static void
pfx_is_made_as_windows_does(void **state)
{
    PKCS12 *pfx = credential_pfx(make_file());
    STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(pfx);
    const X509_ALGOR *algorithm;
    const ASN1_OBJECT *digest;
    const ASN1_INTEGER *iterations;
    size_t keys = 0, encrypted = 0;

    (void)state;
    PKCS12_get0_mac(NULL, &algorithm, NULL, &iterations, pfx);
    X509_ALGOR_get0(&digest, NULL, NULL, algorithm);
    assert_int_equal(OBJ_obj2nid(digest), NID_sha1);
    assert_int_equal(ASN1_INTEGER_get(iterations), WINDOWS_ITERATIONS);
    for (int i = 0; i < sk_PKCS7_num(safes); i++)
        check_safe(sk_PKCS7_value(safes, i), &keys, &encrypted);
    assert_int_equal(keys, 1);
    assert_int_equal(encrypted, 1);
    sk_PKCS7_pop_free(safes, PKCS7_free);
    PKCS12_free(pfx);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        rule(file_is_written_byte_for_byte),
        rule(fields_have_their_fixed_values),
        rule(endpoints_are_those_of_this_service),
        rule(resource_id_is_a_64_bit_number),
        rule(name_of_the_file_carries_vault_and_date),
        rule(certificate_is_like_microsofts),
        rule(certificate_starts_ten_minutes_back_and_ends_after_48_hours),
        rule(key_is_rsa_2048_and_new_each_time),
        rule(pfx_is_made_as_windows_does),
    };

    return cmocka_run_group_tests(tests, service_start, service_stop);
}
