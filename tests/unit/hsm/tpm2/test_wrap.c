/* SPDX-License-Identifier: Apache-2.0 */
/* Wrapped keys: what a TPM takes, what it refuses, and that nothing of the key
 * shows in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <tss2/tss2_esys.h>

#include "hsm/tpm2/public.h"
#include "hsm/tpm2/rc.h"
#include "hsm/tpm2/store.h"
#include "hsm/tpm2/wrap.h"
#include "tests/support/samples.h"
#include "tests/support/store_fixture.h"

#define ARENA (256 * 1024)
#define AUTH "a value that nobody must see at a"

static struct store_fixture *fixture;
static struct tpm2_store *store;
static struct secret *auth;

static int
start(void **state)
{
    struct keystore_config config = {.allow_emulation = true};

    (void)state;
    fixture = store_fixture_new("tpm2");
    if (fixture == NULL)
        return -1;
    config.uri = store_fixture_uri(fixture);
    config.keys_fd = store_fixture_keys(fixture);
    return tpm2_store_open(&config, &store, NULL) == KS_OK ? 0 : -1;
}

static int
stop(void **state)
{
    (void)state;
    tpm2_store_close(&store);
    store_fixture_free(&fixture);
    return 0;
}

/* A sample wrapped for the TPM's storage root key. */
struct wrapped {
    TPM2B_PUBLIC area;
    TPM2B_NAME name;
    struct tpm2_wrapped wrapped;
};

static void
wrap(enum sample_name which, struct wrapped *ret)
{
    const struct sample *from = sample(which);

    *ret = (struct wrapped){.area.size = 0};
    tpm2_public_template(from->type, from->bits, false, false, &ret->area);
    assert_int_equal(tpm2_public_fill(&ret->area, from->public, NULL), KS_OK);
    assert_int_equal(tpm2_public_name(&ret->area, &ret->name, NULL), KS_OK);
    assert_int_equal(
        tpm2_wrap(&store->srk.public,
                  &(struct tpm2_plain){&ret->name, &from->material, auth},
                  &ret->wrapped, NULL),
        KS_OK);
}

/* As TPM2_Import and TPM2_Load say; the first that fails. */
static TSS2_RC
import(const struct wrapped *from)
{
    static const TPMT_SYM_DEF_OBJECT none = {.algorithm = TPM2_ALG_NULL};
    TPM2B_PRIVATE *private = NULL;
    ESYS_TR object = ESYS_TR_NONE;
    TSS2_RC rc = Esys_Import(store->tpm.esys, store->srk.object,
                             ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, NULL,
                             &from->area, &from->wrapped.duplicate,
                             &from->wrapped.seed, &none, &private);

    if (rc == TSS2_RC_SUCCESS)
        rc = Esys_Load(store->tpm.esys, store->srk.object, ESYS_TR_PASSWORD,
                       ESYS_TR_NONE, ESYS_TR_NONE, private, &from->area,
                       &object);
    if (rc == TSS2_RC_SUCCESS)
        (void)Esys_FlushContext(store->tpm.esys, object);
    Esys_Free(private);
    return rc;
}

static void
parents_with_another_cipher_are_refused(void **state)
{
    TPM2B_PUBLIC parent = store->srk.public;
    struct wrapped wrapped;
    struct tpm2_wrapped ret = {.duplicate.size = 0};

    (void)state;
    wrap(P_256, &wrapped);
    parent.publicArea.parameters.asymDetail.symmetric.keyBits.aes = 192;
    assert_int_equal(
        tpm2_wrap(
            &parent,
            &(struct tpm2_plain){&wrapped.name, &sample(P_256)->material, auth},
            &ret, NULL),
        KS_ERR_INTERNAL);
    assert_int_equal(ret.duplicate.size, 0);
}

static void
primes_of_another_length_are_refused(void **state)
{
    struct material material = sample(RSA_2048)->material;
    struct wrapped wrapped;
    struct tpm2_wrapped ret = {.duplicate.size = 0};
    struct err_cause cause = {.text = ""};
    uint8_t longer[129] = {1};

    (void)state;
    wrap(RSA_2048, &wrapped);
    material.p = (struct material_number){longer, sizeof longer};
    assert_int_equal(
        tpm2_wrap(&store->srk.public,
                  &(struct tpm2_plain){&wrapped.name, &material, auth}, &ret,
                  &cause),
        KS_ERR_TOKEN_UNSUPPORTED);
    assert_non_null(strstr(cause.text, "two primes of the same length"));
    assert_int_equal(ret.duplicate.size, 0);
}

