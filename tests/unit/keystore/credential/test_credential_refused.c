/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/credential/parse.h: files that are not taken, each with its own
 * error, and none of them with a trace left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tests/unit/keystore/credential/credential_case.h"

static bool
cause_says(const char *words)
{
    return strstr(credential_case_cause.text, words) != NULL;
}

static char *
edited(const char *from, const char *to)
{
    return fixture_edit(credential_case_xml(), from, to);
}

/* The good file with FROM made TO is refused with RC for WORDS. */
static void
check_refused(const char *from, const char *to, enum ks_err rc,
              const char *words)
{
    assert_int_equal(credential_case_try_text(edited(from, to)), rc);
    assert_true(cause_says(words));
}

static void
check_management(const char *management, enum ks_err rc, const char *words)
{
    assert_int_equal(credential_case_try_text(fixture_xml(management)), rc);
    assert_true(cause_says(words));
}

/* The good file, its root renamed */
static enum ks_err
try_root(const char *root)
{
    char begin[64];
    char end[64];

    (void)snprintf(begin, sizeof begin, "<%s", root);
    (void)snprintf(end, sizeof end, "</%s", root);
    return credential_case_try_text(
        fixture_edit(edited("<RSBackupVaultAADCreds", begin),
                     "</RSBackupVaultAADCreds", end));
}

static void
other_generations_are_named(void **state)
{
    (void)state;
    assert_int_equal(try_root("BackupVaultCreds"), KS_ERR_CRED_GENERATION);
    assert_true(cause_says("Access Control Service"));
    assert_int_equal(try_root("RSVaultAsrCreds"), KS_ERR_CRED_GENERATION);
    assert_true(cause_says("Site Recovery"));
    assert_int_equal(try_root("ASRVaultCreds"), KS_ERR_CRED_GENERATION);
    assert_true(cause_says("Site Recovery"));
}

static void
other_xml_is_refused(void **state)
{
    (void)state;
    assert_int_equal(try_root("rsbackupvaultaadcreds"), KS_ERR_CRED_FORMAT);
    assert_int_equal(try_root("RSBackupVaultAADCreds2"), KS_ERR_CRED_FORMAT);
    assert_int_equal(try_root("html"), KS_ERR_CRED_FORMAT);
    assert_true(cause_says("another kind of XML"));
}

static void
what_is_no_xml_is_refused(void **state)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "garbage",
                                        "{\"Version\": \"2.0\"}",
                                        "<",
                                        "<a",
                                        "<a></b>",
                                        "<a/><b/>",
                                        "\xff\xfe<\0a\0/\0>",
                                        "<?xml version=\"1.0\"?>",
                                        "<a>\x01</a>",
                                        "<a b=\"1\" b=\"2\"/>",
                                        "-----BEGIN CERTIFICATE-----"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(credential_case_try(texts[i], strlen(texts[i])),
                         KS_ERR_CRED_FORMAT);
    assert_int_equal(credential_case_try("<a>\0</a>", 8), KS_ERR_CRED_FORMAT);
}

/* It is UTF-8 whatever it says: the same bytes mean the same everywhere. */
static void
other_encodings_are_not_guessed(void **state)
{
    char *latin = edited("utf-8", "iso-8859-1");

    (void)state;
    assert_int_equal(credential_case_try(latin, strlen(latin)), KS_OK);
    assert_int_equal(
        credential_case_try_text(fixture_edit(latin, "lab1", "lab\xe9")),
        KS_ERR_CRED_FORMAT);
    assert_true(cause_says("not XML"));
}

static void
doctype_is_refused_before_anything_in_it(void **state)
{
    static const char *const doctypes[] = {
        "?>\r\n<!DOCTYPE RSBackupVaultAADCreds>",
        "?>\r\n<!DOCTYPE x [<!ENTITY a \"lab1\">]>",
        "?>\r\n<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>",
        "?>\r\n<!DOCTYPE x SYSTEM \"http://127.0.0.1/x.dtd\">",
        "?>\r\n<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">"
        "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
        "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]>"};

    (void)state;
    for (size_t i = 0; i < sizeof doctypes / sizeof doctypes[0]; i++)
        check_refused("?>", doctypes[i], KS_ERR_CRED_FORMAT, "DOCTYPE");
    check_refused("lab1", "&a;", KS_ERR_CRED_FORMAT, "entity");
}

static void
missing_element_is_named(void **state)
{
    static const char *const elements[] = {"Version",
                                           "SubscriptionId",
                                           "ResourceType",
                                           "ResourceName",
                                           "ManagementCert",
                                           "ResourceId",
                                           "ResourceGroup",
                                           "Location",
                                           "AadAuthority",
                                           "AadTenantId",
                                           "ServicePrincipalClientId",
                                           "IdMgmtRestEndpoint"};

    (void)state;
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
        char begin[64];
        char end[64];

        (void)snprintf(begin, sizeof begin, "<%s>", elements[i]);
        (void)snprintf(end, sizeof end, "</%s>", elements[i]);
        assert_int_equal(credential_case_try_text(
                             fixture_edit(edited(begin, "<X>"), end, "</X>")),
                         KS_ERR_CRED_FORMAT);
        assert_true(cause_says(elements[i]));
        assert_true(cause_says("missing"));
    }
}

static void
element_that_is_twice_there_is_named(void **state)
{
    (void)state;
    check_refused("<Location>", "<Location>westus</Location><Location>",
                  KS_ERR_CRED_FORMAT, "Location is there twice");
    check_refused("<Location>", "<Location/><Location>", KS_ERR_CRED_FORMAT,
                  "Location is there twice");
    check_refused("<Location>", "<x:Location>a</x:Location><Location>",
                  KS_ERR_CRED_FORMAT, "Location is there twice");
    check_refused("<ManagementCert>",
                  "<ManagementCert>AAAA</ManagementCert><ManagementCert>",
                  KS_ERR_CRED_FORMAT, "ManagementCert is there twice");
}

