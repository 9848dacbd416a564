/* SPDX-License-Identifier: Apache-2.0 */
/* Token URIs: everything that is not exactly a token's name is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hsm/pkcs11/uri.h"
#include "keystore/base/secret.h"

#define LONG_33 "abcdefghijklmnopqrstuvwxyz0123456"
#define LONG_64 LONG_33 "abcdefghijklmnopqrstuvwxyz01234"
#define LONG_256 LONG_64 LONG_64 LONG_64 LONG_64

static const struct {
    const char *uri;
    const char *says; /* part of the cause */
} refused[] = {
    {"", "no pkcs11"},
    {"pkcs11", "no pkcs11"},
    {"PKCS11:token=a", "no pkcs11"},
    {"soft:token=a", "no pkcs11"},
    {" pkcs11:token=a", "no pkcs11"},
    /* names no token */
    {"pkcs11:", "names no token"},
    {"pkcs11:?module-path=/lib/a.so", "names no token"},
    /* empty, twice, unknown, in the wrong place */
    {"pkcs11:token=", "token is empty"},
    {"pkcs11:token=a;serial=", "serial is empty"},
    {"pkcs11:token=a?module-path=", "module-path is empty"},
    {"pkcs11:token", "without value"},
    {"pkcs11:token=a;", "without value"},
    {"pkcs11:;token=a", "without value"},
    {"pkcs11:token=a?", "without value"},
    {"pkcs11:token=a;token=b", "twice"},
    {"pkcs11:token=a;token=a", "twice"},
    {"pkcs11:serial=1;token=a;serial=2", "twice"},
    {"pkcs11:token=a?module-path=/a&module-path=/b", "twice"},
    {"pkcs11:token=a;colour=red", "unknown"},
    {"pkcs11:token=a;Token=b", "unknown"},
    {"pkcs11:tok%65n=a", "unknown"},
    {"pkcs11:=a", "unknown"},
    {"pkcs11:token=a;slot-id=0", "unknown"},
    {"pkcs11:token=a;library-manufacturer=b", "unknown"},
    {"pkcs11:token=a;x-vendor=b", "unknown"},
    {"pkcs11:token=a;module-path=a.so", "behind the '?'"},
    {"pkcs11:?token=a", "before the '?'"},
    /* secrets and objects */
    {"pkcs11:token=a?pin-value=12345678", "--pin-file"},
    {"pkcs11:token=a?module-path=/a&pin-value=12345678", "--pin-file"},
    {"pkcs11:token=a;pin-value=12345678", "--pin-file"},
    {"pkcs11:token=a?pin-source=file:/etc/pin", "--pin-file"},
    {"pkcs11:token=a;object=key", "object"},
    {"pkcs11:token=a;type=private", "object"},
    {"pkcs11:token=a;id=%01%02", "object"},
    /* characters */
    {"pkcs11:token=my token", "percent-encoded"},
    {"pkcs11:token=a\n", "percent-encoded"},
    {"pkcs11:token=a#b", "percent-encoded"},
    {"pkcs11:token=a/b", "percent-encoded"},
    {"pkcs11:token=\xc3\xa4", "percent-encoded"},
    {"pkcs11:token=a?module-path=/a b", "percent-encoded"},
    {"pkcs11:token=a%00b", "zero byte"},
    {"pkcs11:token=a?module-path=/lib/a.so%00.txt", "zero byte"},
    {"pkcs11:token=a%0ab", "control"},
    {"pkcs11:token=a%7f", "control"},
    {"pkcs11:token=%20%20", "blanks"},
    {"pkcs11:token=a?module-path=/lib/%1b%5b2J", "control"},
    {"pkcs11:token=a%2", ""},
    {"pkcs11:token=a%zz", ""},
    {"pkcs11:token=a%", ""},
    /* module-path */
    {"pkcs11:token=a?module-path=a.so", "absolute"},
    {"pkcs11:token=a?module-path=./a.so", "absolute"},
    {"pkcs11:token=a?module-path=../a.so", "absolute"},
    {"pkcs11:token=a?module-path=%2e%2e/a.so", "absolute"},
    {"pkcs11:token=a?module-path=/" LONG_256, "too long"},
    {"pkcs11:token=a?module-path=/lib/a.so&module-name=a", "either"},
    /* module-name */
    {"pkcs11:?module-name=a", "names no token"},
    {"pkcs11:token=a?module-name=", "module-name is empty"},
    {"pkcs11:token=a?module-name=a&module-name=b", "twice"},
    {"pkcs11:token=a;module-name=a", "behind the '?'"},
    {"pkcs11:token=a?module-name=/lib/a.so", "no path"},
    {"pkcs11:token=a?module-name=..%2fa", "no path"},
    {"pkcs11:token=a?module-name=a%0a", "control"},
    {"pkcs11:token=a?module-name=" LONG_64, "module-name is too long"},
    /* longer than a token's fields */
    {"pkcs11:token=" LONG_33, "too long"},
    {"pkcs11:manufacturer=" LONG_33, "too long"},
    {"pkcs11:model=12345678901234567", "too long"},
    {"pkcs11:serial=12345678901234567", "too long"},
};

