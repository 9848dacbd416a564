/* SPDX-License-Identifier: Apache-2.0 */
/* Which kind a URI is of, and that a kind's facts are what its back end does.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "keystore/store/kind.h"

static void
what_is_no_kind_is_none(void **state)
{
    static const char *const texts[] = {
        "",       ":",       "tpm",    "tpm2x:", "TPM2:",    "sof:t",
        " soft:", "pkcs11;", "pkcs1:", "file:a", "softsoft:"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_ptr_equal(keystore_kind_of(texts[i]), &keystore_kind_none);
        assert_ptr_equal(keystore_kind_of_uri(texts[i]), &keystore_kind_none);
    }
    assert_ptr_equal(keystore_kind_of("soft:"), &keystore_kind_none);
    assert_ptr_equal(keystore_kind_of_uri("soft"), &keystore_kind_none);
}

static void
a_uri_and_its_scheme_are_of_one_kind(void **state)
{
    (void)state;
    assert_ptr_equal(keystore_kind_of_uri("soft:/dir"), &keystore_kind_soft);
    assert_ptr_equal(keystore_kind_of("soft"), &keystore_kind_soft);
    assert_ptr_equal(keystore_kind_of_uri("pkcs11:token=a"),
                     &keystore_kind_pkcs11);
    assert_ptr_equal(keystore_kind_of("pkcs11"), &keystore_kind_pkcs11);
    assert_ptr_equal(keystore_kind_of_uri("tpm2:"), &keystore_kind_tpm2);
    assert_ptr_equal(keystore_kind_of("tpm2"), &keystore_kind_tpm2);
}

/* An error here would let a key that can be copied pass for a token's, or ask
 * a token for nothing. */
static void
only_the_emulation_is_unprotected(void **state)
{
    (void)state;
    assert_true(keystore_kind_soft.unprotected);
    assert_false(keystore_kind_soft.hardware);
    assert_false(keystore_kind_pkcs11.unprotected);
    assert_false(keystore_kind_tpm2.unprotected);
    assert_false(keystore_kind_none.unprotected);
    assert_false(keystore_kind_none.hardware);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_kind_is_none),
        cmocka_unit_test(a_uri_and_its_scheme_are_of_one_kind),
        cmocka_unit_test(only_the_emulation_is_unprotected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
