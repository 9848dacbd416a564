/* SPDX-License-Identifier: Apache-2.0 */
/* keystore/store/material.h: is this key the private half of that public one?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "tests/unit/keystore/credential/der_writer.h"
#include "tests/unit/keystore/credential/fixture.h"
#include "keystore/store/material.h"

#define ARENA (1024 * 1024)

static struct {
    EVP_PKEY *rsa, *other_rsa, *p256, *p384;
} keys;

/* The public numbers agree, a private one does not. */
static void
inconsistent_rsa_numbers_do_not_match(void **state)
{
    (void)state;
    for (int which = D; which < DER_WRITER_NUMBERS; which++) {
        struct fixture_bytes der = fixture_pkcs8(keys.rsa);
        struct material material;
        const struct material_number *numbers[] = {
            [D] = &material.d,   [P] = &material.p,   [Q] = &material.q,
            [DP] = &material.dp, [DQ] = &material.dq, [QI] = &material.qi};
        size_t last;

        assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                         KS_OK);
        assert_int_equal(material_match(&material, keys.rsa, NULL), KS_OK);
        last = (size_t)(numbers[which]->bytes - der.bytes) +
               numbers[which]->length - 1;
        der.bytes[last] ^= 0x04;
        assert_int_equal(material_match(&material, keys.rsa, NULL),
                         KS_ERR_CRED_MISMATCH);
        fixture_free(&der);
    }
}

static void
scalar_outside_the_group_does_not_match(void **state)
{
    struct fixture_bytes der = fixture_pkcs8(keys.p256);
    struct material material;
    uint8_t *scalar;

    (void)state;
    assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                     KS_OK);
    scalar = der.bytes + (material.scalar.bytes - der.bytes);
    memset(scalar, 0xff, 32);
    assert_int_equal(material_match(&material, keys.p256, NULL),
                     KS_ERR_CRED_MISMATCH);
    memset(scalar, 0, 32);
    assert_int_equal(material_match(&material, keys.p256, NULL),
                     KS_ERR_CRED_MISMATCH);
    fixture_free(&der);
}

static void
every_key_matches_itself_alone(void **state)
{
    EVP_PKEY *all[] = {keys.rsa, keys.other_rsa, keys.p256, keys.p384};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct fixture_bytes der = fixture_pkcs8(all[i]);
        struct material material;

        assert_int_equal(material_parse(der.bytes, der.length, &material, NULL),
                         KS_OK);
        for (size_t j = 0; j < 4; j++)
            assert_int_equal(material_match(&material, all[j], NULL),
                             i == j ? KS_OK : KS_ERR_CRED_MISMATCH);
        fixture_free(&der);
    }
}

static int
make_keys(void **state)
{
    (void)state;
    keys.rsa = fixture_key("RSA-2048");
    keys.other_rsa = fixture_key("RSA-2048");
    keys.p256 = fixture_key("P-256");
    keys.p384 = fixture_key("P-384");
    return 0;
}

static int
free_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(keys.rsa);
    EVP_PKEY_free(keys.other_rsa);
    EVP_PKEY_free(keys.p256);
    EVP_PKEY_free(keys.p384);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inconsistent_rsa_numbers_do_not_match),
        cmocka_unit_test(scalar_outside_the_group_does_not_match),
        cmocka_unit_test(every_key_matches_itself_alone),
    };
    struct err_cause cause = {""};

    if (secret_init(ARENA, &cause) != KS_OK) {
        (void)fprintf(stderr, "secret_init: %s\n", cause.text);
        return 1;
    }
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
