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

    /* The hash is the cipher suite's, not the signature scheme's: SHA-256 or
     * SHA-384, whatever it is signed by. */
    if (length != head + 32 && length != head + 48)
        return false;
    for (size_t i = 0; i < TLS_PADDING; i++)
        if (content[i] != ' ')
            return false;
    /* sizeof counts the zero byte that ends the context string */
    return memcmp(content + TLS_PADDING, TLS_CONTEXT, sizeof TLS_CONTEXT) == 0;
}

/* DIGEST has KEYSTORE_DIGEST_MAX bytes. */
static enum ks_err
digest_of(enum keystore_scheme scheme, const struct statement_bytes *statement,
          uint8_t *digest, struct err_cause *cause)
{
    const struct scheme *row = scheme_row(scheme);
    const char *prefix = statement->prefix != NULL ? statement->prefix : "";
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = row != NULL && context != NULL &&
                EVP_DigestInit_ex2(context, row->hash(), NULL) == 1 &&
                EVP_DigestUpdate(context, prefix, strlen(prefix)) == 1 &&
                EVP_DigestUpdate(context, statement->content,
                                 statement->length) == 1 &&
                EVP_DigestFinal_ex(context, digest, NULL) == 1;

    EVP_MD_CTX_free(context);
    return done ? KS_OK : err_set_openssl(cause, KS_ERR_INTERNAL, "digest");
}

enum ks_err
statement_sign(struct keystore_key *key, enum keystore_scheme scheme,
               const struct statement_bytes *statement,
               struct keystore_signature *ret, struct err_cause *cause)
{
    uint8_t digest[KEYSTORE_DIGEST_MAX];
    enum ks_err rc = digest_of(scheme, statement, digest, cause);

    return rc == KS_OK ? keystore_sign(key, scheme, digest, ret, cause) : rc;
}

enum ks_err
statement_verify(EVP_PKEY *public, enum keystore_scheme scheme,
                 const struct statement_bytes *statement,
                 const struct keystore_signature *signature,
                 struct err_cause *cause)
{
    uint8_t digest[KEYSTORE_DIGEST_MAX];
    enum ks_err rc = digest_of(scheme, statement, digest, cause);

    if (rc == KS_OK && !signature_is_good(public, scheme, digest, signature))
        rc = err_set_openssl(cause, KS_ERR_TOKEN_FAILED,
                             "the key's signature is wrong");
    return rc;
}
