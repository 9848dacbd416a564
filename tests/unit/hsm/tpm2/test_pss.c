/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM whose RSA-PSS signatures have a salt as long as the key has room for:
 * all of it is real but these.  (libtpms has the length that TLS wants.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <tss2/tss2_esys.h>

#include "tests/support/samples.h"
#include "tests/unit/hsm/tpm2/case.h"

static EVP_PKEY *private; /* NULL: the TPM signs */
static const uint8_t id[KEYSTORE_ID_LENGTH] = {1};

TSS2_RC __real_Esys_Sign(ESYS_CONTEXT *esys, ESYS_TR key, ESYS_TR one,
                         ESYS_TR two, ESYS_TR three, const TPM2B_DIGEST *digest,
                         const TPMT_SIG_SCHEME *scheme,
                         const TPMT_TK_HASHCHECK *check, TPMT_SIGNATURE **ret);
TSS2_RC __wrap_Esys_Sign(ESYS_CONTEXT *esys, ESYS_TR key, ESYS_TR one,
                         ESYS_TR two, ESYS_TR three, const TPM2B_DIGEST *digest,
                         const TPMT_SIG_SCHEME *scheme,
                         const TPMT_TK_HASHCHECK *check, TPMT_SIGNATURE **ret);

static TPMT_SIGNATURE *
sign_with_longest_salt(const TPM2B_DIGEST *digest)
{
    TPMT_SIGNATURE *made = calloc(1, sizeof *made);
    TPMS_SIGNATURE_RSA *rsa = &made->signature.rsapss;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(private, NULL);
    size_t length = sizeof rsa->sig.buffer;

    made->sigAlg = TPM2_ALG_RSAPSS;
    rsa->hash = TPM2_ALG_SHA256;
    assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256());
    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_MAX);
    assert_int_equal(EVP_PKEY_sign(ctx, rsa->sig.buffer, &length,
                                   digest->buffer, digest->size),
                     1);
    rsa->sig.size = (UINT16)length;
    EVP_PKEY_CTX_free(ctx);
    return made;
}

TSS2_RC
__wrap_Esys_Sign(ESYS_CONTEXT *esys, ESYS_TR key, ESYS_TR one, ESYS_TR two,
                 ESYS_TR three, const TPM2B_DIGEST *digest,
                 const TPMT_SIG_SCHEME *scheme, const TPMT_TK_HASHCHECK *check,
                 TPMT_SIGNATURE **ret)
{
    TSS2_RC rc = __real_Esys_Sign(esys, key, one, two, three, digest, scheme,
                                  check, ret);

    if (rc == TSS2_RC_SUCCESS && private != NULL &&
        scheme->scheme == TPM2_ALG_RSAPSS) {
        Esys_Free(*ret);
        *ret = sign_with_longest_salt(digest);
    }
    return rc;
}

static enum ks_err
import(enum sample_name name, struct err_cause *cause)
{
    struct keystore *store = NULL;
    struct keystore_key *key = NULL;
    enum ks_err rc = tpm2_case_open("", &store, cause);

    if (rc == KS_OK)
        rc = keystore_import(store, id, "label", &sample(name)->material,
                             sample(name)->public, &key, cause);
    keystore_key_free(&key);
    if (rc == KS_OK)
        rc = keystore_remove(store, id, cause);
    keystore_close(&store);
    return rc;
}

static void
rsa_is_refused_with_advice_and_leaves_nothing(void **state)
{
    const uint8_t *p = secret_bytes(sample(RSA_2048)->pkcs8);
    struct err_cause cause = {.text = ""};

    (void)state;
    private = d2i_AutoPrivateKey(NULL, &p,
                                 (long)secret_length(sample(RSA_2048)->pkcs8));
    assert_non_null(private);
    assert_int_equal(import(RSA_2048, &cause), KS_ERR_TOKEN_UNSUPPORTED);
    assert_non_null(strstr(cause.text, "salt"));
    assert_non_null(strstr(cause.text, "use a credential with P-256"));
    assert_int_equal(tpm2_case_files(), 0);
    assert_int_equal(tpm2_case_transient(), 0);
    /* and that advice is good there */
    assert_int_equal(import(P_256, &cause), KS_OK);
    EVP_PKEY_free(private);
    private = NULL;
}

static void
salt_of_the_digests_length_is_taken(void **state)
{
    (void)state;
    assert_int_equal(import(RSA_2048, NULL), KS_OK);
}

static int
start(void **state)
{
    return tpm2_case_start(state) == 0 && sample_make(RSA_2048) == 0 &&
                   sample_make(P_256) == 0
               ? 0
               : -1;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rsa_is_refused_with_advice_and_leaves_nothing),
        cmocka_unit_test(salt_of_the_digests_length_is_taken),
    };
    int failed = cmocka_run_group_tests(tests, start, tpm2_case_stop);

    samples_free();
    return failed;
}
