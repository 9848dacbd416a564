/* SPDX-License-Identifier: Apache-2.0 */
/* The matrix, and the forms of what is signed as bare bytes.  A place in the
 * matrix that is not written down here is 0: never. */
#include "agent/statement.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#define TLS_CONTEXT "TLS 1.3, client CertificateVerify"
#define TLS_PADDING 64

/* A registration needs one handshake; the others are for a connection that
 * the vault closed. */
static const uint8_t
    budget[STATEMENT_PHASE__MAX][STATEMENT_IDENTITY__MAX][STATEMENT__MAX] = {
        [STATEMENT_PHASE_ENROL] =
            {
                [STATEMENT_CREDENTIAL] = {[STATEMENT_HANDSHAKE] = 4,
                                          [STATEMENT_ASSERTION] = 2,
                                          [STATEMENT_ENROLMENT] = 1,
                                          [STATEMENT_PROOF] = 1},
                [STATEMENT_MACHINE] = {[STATEMENT_REQUEST] = 1},
            },
        [STATEMENT_PHASE_MACHINE] =
            {
                [STATEMENT_MACHINE] = {[STATEMENT_HANDSHAKE] = 4,
                                       [STATEMENT_PROOF] = 1,
                                       [STATEMENT_RECEIPT] = 1},
            },
};

static const char *const names[] = {
    [STATEMENT_HANDSHAKE] = "TLS handshake",
    [STATEMENT_ASSERTION] = "client assertion",
    [STATEMENT_ENROLMENT] = "enrolment proof",
    [STATEMENT_REQUEST] = "certificate request",
    [STATEMENT_PROOF] = "proof",
    [STATEMENT_RECEIPT] = "receipt",
};

_Static_assert(sizeof names / sizeof names[0] == STATEMENT__MAX,
               "every statement has its name");

enum ks_err
statement_permit(struct statement_ledger *ledger,
                 enum statement_identity identity, enum statement statement,
                 struct err_cause *cause)
{
    uint8_t limit;

    if (ledger->phase >= STATEMENT_PHASE__MAX ||
        identity >= STATEMENT_IDENTITY__MAX || statement >= STATEMENT__MAX)
        return err_set(cause, KS_ERR_STATEMENT, "no such statement");
    limit = budget[ledger->phase][identity][statement];
    if (limit == 0)
        return err_set(cause, KS_ERR_STATEMENT,
                       "no %s with this identity in this run",
                       names[statement]);
    if (ledger->used[identity][statement] >= limit)
        return err_set(cause, KS_ERR_STATEMENT, "%s over budget (%u a run)",
                       names[statement], limit);
    ledger->used[identity][statement]++;
    return KS_OK;
}

bool
statement_is_handshake(const uint8_t *content, size_t length)
{
    const size_t head = TLS_PADDING + sizeof TLS_CONTEXT;

    if (length != head + 32 && length != head + 48)
        return false;
    for (size_t i = 0; i < TLS_PADDING; i++)
        if (content[i] != ' ')
            return false;
    /* sizeof counts the zero byte that ends the context string */
    return memcmp(content + TLS_PADDING, TLS_CONTEXT, sizeof TLS_CONTEXT) == 0;
}

enum keystore_scheme
statement_tls_scheme(uint64_t code)
{
    switch (code) {
    case 0x0804: /* rsa_pss_rsae_sha256 */
        return KEYSTORE_PS256;
    case 0x0403: /* ecdsa_secp256r1_sha256 */
        return KEYSTORE_ES256;
    case 0x0503: /* ecdsa_secp384r1_sha384 */
        return KEYSTORE_ES384;
    default:
        return 0;
    }
}

static const EVP_MD *
digest_of(enum keystore_scheme scheme)
{
    return keystore_digest_length(scheme) == 48 ? EVP_sha384() : EVP_sha256();
}

enum ks_err
statement_digest(enum keystore_scheme scheme, const char *prefix,
                 const uint8_t *content, size_t length, uint8_t *digest,
                 struct err_cause *cause)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context != NULL &&
                EVP_DigestInit_ex2(context, digest_of(scheme), NULL) == 1 &&
                (prefix == NULL ||
                 EVP_DigestUpdate(context, prefix, strlen(prefix)) == 1) &&
                EVP_DigestUpdate(context, content, length) == 1 &&
                EVP_DigestFinal_ex(context, digest, NULL) == 1;

    EVP_MD_CTX_free(context);
    return done ? KS_OK : err_set_openssl(cause, KS_ERR_INTERNAL, "digest");
}

enum ks_err
statement_sign(struct keystore_key *key, enum keystore_scheme scheme,
               const char *prefix, const uint8_t *content, size_t length,
               uint8_t *signature, size_t *signature_length,
               struct err_cause *cause)
{
    uint8_t digest[KEYSTORE_DIGEST_MAX];
    enum ks_err rc = statement_digest(scheme, prefix, content, length, digest,
                                      cause);

    if (rc != KS_OK)
        return rc;
    return keystore_sign(key, scheme, digest, signature, signature_length,
                         cause);
}

size_t
statement_ecdsa_der(const uint8_t *raw, size_t length, uint8_t *der)
{
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, (int)(length / 2), NULL);
    BIGNUM *s = BN_bin2bn(raw + length / 2, (int)(length / 2), NULL);
    int written = 0;

    if (length % 2 == 0 && length <= 2 * KEYSTORE_DIGEST_MAX &&
        signature != NULL && r != NULL && s != NULL &&
        ECDSA_SIG_set0(signature, r, s) == 1) {
        r = s = NULL; /* transferred */
        written = i2d_ECDSA_SIG(signature, &der);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(signature);
    return written > 0 ? (size_t)written : 0;
}

static bool
set_padding(EVP_PKEY_CTX *context, enum keystore_scheme scheme)
{
    switch (scheme) {
    case KEYSTORE_RS256:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    case KEYSTORE_PS256:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) ==
                   1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(context,
                                                RSA_PSS_SALTLEN_DIGEST) == 1;
    case KEYSTORE_ES256:
    case KEYSTORE_ES384:
        return true;
    case KEYSTORE_SCHEME__MAX:
    default:
        return false;
    }
}

enum ks_err
statement_verify(EVP_PKEY *public, enum keystore_scheme scheme,
                 const char *prefix, const uint8_t *content, size_t length,
                 const uint8_t *signature, size_t signature_length,
                 struct err_cause *cause)
{
    uint8_t der[KEYSTORE_SIGNATURE_MAX];
    uint8_t digest[KEYSTORE_DIGEST_MAX];
    EVP_PKEY_CTX *context = NULL;
    enum ks_err rc = statement_digest(scheme, prefix, content, length, digest,
                                      cause);

    if (rc != KS_OK)
        return rc;
    if (scheme == KEYSTORE_ES256 || scheme == KEYSTORE_ES384) {
        signature_length = statement_ecdsa_der(signature, signature_length,
                                               der);
        signature = der;
    }
    context = EVP_PKEY_CTX_new_from_pkey(NULL, public, NULL);
    if (context == NULL || EVP_PKEY_verify_init(context) != 1 ||
        !set_padding(context, scheme) ||
        EVP_PKEY_CTX_set_signature_md(context, digest_of(scheme)) != 1 ||
        EVP_PKEY_verify(context, signature, signature_length, digest,
                        keystore_digest_length(scheme)) != 1)
        rc = err_set_openssl(cause, KS_ERR_TOKEN_FAILED,
                             "the key's signature is wrong");
    EVP_PKEY_CTX_free(context);
    return rc;
}