static const struct {
    const char *uri;
    struct pkcs11_uri wanted;
} accepted[] = {
    {"pkcs11:token=a", {.token = "a"}},
    {"pkcs11:serial=0123456789abcdef", {.serial = "0123456789abcdef"}},
    {"pkcs11:manufacturer=Some%20Maker", {.manufacturer = "Some Maker"}},
    {"pkcs11:model=M1", {.model = "M1"}},
    {"pkcs11:token=The%20Software%20PKCS%2311%20Softtoken",
     {.token = "The Software PKCS#11 Softtoken"}},
    {"pkcs11:token=caf%c3%a9", {.token = "caf\xc3\xa9"}},
    {"pkcs11:token=a%3bserial=1", {.token = "a;serial=1"}},
    {"pkcs11:token=a=b&c", {.token = "a=b&c"}},
    {"pkcs11:token=end%20", {.token = "end"}}, /* fields are blank-padded */
    {"pkcs11:token=abcdefghijklmnopqrstuvwxyz012345",
     {.token = "abcdefghijklmnopqrstuvwxyz012345"}},
    {"pkcs11:serial=1;token=a;model=m;manufacturer=b"
     "?module-path=/usr/lib/a.so",
     {.module = "/usr/lib/a.so",
      .token = "a",
      .manufacturer = "b",
      .model = "m",
      .serial = "1"}},
    {"pkcs11:token=a?module-name=softhsm2",
     {.module_name = "softhsm2", .token = "a"}},
    {"pkcs11:token=a?module-path=%2fusr%2flib%2fb%20c.so",
     {.module = "/usr/lib/b c.so", .token = "a"}},
};

static void
bad_uris_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct pkcs11_uri uri = {.token = "untouched"};
        struct err_cause cause = {.text = ""};
        enum ks_err rc = pkcs11_uri_parse(refused[i].uri, &uri, &cause);

        if (rc != KS_ERR_TOKEN_URI)
            fail_msg("\"%s\": %s", refused[i].uri, err_name(rc));
        if (strstr(cause.text, refused[i].says) == NULL)
            fail_msg("\"%s\": %s", refused[i].uri, cause.text);
        assert_string_equal(uri.token, "untouched");
    }
}

static void
no_cause_repeats_a_pin(void **state)
{
    static const char *const uris[] = {
        "pkcs11:token=a?pin-value=12345678",
        "pkcs11:token=a;pin-value=12345678",
        "pkcs11:token=a?pin-valu=12345678",
        "pkcs11:token=a?12345678",
        "pkcs11:12345678",
        "pkcs11:token=a;12345678=pin-value",
        "pkcs11:token=a?pin-value=1234 5678",
        "pkcs11:token=a?pin-value=12345678%00",
        "pkcs11:token=a?pin-value=12345678%",
    };

    (void)state;
    for (size_t i = 0; i < sizeof uris / sizeof uris[0]; i++) {
        struct pkcs11_uri uri;
        struct err_cause cause = {.text = ""};

        assert_int_equal(pkcs11_uri_parse(uris[i], &uri, &cause),
                         KS_ERR_TOKEN_URI);
        assert_true(strlen(cause.text) > 0);
        assert_null(strstr(cause.text, "1234"));
        assert_null(strstr(cause.text, "5678"));
    }
}

static void
token_uris_are_taken_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
        const struct pkcs11_uri *wanted = &accepted[i].wanted;
        struct pkcs11_uri uri;
        struct err_cause cause = {.text = ""};
        enum ks_err rc = pkcs11_uri_parse(accepted[i].uri, &uri, &cause);

        if (rc != KS_OK)
            fail_msg("\"%s\": %s", accepted[i].uri, cause.text);
        assert_string_equal(uri.module, wanted->module);
        assert_string_equal(uri.module_name, wanted->module_name);
        assert_string_equal(uri.token, wanted->token);
        assert_string_equal(uri.manufacturer, wanted->manufacturer);
        assert_string_equal(uri.model, wanted->model);
        assert_string_equal(uri.serial, wanted->serial);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_uris_are_refused),
        cmocka_unit_test(no_cause_repeats_a_pin),
        cmocka_unit_test(token_uris_are_taken_apart),
    };

    if (secret_init(64 * 1024, NULL) != KS_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
