/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/credential/parse.h: every way in which a current credential file has
 * been or may be written. */
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

#define AUDIENCE                                                               \
    "<AadAudience>https://RecoveryServiceVault/westus/lab1/"                   \
    "8726350008099341699</AadAudience>"

static void
check_accepted(char *text)
{
    assert_int_equal(credential_case_try_text(text), KS_OK);
    assert_string_equal(credential_case_field(CREDENTIAL_RESOURCE_ID),
                        "8726350008099341699");
}

static char *
edited(const char *from, const char *to)
{
    return fixture_edit(credential_case_xml(), from, to);
}

/* TEXT, which is freed, with every FROM made TO, which is not longer. */
static char *
without(char *text, const char *from, const char *to)
{
    for (char *at = text; (at = strstr(at, from)) != NULL; at += strlen(to)) {
        memcpy(at, to, strlen(to));
        memmove(at + strlen(to), at + strlen(from),
                strlen(at + strlen(from)) + 1);
    }
    return text;
}

static void
file_of_the_generator_is_read_whole(void **state)
{
    char *text = credential_case_xml();
    struct secret *file = fixture_secret(text, strlen(text));
    struct fixture_bytes pkcs8 = fixture_pkcs8(credential_case_key);
    struct credential *credential = NULL;
    struct secret *key = NULL;

    (void)state;
    assert_int_equal(credential_parse(file, &credential, &key, NULL), KS_OK);
    for (size_t i = 0; i < CREDENTIAL__MAX; i++)
        assert_true(*credential->text[i] != '\0');
    assert_string_equal(credential->text[CREDENTIAL_ENDPOINT],
                        "https://pod01-id1.wus.backup.windowsazure.com"
                        "/restapi/");
    assert_string_equal(credential->text[CREDENTIAL_RESOURCE_NAME], "lab1");
    assert_string_equal(credential->text[CREDENTIAL_PRIVATE_ENDPOINT], "None");
    assert_int_equal(
        X509_cmp(credential->certificate, credential_case_certificate), 0);
    assert_int_equal(secret_length(key), pkcs8.length);
    assert_memory_equal(secret_bytes(key), pkcs8.bytes, pkcs8.length);
    fixture_free(&pkcs8);
    secret_free(&key);
    secret_free(&file);
    credential_free(&credential);
    free(text);
}

static void
line_ends_do_not_matter(void **state)
{
    (void)state;
    check_accepted(without(credential_case_xml(), "\r\n", "\n"));
    check_accepted(without(credential_case_xml(), "\r\n", " "));
    check_accepted(
        without(without(credential_case_xml(), ">\r\n", ">"), "  <", "<"));
}

static void
byte_order_mark_is_passed_over(void **state)
{
    (void)state;
    check_accepted(edited("<?xml", "\xef\xbb\xbf<?xml"));
}

static void
declaration_may_be_absent_or_name_utf8_otherwise(void **state)
{
    (void)state;
    check_accepted(
        edited("<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n", ""));
    check_accepted(edited("utf-8", "UTF-8"));
}

static void
optional_elements_may_be_empty_or_nil_or_absent(void **state)
{
    static const char *const instead[] = {"", "<AadAudience/>",
                                          "<AadAudience></AadAudience>",
                                          "<AadAudience i:nil=\"true\" />"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        check_accepted(edited(AUDIENCE, instead[i]));
        assert_string_equal(credential_case_field(CREDENTIAL_AAD_AUDIENCE), "");
        assert_string_equal(credential_case_field(CREDENTIAL_LOCATION),
                            "westus");
    }
    check_accepted(edited("<PrivateEndpointStateForBackup>None"
                          "</PrivateEndpointStateForBackup>",
                          ""));
    check_accepted(edited("<ProviderNamespace>Microsoft.RecoveryServices"
                          "</ProviderNamespace>",
                          "<ProviderNamespace />"));
}

/* Readers have always matched local names. */
static void
prefixes_and_namespaces_do_not_matter(void **state)
{
    (void)state;
    check_accepted(
        without(fixture_edit(fixture_edit(edited("<RSBackup", "<a:RSBackup"),
                                          "</RSBackup", "</a:RSBackup"),
                             "xmlns=\"", "xmlns:a=\""),
                "\r\n", "\n"));
    check_accepted(edited("<Location>westus</Location>",
                          "<b:Location>westus</b:Location>"));
    check_accepted(edited("Azure.Portal.RecoveryServices.Models.Common",
                          "Azure.Commands.AzureBackup.Models"));
}

