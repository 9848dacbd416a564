/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/credential/credential.h: what each field must look like, and that no
 * value gets into an error's text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "keystore/credential/credential.h"

static struct credential *credential;
static struct err_cause cause;

static int
setup(void **state)
{
    (void)state;
    credential = credential_new();
    return credential != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    credential_free(&credential);
    return 0;
}

/* Refused, by its element's name, and without leaving anything behind */
static void
check_refused(enum credential_field field, const char *text)
{
    char before[CREDENTIAL_TEXT_MAX];

    (void)snprintf(before, sizeof before, "%s", credential->text[field]);
    assert_int_equal(credential_set(credential, field, text, &cause),
                     KS_ERR_CRED_FORMAT);
    assert_non_null(strstr(cause.text, credential_element(field)));
    /* shorter ones are in our words by chance */
    if (strlen(text) > 4)
        assert_null(strstr(cause.text, text));
    assert_string_equal(credential->text[field], before);
}

static void
check_accepted(enum credential_field field, const char *text)
{
    assert_int_equal(credential_set(credential, field, text, &cause), KS_OK);
    assert_string_equal(credential->text[field], text);
}

static void
control_characters_are_refused_everywhere(void **state)
{
    static const char *const texts[] = {"\001",
                                        "a\tb",
                                        "a\nb",
                                        "a\rb",
                                        "\033[2J",
                                        "a\x7f",
                                        "a\xc2\x80",
                                        "a\xc2\x9b"
                                        "2J",
                                        "a\xd8\x9c",
                                        "\xe2\x80\x8e",
                                        "\xe2\x80\x8f",
                                        "\xe2\x80\xa8",
                                        "\xe2\x80\xaetxt",
                                        "\xe2\x81\xa6",
                                        "\xe2\x81\xa9",
                                        "\xef\xbb\xbf"
                                        "a"};

    (void)state;
    for (int field = 0; field < CREDENTIAL__MAX; field++)
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
            check_refused((enum credential_field)field, texts[i]);
}

static void
ill_formed_utf8_is_refused(void **state)
{
    static const char *const texts[] = {"\x80",
                                        "a\xbf",
                                        "\xc3",
                                        "\xc3(",
                                        "\xc0\xaf",
                                        "\xc1\xbf",
                                        "\xe0\x80\xaf",
                                        "\xe2\x82",
                                        "\xe2(\xa1",
                                        "\xed\xa0\x80",
                                        "\xed\xbf\xbf",
                                        "\xf0\x80\x80\xaf",
                                        "\xf0\x9f\x98",
                                        "\xf4\x90\x80\x80",
                                        "\xf8\x88\x80\x80\x80",
                                        "\xfe",
                                        "\xff"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        check_refused(CREDENTIAL_RESOURCE_NAME, texts[i]);
}

static void
too_long_a_text_is_refused(void **state)
{
    char text[CREDENTIAL_TEXT_MAX + 1];

    (void)state;
    memset(text, 'a', sizeof text);
    text[CREDENTIAL_TEXT_MAX] = '\0';
    check_refused(CREDENTIAL_RESOURCE_NAME, text);
    text[CREDENTIAL_TEXT_MAX - 1] = '\0';
    check_accepted(CREDENTIAL_RESOURCE_NAME, text);
}

static void
what_is_no_guid_is_refused(void **state)
{
    static const enum credential_field fields[] = {CREDENTIAL_SUBSCRIPTION_ID,
                                                   CREDENTIAL_AAD_TENANT_ID,
                                                   CREDENTIAL_CLIENT_ID};
    static const char *const texts[] = {"f5303a0b-0000-4000-8000-33222a0a5b4",
                                        "f5303a0b-0000-4000-8000-33222a0a5b4cc",
                                        "{5303a0b-0000-4000-8000-33222a0a5b4}",
                                        "g5303a0b-0000-4000-8000-33222a0a5b4c",
                                        "f5303a0b00000-4000-8000-33222a0a5b4c",
                                        "f5303a0b-0000-4000-8000/33222a0a5b4c",
                                        "../../..",
                                        "-"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < sizeof texts / sizeof texts[0]; j++)
            check_refused(fields[i], texts[j]);
        check_accepted(fields[i], "f5303a0b-0000-4000-8000-33222a0a5b4c");
        check_accepted(fields[i], "F5303A0B-0000-4000-8000-33222A0A5B4C");
    }
}

