/* SPDX-License-Identifier: Apache-2.0 */
/* The raw side knows session, handle and mechanism beforehand and does nothing
 * but C_SignInit and C_Sign. */
#include "tests/bench/bench_pkcs11.h"

#include "hsm/pkcs11/key.h"
#include "tests/bench/bench_sign.h"

static void
sign_raw(void *context)
{
    const struct bench_signer *signer = context;
    const struct pkcs11_key *key = (const struct pkcs11_key *)signer->key;
    const struct pkcs11_token *token = (const struct pkcs11_token *)key->key.ks;
    CK_RSA_PKCS_PSS_PARAMS pss = {CKM_SHA256, CKG_MGF1_SHA256, 32};
    CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
    CK_BYTE data[32] = {1};
    CK_BYTE signature[KEYSTORE_SIGNATURE_MAX];
    CK_ULONG length = sizeof signature;

    if (signer->scheme == KEYSTORE_PS256)
        mechanism = (CK_MECHANISM){CKM_RSA_PKCS_PSS, &pss, sizeof pss};
    bench_require(token->functions->C_SignInit(token->session, &mechanism,
                                               key->object) == CKR_OK &&
                      token->functions->C_Sign(token->session, data,
                                               sizeof data, signature,
                                               &length) == CKR_OK,
                  "C_Sign");
}

struct bench_rate
bench_pkcs11_rate(struct keystore *store, const struct bench_key *key)
{
    struct bench_signer signer = {NULL, key->scheme};
    const struct bench_side keystore = {bench_sign, &signer};
    const struct bench_side raw = {sign_raw, &signer};
    struct bench_rate rate;

    bench_require(keystore_find(store, key->id, sample(key->sample)->public,
                                &signer.key, NULL) == KS_OK,
                  "keystore_find");
    rate = bench_rate(&keystore, &raw);
    keystore_key_free(&signer.key);
    return rate;
}