static void
altered_ones_are_refused_by_the_tpm(void **state)
{
    struct wrapped whole;

    (void)state;
    wrap(P_256, &whole);
    for (size_t i = 0; i < whole.wrapped.duplicate.size; i++) {
        struct wrapped altered = whole;

        altered.wrapped.duplicate.buffer[i] ^= 0x80;
        assert_int_not_equal(import(&altered), TSS2_RC_SUCCESS);
    }
    for (size_t i = 0; i < whole.wrapped.seed.size; i += 7) {
        struct wrapped altered = whole;

        altered.wrapped.seed.secret[i] ^= 1;
        assert_int_not_equal(import(&altered), TSS2_RC_SUCCESS);
    }
    assert_int_equal(import(&whole), TSS2_RC_SUCCESS);
}

/* The Name is in the wrapper, so that no attribute can be changed. */
static void
other_attributes_are_refused_by_the_tpm(void **state)
{
    struct wrapped wrapped;

    (void)state;
    wrap(P_256, &wrapped);
    wrapped.area.publicArea.objectAttributes |= TPMA_OBJECT_DECRYPT;
    assert_int_equal(tpm2_rc_base(import(&wrapped)), TPM2_RC_INTEGRITY);
    wrap(P_256, &wrapped);
    wrapped.area.publicArea.objectAttributes &= ~TPMA_OBJECT_NODA;
    assert_int_equal(tpm2_rc_base(import(&wrapped)), TPM2_RC_INTEGRITY);
}

static void
keys_for_other_public_halves_are_refused_by_the_tpm(void **state)
{
    static const enum sample_name wrong[][2] = {{P_256, P_256_OTHER},
                                                {RSA_2048, RSA_3072}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct material material = sample(wrong[i][0])->material;
        struct wrapped wrapped;

        wrap(wrong[i][0], &wrapped);
        material.scalar = sample(wrong[i][1])->material.scalar;
        material.p = (struct material_number){
            sample(wrong[i][1])->material.p.bytes, 128};
        assert_int_equal(
            tpm2_wrap(&store->srk.public,
                      &(struct tpm2_plain){&wrapped.name, &material, auth},
                      &wrapped.wrapped, NULL),
            KS_OK);
        assert_int_equal(tpm2_rc_base(import(&wrapped)), TPM2_RC_BINDING);
    }
}

static void
assert_absent(const struct tpm2_wrapped *from,
              const struct material_number *number)
{
    assert_null(memmem(from, sizeof *from, number->bytes, number->length));
    assert_null(
        memmem(from, sizeof *from, number->bytes + number->length - 16, 16));
}

static void
nothing_of_the_key_shows(void **state)
{
    static const enum sample_name which[] = {RSA_2048, RSA_3072, P_256, P_384};

    (void)state;
    for (size_t i = 0; i < sizeof which / sizeof which[0]; i++) {
        const struct material *material = &sample(which[i])->material;
        struct wrapped wrapped;

        wrap(which[i], &wrapped);
        assert_null(memmem(&wrapped.wrapped, sizeof wrapped.wrapped,
                           secret_bytes(auth), 16));
        if (material->type == MATERIAL_RSA) {
            assert_absent(&wrapped.wrapped, &material->p);
            assert_absent(&wrapped.wrapped, &material->q);
            assert_absent(&wrapped.wrapped, &material->d);
        } else {
            assert_absent(&wrapped.wrapped, &material->scalar);
        }
    }
}

static void
each_wrapper_is_another(void **state)
{
    struct wrapped one, other;

    (void)state;
    wrap(P_256, &one);
    wrap(P_256, &other);
    assert_int_equal(one.wrapped.duplicate.size, other.wrapped.duplicate.size);
    assert_memory_not_equal(one.wrapped.duplicate.buffer + 34,
                            other.wrapped.duplicate.buffer + 34, 32);
    assert_memory_not_equal(one.wrapped.seed.secret, other.wrapped.seed.secret,
                            one.wrapped.seed.size);
}

static void
whole_ones_are_taken_by_the_tpm(void **state)
{
    static const enum sample_name which[] = {RSA_2048, RSA_3072, P_256, P_384};

    (void)state;
    for (size_t i = 0; i < sizeof which / sizeof which[0]; i++) {
        struct wrapped wrapped;

        wrap(which[i], &wrapped);
        assert_int_equal(import(&wrapped), TSS2_RC_SUCCESS);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(parents_with_another_cipher_are_refused),
        CASE(primes_of_another_length_are_refused),
        CASE(altered_ones_are_refused_by_the_tpm),
        CASE(other_attributes_are_refused_by_the_tpm),
        CASE(keys_for_other_public_halves_are_refused_by_the_tpm),
        CASE(nothing_of_the_key_shows),
        CASE(each_wrapper_is_another),
        CASE(whole_ones_are_taken_by_the_tpm),
    };
    int failed;

    if (secret_init(ARENA, NULL) != KS_OK || sample_make(RSA_2048) != 0 ||
        sample_make(RSA_3072) != 0 || sample_make(P_256) != 0 ||
        sample_make(P_384) != 0 || sample_make(P_256_OTHER) != 0)
        return 1;
    auth = store_fixture_secret(AUTH);
    secret_set_length(auth, 32);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    secret_free(&auth);
    samples_free();
    return failed;
}
