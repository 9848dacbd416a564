/* SPDX-License-Identifier: Apache-2.0 */
/* `token list` on machines where a source is missing or fails: the others are
 * listed all the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/holdfast/commands/commands.h"
#include "agent/holdfast/session/modules.h"
#include "agent/holdfast/report/report.h"

/* The machine. */
static enum ks_err modules;    /* what p11-kit's modules answer, or the named */
static enum ks_err one_module; /* what the first of two answers */
static unsigned tpm_count;
static enum ks_err tpms[4];

/* What was reported. */
static bool reported;
static size_t reported_tokens;
static size_t reported_tpms;

static struct err_cause cause;

enum ks_err __wrap_inspect_tokens(const char *module, bool emulation,
                                  struct inspect_listing *ret,
                                  struct err_cause *ret_cause);
enum ks_err __wrap_modules_list(const char *name, bool emulation,
                                struct modules_listing *ret,
                                struct err_cause *ret_cause);
bool __wrap_tpm_client_device(unsigned number, char *ret, size_t size);
enum ks_err __wrap_tpm_client_look(const char *uri, const char *serial,
                                   struct tpm_client *ret,
                                   struct err_cause *ret_cause);
void __wrap_report_tokens(const struct inspect_token *tokens,
                          size_t token_count, const struct tpm_client *list,
                          size_t list_count, bool json);

enum ks_err
__wrap_inspect_tokens(const char *module, bool emulation,
                      struct inspect_listing *ret, struct err_cause *ret_cause)
{
    (void)module;
    (void)emulation;
    if (modules != KS_OK)
        return err_set(ret_cause, modules, "modules");
    ret->tokens = calloc(1, sizeof *ret->tokens);
    assert_non_null(ret->tokens);
    ret->count = 1;
    return KS_OK;
}

enum ks_err
__wrap_modules_list(const char *name, bool emulation,
                    struct modules_listing *ret, struct err_cause *ret_cause)
{
    struct inspect_listing found = {.tokens = NULL};
    enum ks_err rc = __wrap_inspect_tokens(name, emulation, &found, ret_cause);

    if (rc != KS_OK)
        return rc;
    assert_string_equal(name, "");
    *ret = (struct modules_listing){.tokens = found.tokens,
                                    .count = found.count,
                                    .modules = 2,
                                    .failed = one_module,
                                    .why = {"one module"}};
    return KS_OK;
}

bool
__wrap_tpm_client_device(unsigned number, char *ret, size_t size)
{
    (void)snprintf(ret, size, "%u", number);
    return number < tpm_count;
}

enum ks_err
__wrap_tpm_client_look(const char *uri, const char *serial,
                       struct tpm_client *ret, struct err_cause *ret_cause)
{
    enum ks_err rc = tpms[uri[0] - '0'];

    assert_string_equal(serial, "");
    if (rc != KS_OK)
        return err_set(ret_cause, rc, "TPM %s", uri);
    *ret = (struct tpm_client){.uri = ""};
    return KS_OK;
}

void
__wrap_report_tokens(const struct inspect_token *tokens, size_t token_count,
                     const struct tpm_client *list, size_t list_count,
                     bool json)
{
    (void)tokens;
    (void)list;
    (void)json;
    reported = true;
    reported_tokens = token_count;
    reported_tpms = list_count;
}

static int
start(void **state)
{
    (void)state;
    modules = one_module = KS_OK;
    memset(tpms, 0, sizeof tpms);
    tpm_count = 2;
    reported = false;
    return 0;
}

static enum ks_err
list(const char *module, const char *token)
{
    const struct options options = {.module = module, .token_uri = token};

    return command_token_list(&options, &cause);
}

static void
all_are_listed(void **state)
{
    (void)state;
    assert_int_equal(list(NULL, NULL), KS_OK);
    assert_int_equal(reported_tokens, 1);
    assert_int_equal(reported_tpms, 2);
}

static void
modules_that_fail_hide_no_tpm(void **state)
{
    (void)state;
    modules = KS_ERR_TOKEN_MODULE;
    assert_int_equal(list(NULL, NULL), KS_ERR_TOKEN_MODULE);
    assert_string_equal(cause.text, "modules");
    assert_int_equal(reported_tokens, 0);
    assert_int_equal(reported_tpms, 2);
}

static void
module_that_fails_hides_no_other(void **state)
{
    (void)state;
    one_module = KS_ERR_HELPER;
    assert_int_equal(list(NULL, NULL), KS_ERR_HELPER);
    assert_string_equal(cause.text, "one module");
    assert_int_equal(reported_tokens, 1);
    assert_int_equal(reported_tpms, 2);
}

static void
tpm_that_fails_hides_nothing(void **state)
{
    (void)state;
    tpms[0] = KS_ERR_PERMISSION;
    assert_int_equal(list(NULL, NULL), KS_ERR_PERMISSION);
    assert_string_equal(cause.text, "TPM 0");
    assert_int_equal(reported_tokens, 1);
    assert_int_equal(reported_tpms, 1);
}

static void
first_failure_is_the_one_told(void **state)
{
    (void)state;
    modules = KS_ERR_TOKEN_MODULE;
    tpms[0] = KS_ERR_PERMISSION;
    tpms[1] = KS_ERR_TOKEN_FAILED;
    assert_int_equal(list(NULL, NULL), KS_ERR_TOKEN_MODULE);
    assert_string_equal(cause.text, "modules");
    assert_true(reported);
    modules = KS_OK;
    assert_int_equal(list(NULL, NULL), KS_ERR_PERMISSION);
    assert_string_equal(cause.text, "TPM 0");
}

/* There is nothing else to tell. */
static void
source_that_was_named_fails_alone(void **state)
{
    (void)state;
    modules = KS_ERR_TOKEN_MODULE;
    assert_int_equal(list("/m.so", NULL), KS_ERR_TOKEN_MODULE);
    assert_false(reported);
    assert_int_equal(list("/m.so", "tpm2:"), KS_ERR_USAGE);
    assert_int_equal(list(NULL, "soft:"), KS_ERR_USAGE);
    assert_false(reported);
}

#define TEST(name) cmocka_unit_test_setup(name, start)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_are_listed),
        TEST(modules_that_fail_hide_no_tpm),
        TEST(module_that_fails_hides_no_other),
        TEST(tpm_that_fails_hides_nothing),
        TEST(first_failure_is_the_one_told),
        TEST(source_that_was_named_fails_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