static void
unknown_elements_are_passed_over(void **state)
{
    (void)state;
    check_accepted(edited("<Location>",
                          "<New>text<Inner a=\"1\"><Version>9.9</Version>"
                          "</Inner></New><Location>"));
    assert_string_equal(credential_case_field(CREDENTIAL_VERSION), "2.0");
    check_accepted(edited("<Location>", "<New/><New/><!-- --><Location>"));
}

static void
order_of_elements_does_not_matter(void **state)
{
    (void)state;
    check_accepted(fixture_edit(
        edited("<Location>westus</Location>", ""), "<Version>2.0</Version>",
        "<Location>westus</Location><Version>2.0</Version>"));
}

static void
wrapped_base64_is_read(void **state)
{
    size_t length = strlen(credential_case_base64);
    char *wrapped = calloc(1, 2 * length + 16);
    size_t written = 0;

    (void)state;
    for (size_t i = 0; i < length; i++) {
        if (i % 76 == 0)
            written += (size_t)sprintf(wrapped + written, "\r\n    ");
        wrapped[written++] = credential_case_base64[i];
    }
    (void)strcpy(wrapped + written, "\r\n  ");
    check_accepted(fixture_xml(wrapped));
    free(wrapped);
}

static void
text_may_come_in_pieces(void **state)
{
    char begin[16];
    char pieces[64];

    (void)state;
    (void)snprintf(begin, sizeof begin, "%.12s", credential_case_base64);
    (void)snprintf(pieces, sizeof pieces, "<!-- a --><![CDATA[%s]]><?b c?>",
                   begin);
    check_accepted(edited(begin, pieces));
}

static void
references_become_characters(void **state)
{
    (void)state;
    check_accepted(edited("lab1<", "lab &amp; &#x41;&#233;&lt;1&gt;<"));
    assert_string_equal(credential_case_field(CREDENTIAL_RESOURCE_NAME),
                        "lab & A\xc3\xa9<1>");
    check_accepted(edited("lab1<", "Gew\xc3\xb6lbe \xe9\x87\x91<"));
    assert_string_equal(credential_case_field(CREDENTIAL_RESOURCE_NAME),
                        "Gew\xc3\xb6lbe \xe9\x87\x91");
}

static void
limits_are_inclusive(void **state)
{
    char *text = credential_case_xml();
    size_t length = strlen(text);
    char *whole = malloc(CREDENTIAL_FILE_MAX);
    char attributes[1024] = "<New";

    (void)state;
    memset(whole, '\n', CREDENTIAL_FILE_MAX);
    memcpy(whole, text, length);
    assert_int_equal(credential_case_try(whole, CREDENTIAL_FILE_MAX), KS_OK);
    free(whole);
    free(text);
    for (int i = 0; i < 32; i++)
        (void)sprintf(attributes + strlen(attributes), " a%d=\"\"", i);
    (void)strcat(attributes, "/><Location>");
    check_accepted(edited("<Location>", attributes));
    check_accepted(edited("<Location>", "<a><b><c><d><e><f><g/></f></e></d>"
                                        "</c></b></a><Location>"));
}

int
main(void)
{
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, credential_case_setup,               \
                                    credential_case_teardown)
    const struct CMUnitTest tests[] = {
        TEST(file_of_the_generator_is_read_whole),
        TEST(line_ends_do_not_matter),
        TEST(byte_order_mark_is_passed_over),
        TEST(declaration_may_be_absent_or_name_utf8_otherwise),
        TEST(optional_elements_may_be_empty_or_nil_or_absent),
        TEST(prefixes_and_namespaces_do_not_matter),
        TEST(unknown_elements_are_passed_over),
        TEST(order_of_elements_does_not_matter),
        TEST(wrapped_base64_is_read),
        TEST(text_may_come_in_pieces),
        TEST(references_become_characters),
        TEST(limits_are_inclusive),
    };

    return cmocka_run_group_tests(tests, credential_case_make,
                                  credential_case_free);
}
