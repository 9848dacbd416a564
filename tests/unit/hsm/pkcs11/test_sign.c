/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures that fail leave nothing behind, in the token's session or in
 * OpenSSL's queue. */
#include "tests/unit/hsm/pkcs11/lying_token.h"

#include <openssl/err.h>

#include "hsm/pkcs11/key.h"

static const uint8_t id[KEYSTORE_ID_LENGTH] = {7};

static struct keystore_key *
import(enum sample_name name)
{
    struct keystore_key *key = NULL;

    assert_err(KS_OK, "", lying_token_import(name, id, &key, &cause));
    return key;
}

/* After each of them the operation is still open in the token's session. */
static void
failed_signature_does_not_block_the_next(void **state)
{
    static const struct {
        CK_RV rv;
        enum ks_err err;
    } answers[] = {{CKR_BUFFER_TOO_SMALL, KS_ERR_TOKEN_FAILED},
                   {CKR_DEVICE_ERROR, KS_ERR_TOKEN_FAILED},
                   {CKR_DEVICE_REMOVED, KS_ERR_TOKEN_MISSING},
                   {CKR_USER_NOT_LOGGED_IN, KS_ERR_PIN_NEEDED}};
    struct keystore_key *key = import(P_256);
    uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    uint8_t signature[KEYSTORE_SIGNATURE_MAX] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        size_t length = sizeof signature;

        lying_token_lies->sign = answers[i].rv;
        assert_err(answers[i].err, "C_Sign: CKR_",
                   keystore_sign(key, KEYSTORE_ES256, digest, signature,
                                 &length, &cause));
        assert_int_equal(length, sizeof signature);
        assert_int_equal(signature[0], 0);
        lying_token_assert_signs(key);
    }
    keystore_key_free(&key);
}

/* As one would be that the table has and this back end has not. */
static void
scheme_without_a_mechanism_is_refused(void **state)
{
    struct keystore_key *key = import(P_256);
    uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    uint8_t signature[KEYSTORE_SIGNATURE_MAX];
    size_t length = sizeof signature;

    (void)state;
    assert_err(KS_ERR_TOKEN_UNSUPPORTED, "no mechanism",
               pkcs11_sign((struct pkcs11_key *)key, 0, digest, signature,
                           &length, &cause));
    assert_int_equal(length, sizeof signature);
    lying_token_assert_signs(key);
    keystore_key_free(&key);
}

static void
errors_of_the_module_do_not_stay_in_our_queue(void **state)
{
    struct keystore_key *key = import(P_256);
    uint8_t digest[KEYSTORE_DIGEST_MAX] = {1};
    uint8_t signature[KEYSTORE_SIGNATURE_MAX];
    size_t length = sizeof signature;
    unsigned long ours;

    (void)state;
    lying_token_lies->pollutes = true;
    ERR_clear_error();
    lying_token_assert_signs(key);
    ERR_clear_error(); /* the verification of an altered signature */

    ERR_raise(ERR_LIB_USER, ERR_R_MALLOC_FAILURE);
    ours = ERR_peek_error();
    keystore_key_free(&key);
    assert_err(KS_OK, "",
               keystore_find(lying_token_store, id, sample(P_256)->public, &key,
                             &cause));
    assert_err(
        KS_OK, "",
        keystore_sign(key, KEYSTORE_ES256, digest, signature, &length, &cause));
    assert_int_equal(ERR_get_error(), ours);
    assert_int_equal(ERR_get_error(), 0);
    keystore_key_free(&key);
}

#define opened(test)                                                           \
    cmocka_unit_test_setup_teardown(test, lying_token_make_open,               \
                                    lying_token_close_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        opened(failed_signature_does_not_block_the_next),
        opened(scheme_without_a_mechanism_is_refused),
        opened(errors_of_the_module_do_not_stay_in_our_queue),
    };

    return lying_token_run(tests);
}