static void
what_is_no_64_bit_number_is_refused(void **state)
{
    static const char *const texts[] = {"9223372036854775808",
                                        "-9223372036854775809",
                                        "007",
                                        "+7",
                                        " 7",
                                        "7 ",
                                        "-0",
                                        "0x7",
                                        "7.0",
                                        "7e3",
                                        "seven",
                                        "-",
                                        "1/2"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        check_refused(CREDENTIAL_RESOURCE_ID, texts[i]);
    check_accepted(CREDENTIAL_RESOURCE_ID, "8726350008099341699");
    check_accepted(CREDENTIAL_RESOURCE_ID, "9223372036854775807");
    check_accepted(CREDENTIAL_RESOURCE_ID, "-9223372036854775808");
    check_accepted(CREDENTIAL_RESOURCE_ID, "0");
}

static void
what_cannot_be_in_a_uri_is_refused(void **state)
{
    static const enum credential_field fields[] = {
        CREDENTIAL_AAD_AUTHORITY, CREDENTIAL_AAD_AUDIENCE, CREDENTIAL_ENDPOINT};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        check_refused(fields[i], "https://a b");
        check_refused(fields[i], "https://a\"");
        check_refused(fields[i], "https://a\\");
        check_refused(fields[i], "https://<a>");
        check_refused(fields[i], "https://\xc3\xa4");
        check_accepted(fields[i], "https://pod01-id1.wus/restapi/?a=%20&b#c");
    }
}

static void
other_version_or_resource_is_refused(void **state)
{
    (void)state;
    check_refused(CREDENTIAL_VERSION, "1.0");
    check_refused(CREDENTIAL_VERSION, "2");
    check_refused(CREDENTIAL_VERSION, "2.00");
    check_accepted(CREDENTIAL_VERSION, "2.0");
    check_refused(CREDENTIAL_RESOURCE_TYPE, "vaults");
    check_refused(CREDENTIAL_RESOURCE_TYPE, "HyperVRecoveryManagerVault");
    check_accepted(CREDENTIAL_RESOURCE_TYPE, "Vaults");
}

static void
first_missing_element_is_named(void **state)
{
    static const char *const values[CREDENTIAL__MAX] = {
        [CREDENTIAL_VERSION] = "2.0",
        [CREDENTIAL_SUBSCRIPTION_ID] = "f5303a0b-0000-4000-8000-33222a0a5b4c",
        [CREDENTIAL_RESOURCE_TYPE] = "Vaults",
        [CREDENTIAL_RESOURCE_ID] = "7",
        [CREDENTIAL_AAD_TENANT_ID] = "f5303a0b-0000-4000-8000-33222a0a5b4c",
        [CREDENTIAL_CLIENT_ID] = "f5303a0b-0000-4000-8000-33222a0a5b4c"};

    (void)state;
    for (int i = 0; i < CREDENTIAL__MAX; i++) {
        enum credential_field field = (enum credential_field)i;

        if (!credential_required(field))
            continue;
        assert_int_equal(credential_complete(credential, &cause),
                         KS_ERR_CRED_FORMAT);
        assert_int_equal(strncmp(cause.text, credential_element(field),
                                 strlen(credential_element(field))),
                         0);
        check_accepted(field, values[i] != NULL ? values[i] : "text");
    }
    assert_int_equal(credential_complete(credential, &cause),
                     KS_ERR_CRED_FORMAT);
    assert_non_null(strstr(cause.text, "ManagementCert"));
}

static void
empty_means_absent_in_every_field(void **state)
{
    (void)state;
    for (int field = 0; field < CREDENTIAL__MAX; field++)
        check_accepted((enum credential_field)field, "");
}

static void
names_of_people_are_text(void **state)
{
    (void)state;
    check_accepted(CREDENTIAL_RESOURCE_NAME, "Gew\xc3\xb6lbe \xe9\x87\x91");
    check_accepted(CREDENTIAL_RESOURCE_GROUP, "\xf0\x9f\x98\x80 <&> \"'");
    check_accepted(CREDENTIAL_LOCATION, "west us");
}

static void
audience_is_the_files_or_made_of_it(void **state)
{
    static const char made[] = "https://RecoveryServiceVault/westus/lab1/7";
    char audience[CREDENTIAL_TEXT_MAX];

    (void)state;
    check_accepted(CREDENTIAL_LOCATION, "westus");
    check_accepted(CREDENTIAL_RESOURCE_NAME, "lab1");
    check_accepted(CREDENTIAL_RESOURCE_ID, "7");
    assert_int_equal(credential_audience(credential, audience, sizeof made - 1),
                     KS_ERR_CRED_FORMAT);
    assert_int_equal(credential_audience(credential, audience, sizeof made),
                     KS_OK);
    assert_string_equal(audience, made);
    check_accepted(CREDENTIAL_AAD_AUDIENCE, "api://tenant/x");
    assert_int_equal(credential_audience(credential, audience, sizeof audience),
                     KS_OK);
    assert_string_equal(audience, "api://tenant/x");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(control_characters_are_refused_everywhere),
        TEST(ill_formed_utf8_is_refused),
        TEST(too_long_a_text_is_refused),
        TEST(what_is_no_guid_is_refused),
        TEST(what_is_no_64_bit_number_is_refused),
        TEST(what_cannot_be_in_a_uri_is_refused),
        TEST(other_version_or_resource_is_refused),
        TEST(first_missing_element_is_named),
        TEST(empty_means_absent_in_every_field),
        TEST(names_of_people_are_text),
        TEST(audience_is_the_files_or_made_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
