/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/statement/statement.h"

#include <string.h>

#include <openssl/evp.h>

#include "keystore/store/signature.h"

#define TLS_CONTEXT "TLS 1.3, client CertificateVerify"
#define TLS_PADDING 64

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

enum ks_err
statement_digest(enum keystore_scheme scheme, const char *prefix,
                 const uint8_t *content, size_t length, uint8_t *digest,
                 struct err_cause *cause)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context != NULL &&
                EVP_DigestInit_ex2(context, signature_hash(scheme), NULL) ==
                    1 &&
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

enum ks_err
statement_verify(EVP_PKEY *public, enum keystore_scheme scheme,
                 const char *prefix, const uint8_t *content, size_t length,
                 const uint8_t *signature, size_t signature_length,
                 struct err_cause *cause)
{
    uint8_t digest[KEYSTORE_DIGEST_MAX];
    enum ks_err rc = statement_digest(scheme, prefix, content, length, digest,
                                      cause);

    if (rc == KS_OK &&
        !signature_is_good(public, scheme, digest, signature, signature_length))
        rc = err_set_openssl(cause, KS_ERR_TOKEN_FAILED,
                             "the key's signature is wrong");
    return rc;
}
