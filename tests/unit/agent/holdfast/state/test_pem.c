/* SPDX-License-Identifier: Apache-2.0 */
/* What the state says in PEM, handed on as it is: by its name alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/x509.h>

#include "agent/holdfast/state/pem.h"
#include "tests/support/own_directory.h"

static struct state *recorded;

static int
start(void **state)
{
    struct err_cause cause = {""};

    (void)own_directory_make(state);
    return state_open(directory, true, &recorded, &cause) == KS_OK ? 0 : -1;
}

static int
stop(void **state)
{
    state_close(&recorded);
    return own_directory_remove(state);
}

static void
key_is_the_one_that_was_put(void **state)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    unsigned char *der = NULL;
    unsigned char *taken;
    size_t length = 0;
    int wanted = i2d_PUBKEY(key, &der);

    (void)state;
    pem_put_public(recorded, STATE_MACHINE_SPKI, key);
    taken = pem_public_der(recorded, STATE_MACHINE_SPKI, &length);
    assert_non_null(taken);
    assert_int_equal(length, wanted);
    assert_memory_equal(taken, der, length);
    OPENSSL_free(taken);
    /* a key is no certificate */
    assert_null(pem_certificate_der(recorded, STATE_MACHINE_SPKI, &length));
    OPENSSL_free(der);
    EVP_PKEY_free(key);
}

static void
what_is_no_pem_is_nothing(void **state)
{
    static const char *const texts[] = {
        "", "x", "-----BEGIN PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nAA=A\n-----END PUBLIC KEY-----\n"};
    size_t length = 0;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        state_set_text(recorded, STATE_MACHINE_SPKI, texts[i]);
        assert_null(pem_public_der(recorded, STATE_MACHINE_SPKI, &length));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(key_is_the_one_that_was_put, start,
                                        stop),
        cmocka_unit_test_setup_teardown(what_is_no_pem_is_nothing, start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
