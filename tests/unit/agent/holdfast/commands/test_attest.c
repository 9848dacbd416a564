/* SPDX-License-Identifier: Apache-2.0 */
/* `attest`: which TPM it is, where nobody names one, and what is refused before
 * any is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "agent/holdfast/commands/commands.h"
#include "agent/holdfast/report/report.h"
#include "agent/holdfast/session/tpm_client.h"
#include "tests/support/own_directory.h"

static size_t tpm_count;
static char looked_at[64]; /* the URI; "": none was */
static size_t reported;
static struct err_cause cause;

bool __wrap_tpm_client_device(unsigned number, char *ret, size_t size);
enum ks_err __wrap_tpm_client_look(const char *uri, const char *serial,
                                   struct tpm_client *ret,
                                   struct err_cause *ret_cause);
enum ks_err __wrap_tpm_client_endorsement(const char *uri,
                                          struct tpm_endorsement *ret,
                                          struct err_cause *ret_cause);
void __wrap_report_attest(const char *uri, const char *types,
                          const struct layout_token_endorsement_answer *found,
                          bool json);

bool
__wrap_tpm_client_device(unsigned number, char *ret, size_t size)
{
    (void)snprintf(ret, size, "tpm2:device=%u", number);
    return number < tpm_count;
}

enum ks_err
__wrap_tpm_client_look(const char *uri, const char *serial,
                       struct tpm_client *ret, struct err_cause *ret_cause)
{
    (void)ret_cause;
    assert_string_equal(serial, "");
    (void)snprintf(looked_at, sizeof looked_at, "%s", uri);
    *ret = (struct tpm_client){.key_types = "rsa2048 p256"};
    return KS_OK;
}

enum ks_err
__wrap_tpm_client_endorsement(const char *uri, struct tpm_endorsement *ret,
                              struct err_cause *ret_cause)
{
    assert_string_equal(uri, looked_at);
    if (strcmp(uri, "tpm2:tabrmd") == 0)
        return err_set(ret_cause, KS_ERR_TOKEN_FAILED, "no EK");
    *ret = (struct tpm_endorsement){.msg = NULL};
    return KS_OK;
}

void
__wrap_report_attest(const char *uri, const char *types,
                     const struct layout_token_endorsement_answer *found,
                     bool json)
{
    (void)found;
    (void)json;
    assert_string_equal(uri, looked_at);
    assert_string_equal(types, "rsa2048 p256");
    reported++;
}

static int
start(void **state)
{
    tpm_count = 1;
    looked_at[0] = '\0';
    reported = 0;
    return own_directory_make(state);
}

static enum ks_err
attest(const char *token, bool submit)
{
    const struct options options = {
        .token_uri = token, .submit = submit, .state_directory = directory};

    return command_attest(&options, &cause);
}

static void
expect_refused(enum ks_err rc, enum ks_err wanted, const char *says)
{
    assert_int_equal(rc, wanted);
    if (strstr(cause.text, says) == NULL)
        fail_msg("\"%s\" is not in: %s", says, cause.text);
    assert_string_equal(looked_at, "");
    assert_int_equal(reported, 0);
}

static void
expect_shown(enum ks_err rc, const char *uri)
{
    assert_int_equal(rc, KS_OK);
    assert_string_equal(looked_at, uri);
    assert_int_equal(reported, 1);
}

static void
named_tpm_is_the_one(void **state)
{
    (void)state;
    tpm_count = 0;
    expect_shown(attest("tpm2:swtpm=/x", false), "tpm2:swtpm=/x");
}

static void
only_tpm_needs_no_name(void **state)
{
    (void)state;
    expect_shown(attest(NULL, false), "tpm2:device=0");
}

static void
none_and_several_are_asked_for(void **state)
{
    (void)state;
    tpm_count = 0;
    expect_refused(attest(NULL, false), KS_ERR_USAGE, "none at /dev/tpmrm0");
    tpm_count = 2;
    expect_refused(attest(NULL, false), KS_ERR_USAGE, "has several");
}

static void
record_token(const char *uri)
{
    char text[256];

    (void)snprintf(text, sizeof text,
                   "{\"format\": 1, \"phase\": \"done\", \"token_uri\": "
                   "\"%s\", \"token_scheme\": \"%.4s\"}",
                   uri, uri);
    own_directory_write("state.json", text);
}

static void
registered_tpm_comes_before_the_machines(void **state)
{
    (void)state;
    record_token("tpm2:swtpm=/registered");
    expect_shown(attest(NULL, false), "tpm2:swtpm=/registered");
}

static void
tokens_that_only_claim_are_refused(void **state)
{
    (void)state;
    expect_refused(attest("soft:", false), KS_ERR_ATTEST,
                   "a soft token only claims");
    expect_refused(attest("pkcs11:token=a", false), KS_ERR_ATTEST,
                   "a PKCS#11 token only claims where its keys live; name a "
                   "TPM");
    expect_refused(attest("tpm:", false), KS_ERR_TOKEN_URI, "no kind of token");
    record_token("soft:");
    expect_refused(attest(NULL, false), KS_ERR_ATTEST, "with --token");
    expect_refused(attest(NULL, true), KS_ERR_ATTEST, "registered with that");
}

static void
failure_shows_nothing(void **state)
{
    (void)state;
    assert_int_equal(attest("tpm2:tabrmd", false), KS_ERR_TOKEN_FAILED);
    assert_string_equal(cause.text, "no EK");
    assert_int_equal(reported, 0);
}

static void
nobody_registered_has_nothing_to_submit(void **state)
{
    (void)state;
    expect_refused(attest(NULL, true), KS_ERR_NOT_REGISTERED, "no vault");
    own_directory_write("state.json",
                        "{\"format\": 1, \"phase\": \"imported\"}");
    expect_refused(attest(NULL, true), KS_ERR_NOT_REGISTERED, "no vault");
    own_directory_write("state.json",
                        "{\"format\": 1, \"phase\": \"done\", \"left\": 1}");
    expect_refused(attest(NULL, true), KS_ERR_NOT_REGISTERED, "no vault");
}

static void
options_of_the_other_half_are_refused(void **state)
{
    struct options options = {.state_directory = directory};

    (void)state;
    expect_refused(attest("tpm2:tabrmd", true), KS_ERR_USAGE,
                   "goes without --token");
    options.pin_source = "fd:0";
    expect_refused(command_attest(&options, &cause), KS_ERR_USAGE,
                   "are for --submit");
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, start, own_directory_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(named_tpm_is_the_one),
        TEST(only_tpm_needs_no_name),
        TEST(none_and_several_are_asked_for),
        TEST(registered_tpm_comes_before_the_machines),
        TEST(tokens_that_only_claim_are_refused),
        TEST(failure_shows_nothing),
        TEST(nobody_registered_has_nothing_to_submit),
        TEST(options_of_the_other_half_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