static void
element_in_an_element_is_refused(void **state)
{
    (void)state;
    check_refused("lab1<", "lab<b>1</b><", KS_ERR_CRED_FORMAT,
                  "ResourceName has elements");
    check_refused("<ManagementCert>", "<ManagementCert><b/>",
                  KS_ERR_CRED_FORMAT, "ManagementCert has elements");
}

static void
bad_value_is_named_by_its_element(void **state)
{
    (void)state;
    check_refused(">2.0<", ">1.0<", KS_ERR_CRED_FORMAT, "Version");
    check_refused("87263500", "x", KS_ERR_CRED_FORMAT, "ResourceId");
    check_refused("f5303a0b-", "", KS_ERR_CRED_FORMAT, "SubscriptionId");
    check_refused("lab1<", "lab&#27;[2J<", KS_ERR_CRED_FORMAT, "");
    check_refused("lab1<", "lab\n1<", KS_ERR_CRED_FORMAT, "ResourceName");
    check_refused("lab1<", "lab&#x202e;1<", KS_ERR_CRED_FORMAT, "ResourceName");
    check_refused("lab1<", "lab&#x9b;1<", KS_ERR_CRED_FORMAT, "ResourceName");
    check_refused("lab1<", "lab\xff<", KS_ERR_CRED_FORMAT, "not XML");
}

static void
file_cut_off_anywhere_is_refused(void **state)
{
    char *text = credential_case_xml();
    size_t length = strlen(text);

    (void)state;
    for (size_t i = 0; i < length; i++)
        assert_int_equal(credential_case_try(text, i), KS_ERR_CRED_FORMAT);
    free(text);
}

/* Whatever a byte becomes: a refusal or a whole credential. */
static void
altered_file_is_refused_or_whole(void **state)
{
    static const char bytes[] = {'\0', '<', '&', ']', '\xff', 'A'};
    char *text = credential_case_xml();
    size_t length = strlen(text);

    (void)state;
    for (size_t i = 0; i < length; i += 7) {
        char before = text[i];

        text[i] = bytes[i % sizeof bytes];
        (void)credential_case_try(text, length);
        text[i] = before;
    }
    free(text);
}

static void
too_much_of_anything_is_refused(void **state)
{
    char *text = calloc(1, CREDENTIAL_FILE_MAX + 1);
    char attributes[1024] = "<New";

    (void)state;
    memset(text, ' ', CREDENTIAL_FILE_MAX + 1);
    assert_int_equal(credential_case_try(text, CREDENTIAL_FILE_MAX + 1),
                     KS_ERR_CRED_FORMAT);
    assert_true(cause_says("too long"));
    for (int i = 0; i < 33; i++)
        (void)sprintf(attributes + strlen(attributes), " a%d=\"\"", i);
    (void)strcat(attributes, "/><Location>");
    check_refused("<Location>", attributes, KS_ERR_CRED_FORMAT,
                  "too many attributes");
    check_refused("<Location>",
                  "<a><b><c><d><e><f><g><h/></g></f></e></d></c></b></a>"
                  "<Location>",
                  KS_ERR_CRED_FORMAT, "too deep");
    memset(text, 'a', CREDENTIAL_TEXT_MAX);
    text[CREDENTIAL_TEXT_MAX] = '\0';
    check_refused("lab1", text, KS_ERR_CRED_FORMAT, "ResourceName is too long");
    memset(text, 'A', 64 * 1024 + 4);
    text[64 * 1024 + 4] = '\0';
    check_management(text, KS_ERR_CRED_FORMAT, "ManagementCert is too long");
    free(text);
}

static void
management_that_is_no_pfx_is_told_apart(void **state)
{
    struct fixture_bytes der = fixture_certificate_der(
        credential_case_certificate);
    char *bare = fixture_base64(der.bytes, der.length);
    char *twice = fixture_base64((const uint8_t *)credential_case_base64,
                                 strlen(credential_case_base64));

    (void)state;
    check_management("", KS_ERR_CRED_FORMAT, "ManagementCert is missing");
    check_management(" \r\n ", KS_ERR_CRED_FORMAT, "ManagementCert is missing");
    check_management("not base64!", KS_ERR_CRED_FORMAT, "not base64");
    check_management("AAA", KS_ERR_CRED_FORMAT, "not base64");
    check_management("AAAA", KS_ERR_CRED_FORMAT, "not a PFX");
    check_management(twice, KS_ERR_CRED_FORMAT, "base64 of base64");
    check_management(bare, KS_ERR_CRED_NO_KEY, "bare certificate");
    free(twice);
    free(bare);
    fixture_free(&der);
}

int
main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, credential_case_setup,               \
                                    credential_case_teardown)
    const struct CMUnitTest tests[] = {
        TEST(other_generations_are_named),
        TEST(other_xml_is_refused),
        TEST(what_is_no_xml_is_refused),
        TEST(other_encodings_are_not_guessed),
        TEST(doctype_is_refused_before_anything_in_it),
        TEST(missing_element_is_named),
        TEST(element_that_is_twice_there_is_named),
        TEST(element_in_an_element_is_refused),
        TEST(bad_value_is_named_by_its_element),
        TEST(file_cut_off_anywhere_is_refused),
        TEST(altered_file_is_refused_or_whole),
        TEST(too_much_of_anything_is_refused),
        TEST(management_that_is_no_pfx_is_told_apart),
    };

    return cmocka_run_group_tests(tests, credential_case_make,
                                  credential_case_free);
}
