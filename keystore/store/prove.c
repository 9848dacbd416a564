/* SPDX-License-Identifier: Apache-2.0 */
/* A test signature, and what is wrong with it. */
#include "keystore/store/prove.h"

#include <openssl/rand.h>

#include "keystore/store/signature.h"

struct trial {
    uint8_t digest[KEYSTORE_DIGEST_MAX];
    struct keystore_signature signature;
};

/* Some stores have a salt as long as the key has room for, which verifies as
 * RSA-PSS and is worth nothing in TLS 1.3 (RFC 8446, 4.2.3). */
static enum ks_err
judge(struct keystore_key *key, enum keystore_scheme scheme,
      const struct trial *trial, struct err_cause *cause)
{
    EVP_PKEY *public = keystore_key_public(key);

    if (signature_is_good(public, scheme, trial->digest, &trial->signature))
        return KS_OK;
    if (scheme_row(scheme)->form == SCHEME_PSS &&
        signature_is_good_by_any_salt(public, scheme, trial->digest,
                                      &trial->signature))
        return err_set(cause, KS_ERR_TOKEN_UNSUPPORTED,
                       "its RSA-PSS signatures have another salt than TLS 1.3 "
                       "wants; use a credential with P-256, or another token");
    return err_set(cause, KS_ERR_KEY_OTHER,
                   "its test signature does not verify");
}

static enum ks_err
sign(struct keystore_key *key, enum keystore_scheme scheme, struct trial *ret,
     struct err_cause *cause)
{
    if (RAND_bytes(ret->digest, (int)sizeof ret->digest) != 1)
        return err_set_openssl(cause, KS_ERR_INTERNAL, "random digest");
    return keystore_sign(key, scheme, ret->digest, &ret->signature, cause);
}

enum ks_err
prove_scheme(struct keystore_key *key, enum keystore_scheme scheme,
             struct err_cause *cause)
{
    struct trial trial;
    enum ks_err rc = sign(key, scheme, &trial, cause);

    return rc == KS_OK ? judge(key, scheme, &trial, cause) : rc;
}

enum ks_err
prove_key(struct keystore_key *key, struct err_cause *cause)
{
    enum keystore_scheme scheme = scheme_of_key(keystore_key_public(key));
    struct trial trial;
    enum ks_err rc = sign(key, scheme, &trial, cause);

    if (rc == KS_ERR_TOKEN_UNSUPPORTED && scheme == KEYSTORE_PS256 &&
        prove_scheme(key, KEYSTORE_RS256, NULL) == KS_OK)
        return err_set(cause, rc,
                       "it signs RSA by PKCS#1 v1.5 alone, and TLS 1.3 wants "
                       "PSS; use a credential with P-256, or another token");
    return rc == KS_OK ? judge(key, scheme, &trial, cause) : rc;
}
