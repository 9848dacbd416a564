/* SPDX-License-Identifier: Apache-2.0 */
/* A store that signs with whatever key and padding it likes: what is no
 * signature of TLS 1.3 by the right key is refused, and told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "keystore/store/backend.h"
#include "keystore/store/prove.h"

/* How the store signs. */
static struct {
    EVP_PKEY *key;
    int padding;
    int salt_length;
    size_t more; /* bytes behind r || s */
    enum ks_err refusal;
} signer;

static EVP_PKEY *rsa, *rsa_other, *p256, *p256_other;

static size_t
sign_digest(const uint8_t *digest, uint8_t *ret, size_t size)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(signer.key, NULL);

    assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
    if (EVP_PKEY_is_a(signer.key, "RSA")) {
        EVP_PKEY_CTX_set_rsa_padding(ctx, signer.padding);
        EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256());
        if (signer.padding == RSA_PKCS1_PSS_PADDING)
            EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, signer.salt_length);
    }
    assert_int_equal(EVP_PKEY_sign(ctx, ret, &size, digest, 32), 1);
    EVP_PKEY_CTX_free(ctx);
    return size;
}

static size_t
to_raw(const uint8_t *der, size_t length, uint8_t *ret)
{
    ECDSA_SIG *parts = d2i_ECDSA_SIG(NULL, &der, (long)length);

    assert_non_null(parts);
    BN_bn2binpad(ECDSA_SIG_get0_r(parts), ret, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(parts), ret + 32, 32);
    ECDSA_SIG_free(parts);
    return 64;
}

static enum ks_err
sign(struct keystore_key *key, enum keystore_scheme scheme,
     const uint8_t *digest, uint8_t *signature, size_t *length,
     struct err_cause *cause)
{
    uint8_t made[KEYSTORE_SIGNATURE_MAX];
    size_t made_length;

    (void)key;
    if (signer.refusal != KS_OK)
        return err_set(cause, signer.refusal, "so the store says");
    made_length = sign_digest(digest, made, sizeof made);
    if (scheme == KEYSTORE_ES256) {
        *length = to_raw(made, made_length, signature) + signer.more;
    } else {
        memcpy(signature, made, made_length);
        *length = made_length;
    }
    return KS_OK;
}

static enum ks_err
prove(EVP_PKEY *public, EVP_PKEY *by, int padding, int salt_length,
      struct err_cause *cause)
{
    static const struct keystore_ops ops = {.kind = &keystore_kind_pkcs11,
                                            .sign = sign};
    struct keystore store = {.ops = &ops};
    struct keystore_key key = {.ks = &store, .public = public};

    signer.key = by;
    signer.padding = padding;
    signer.salt_length = salt_length;
    return prove_key(&key, cause);
}

static void
another_keys_signature_is_refused(void **state)
{
    struct err_cause cause;

    (void)state;
    assert_int_equal(prove(rsa, rsa_other, RSA_PKCS1_PSS_PADDING, 32, &cause),
                     KS_ERR_KEY_OTHER);
    assert_int_equal(prove(rsa, rsa_other, RSA_PKCS1_PSS_PADDING,
                           RSA_PSS_SALTLEN_MAX, &cause),
                     KS_ERR_KEY_OTHER);
    assert_int_equal(prove(p256, p256_other, 0, 0, &cause), KS_ERR_KEY_OTHER);
    assert_string_equal(cause.text, "its test signature does not verify");
}

static void
padding_that_is_no_pss_is_refused(void **state)
{
    (void)state;
    assert_int_equal(prove(rsa, rsa, RSA_PKCS1_PADDING, 0, NULL),
                     KS_ERR_KEY_OTHER);
}

/* A TPM may take the longest salt that there is room for (Part 1, B.7). */
static void
another_salt_is_refused_with_advice(void **state)
{
    static const int lengths[] = {RSA_PSS_SALTLEN_MAX, 0, 20, 31, 33, 64};

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct err_cause cause = {.text = ""};

        assert_int_equal(
            prove(rsa, rsa, RSA_PKCS1_PSS_PADDING, lengths[i], &cause),
            KS_ERR_TOKEN_UNSUPPORTED);
        assert_non_null(strstr(cause.text, "salt"));
        assert_non_null(strstr(cause.text, "P-256"));
    }
}

/* A form that not everybody who verifies it would take. */
static void
ecdsa_with_a_byte_more_is_refused(void **state)
{
    (void)state;
    signer.more = 1;
    assert_int_equal(prove(p256, p256, 0, 0, NULL), KS_ERR_KEY_OTHER);
    signer.more = 0;
}

static void
refusal_of_the_store_is_handed_on(void **state)
{
    struct err_cause cause = {.text = ""};

    (void)state;
    signer.refusal = KS_ERR_PIN_LOCKED;
    assert_int_equal(prove(rsa, rsa, RSA_PKCS1_PSS_PADDING, 32, &cause),
                     KS_ERR_PIN_LOCKED);
    signer.refusal = KS_OK;
    assert_string_equal(cause.text, "so the store says");
}

static void
right_keys_are_believed(void **state)
{
    (void)state;
    assert_int_equal(prove(rsa, rsa, RSA_PKCS1_PSS_PADDING, 32, NULL), KS_OK);
    assert_int_equal(prove(p256, p256, 0, 0, NULL), KS_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_keys_signature_is_refused),
        cmocka_unit_test(padding_that_is_no_pss_is_refused),
        cmocka_unit_test(another_salt_is_refused_with_advice),
        cmocka_unit_test(ecdsa_with_a_byte_more_is_refused),
        cmocka_unit_test(refusal_of_the_store_is_handed_on),
        cmocka_unit_test(right_keys_are_believed),
    };
    int failed;

    rsa = EVP_RSA_gen(2048);
    rsa_other = EVP_RSA_gen(2048);
    p256 = EVP_EC_gen("P-256");
    p256_other = EVP_EC_gen("P-256");
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(rsa_other);
    EVP_PKEY_free(p256);
    EVP_PKEY_free(p256_other);
    return failed;
}
