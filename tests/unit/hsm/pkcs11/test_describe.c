/* SPDX-License-Identifier: Apache-2.0 */
/* What a key of a token is said to be: as the token has it now. */
#include "tests/unit/hsm/pkcs11/lying_token.h"

static const uint8_t id[KEYSTORE_ID_LENGTH] = {7};

static struct keystore_key *
import(enum sample_name name)
{
    struct keystore_key *key = NULL;

    assert_err(KS_OK, "", lying_token_import(name, id, &key, &cause));
    return key;
}

/* What finding a key read of it is told at once, and asked anew after any other
 * use of the token. */
static void
description_is_of_this_moment(void **state)
{
    struct keystore_key *key = import(RSA_2048);
    struct keystore_key_info info;

    (void)state;
    keystore_key_free(&key);
    assert_err(KS_OK, "",
               keystore_find(lying_token_store, id, sample(RSA_2048)->public,
                             &key, &cause));
    assert_err(KS_OK, "", keystore_describe(key, &info, &cause));
    assert_true(info.sign_only && !info.extractable);
    lying_token_assert_signs(key);
    lying_token_lies->flag = CKA_EXTRACTABLE;
    assert_err(KS_OK, "", keystore_describe(key, &info, &cause));
    assert_true(info.extractable);
    keystore_key_free(&key);
}

static void
loosened_keys_are_described_as_they_are(void **state)
{
    static const struct {
        CK_ATTRIBUTE_TYPE flag;
        bool extractable;
        bool sign_only;
    } flags[] = {{CKA_EXTRACTABLE, true, true},
                 {CKA_DECRYPT, false, false},
                 {CKA_UNWRAP, false, false},
                 {CKA_DERIVE, false, false},
                 {CKA_SIGN_RECOVER, false, false}};
    struct keystore_key *key = import(P_256);
    struct keystore_key_info info;

    (void)state;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        lying_token_lies->flag = flags[i].flag;
        assert_err(KS_OK, "", keystore_describe(key, &info, &cause));
        assert_int_equal(info.extractable, flags[i].extractable);
        assert_int_equal(info.sign_only, flags[i].sign_only);
    }
    keystore_key_free(&key);
}

/* CKA_LOCAL alone does not say that a key was never outside since. */
static void
key_that_was_extractable_once_counts_as_imported(void **state)
{
    struct keystore_key *key = import(P_256);
    struct keystore_key_info info;

    (void)state;
    lying_token_lies->flag = CKA_LOCAL;
    assert_err(KS_OK, "", keystore_describe(key, &info, &cause));
    assert_int_equal(info.origin, KEYSTORE_IMPORTED);
    keystore_key_free(&key);
}

#define opened(test)                                                           \
    cmocka_unit_test_setup_teardown(test, lying_token_make_open,               \
                                    lying_token_close_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        opened(description_is_of_this_moment),
        opened(loosened_keys_are_described_as_they_are),
        opened(key_that_was_extractable_once_counts_as_imported),
    };

    return lying_token_run(tests);
}
