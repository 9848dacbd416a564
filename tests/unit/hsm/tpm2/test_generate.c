/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that are born otherwise than they should be: the TPM makes another kind
 * than it was asked for, or the disk does not keep what opens it.  All of it is
 * real but those two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tss2/tss2_esys.h>

#include "tests/unit/hsm/tpm2/case.h"

static const uint8_t id[KEYSTORE_ID_LENGTH] = {1};

/* What the TPM is asked for in our place; NULL: nothing else. */
static void (*alter)(TPMT_PUBLIC *area);
static bool directory_fails; /* once */

TSS2_RC
__real_Esys_Create(ESYS_CONTEXT *esys, ESYS_TR parent, ESYS_TR one, ESYS_TR two,
                   ESYS_TR three, const TPM2B_SENSITIVE_CREATE *sensitive,
                   const TPM2B_PUBLIC *public, const TPM2B_DATA *outside,
                   const TPML_PCR_SELECTION *pcr, TPM2B_PRIVATE **ret_private,
                   TPM2B_PUBLIC **ret_public, TPM2B_CREATION_DATA **ret_data,
                   TPM2B_DIGEST **ret_hash, TPMT_TK_CREATION **ret);
TSS2_RC
__wrap_Esys_Create(ESYS_CONTEXT *esys, ESYS_TR parent, ESYS_TR one, ESYS_TR two,
                   ESYS_TR three, const TPM2B_SENSITIVE_CREATE *sensitive,
                   const TPM2B_PUBLIC *public, const TPM2B_DATA *outside,
                   const TPML_PCR_SELECTION *pcr, TPM2B_PRIVATE **ret_private,
                   TPM2B_PUBLIC **ret_public, TPM2B_CREATION_DATA **ret_data,
                   TPM2B_DIGEST **ret_hash, TPMT_TK_CREATION **ret);

TSS2_RC
__wrap_Esys_Create(ESYS_CONTEXT *esys, ESYS_TR parent, ESYS_TR one, ESYS_TR two,
                   ESYS_TR three, const TPM2B_SENSITIVE_CREATE *sensitive,
                   const TPM2B_PUBLIC *public, const TPM2B_DATA *outside,
                   const TPML_PCR_SELECTION *pcr, TPM2B_PRIVATE **ret_private,
                   TPM2B_PUBLIC **ret_public, TPM2B_CREATION_DATA **ret_data,
                   TPM2B_DIGEST **ret_hash, TPMT_TK_CREATION **ret)
{
    TPM2B_PUBLIC asked = *public;

    if (alter != NULL)
        alter(&asked.publicArea);
    return __real_Esys_Create(esys, parent, one, two, three, sensitive, &asked,
                              outside, pcr, ret_private, ret_public, ret_data,
                              ret_hash, ret);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);

int
__wrap_fsync(int fd)
{
    struct stat status;

    if (directory_fails && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        directory_fails = false;
        errno = EIO;
        return -1;
    }
    return __real_fsync(fd);
}

static enum ks_err
generate(struct err_cause *cause)
{
    struct keystore *store = NULL;
    struct keystore_key *key = NULL;
    enum ks_err rc = tpm2_case_open("", &store, cause);

    if (rc == KS_OK)
        rc = keystore_generate(store, id, "label", MATERIAL_P256, &key, cause);
    keystore_key_free(&key);
    if (rc == KS_OK)
        rc = keystore_remove(store, id, cause);
    keystore_close(&store);
    return rc;
}

/* The next attempt finds nothing that would stand in its way. */
static void
assert_nothing_is_left(void)
{
    assert_int_equal(tpm2_case_files(), 0);
    assert_int_equal(tpm2_case_transient(), 0);
    assert_int_equal(generate(NULL), KS_OK);
}

static void
leave_out_fixed_tpm(TPMT_PUBLIC *area)
{
    area->objectAttributes &= ~(TPMA_OBJECT)(TPMA_OBJECT_FIXEDTPM |
                                             TPMA_OBJECT_FIXEDPARENT);
}

static void
add_decrypt(TPMT_PUBLIC *area)
{
    area->objectAttributes |= TPMA_OBJECT_DECRYPT;
}

static void
change_curve(TPMT_PUBLIC *area)
{
    area->parameters.eccDetail.curveID = TPM2_ECC_NIST_P384;
}

static void
change_type(TPMT_PUBLIC *area)
{
    area->type = TPM2_ALG_RSA;
    area->parameters.rsaDetail = (TPMS_RSA_PARMS){
        .symmetric.algorithm = TPM2_ALG_NULL,
        .scheme.scheme = TPM2_ALG_NULL,
        .keyBits = 2048};
}

static void
key_of_another_kind_is_not_kept(void **state)
{
    static void (*const ways[])(TPMT_PUBLIC *) = {
        leave_out_fixed_tpm, add_decrypt, change_curve, change_type};

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct err_cause cause = {.text = ""};

        alter = ways[i];
        assert_int_equal(generate(&cause), KS_ERR_TOKEN_WEAK);
        assert_non_null(strstr(cause.text, "another kind of key"));
        alter = NULL;
        assert_nothing_is_left();
    }
}

static void
value_that_may_not_last_is_not_kept(void **state)
{
    struct err_cause cause = {.text = ""};

    (void)state;
    directory_fails = true;
    assert_int_equal(generate(&cause), KS_ERR_TOKEN_FAILED);
    assert_non_null(strstr(cause.text, "flush the key directory"));
    assert_false(directory_fails);
    assert_nothing_is_left();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_of_another_kind_is_not_kept),
        cmocka_unit_test(value_that_may_not_last_is_not_kept),
    };

    return cmocka_run_group_tests(tests, tpm2_case_start, tpm2_case_stop);
}
