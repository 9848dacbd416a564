/* SPDX-License-Identifier: Apache-2.0 */
/* The matrix, and the forms of what is signed as bare bytes.  A place in the
 * matrix that is not written down here is 0: never. */
#include "agent/statement/statement.h"

#include <string.h>

#include <openssl/evp.h>

#include "agent/ipc/retry.h"
#include "keystore/store/signature.h"

#define TLS_CONTEXT "TLS 1.3, client CertificateVerify"
#define TLS_PADDING 64

/* A vault may close the connection after each reply, and then every request
 * costs a handshake, and every repetition of one that a failed vault answered.
 * An enrolment is five requests (docs/protocol.md: M1, M2, M3 and the two of
 * M4).  A machine's run is one (M5, or the connection of `relay`), which is
 * made anew where the token kept the vault waiting (agent/net/requests.c). */
#define HANDSHAKES_ENROL (5 + RETRY_MOST_OF_FIVE)
#define HANDSHAKES_MACHINE (1 + 1 + RETRY_MOST_OF_ONE)

/* All else is sent again as it is: an assertion and an enrolment proof are good
 * for 600 s, repetitions end after 120 s. */
static const uint8_t
    budget[STATEMENT_PHASE__MAX][STATEMENT_IDENTITY__MAX][STATEMENT__MAX] = {
        [STATEMENT_PHASE_ENROL] =
            {
                [STATEMENT_CREDENTIAL] = {[STATEMENT_HANDSHAKE] =
                                              HANDSHAKES_ENROL,
                                          [STATEMENT_ASSERTION] = 1,
                                          [STATEMENT_ENROLMENT] = 1,
                                          [STATEMENT_PROOF] = 1},
                [STATEMENT_MACHINE] = {[STATEMENT_REQUEST] = 1},
            },
        [STATEMENT_PHASE_MACHINE] =
            {
                [STATEMENT_MACHINE] = {[STATEMENT_HANDSHAKE] =
                                           HANDSHAKES_MACHINE,
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

/* How many connections there are a server decides, too; every other statement
 * is asked for by our own programs alone. */
static enum ks_err
over_budget(enum statement statement, unsigned limit, struct err_cause *cause)
{
    if (statement == STATEMENT_HANDSHAKE)
        return err_set(cause, KS_ERR_NET_CLOSED,
                       "%u were signed for, which is all that a run may need",
                       limit);
    return err_set(cause, KS_ERR_STATEMENT, "%s over budget (%u a run)",
                   names[statement], limit);
}

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
        return over_budget(statement, limit, cause);
    ledger->used[identity][statement]++;
    return KS_OK;
}

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

enum ks_err
statement_digest(enum keystore_scheme scheme, const char *prefix,
                 const uint8_t *content, size_t length, uint8_t *digest,
                 struct err_cause *cause)
{
    const struct scheme *row = scheme_row(scheme);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = row != NULL && context != NULL &&
                EVP_DigestInit_ex2(context, row->hash(), NULL) == 1 &&
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
