/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that a run has, and what they may still be used for. */
#include "agent/token/token.h"

#include <openssl/x509.h>

#include "keystore/store/keystore.h"

bool
token_is_bound(const struct token *token)
{
    for (size_t i = 0; i < STATEMENT_IDENTITY__MAX; i++)
        if (token->identity[i].key != NULL)
            return true;
    return false;
}

enum ks_err
token_permit(struct token *token, uint64_t identity, enum statement statement,
             struct keystore_key **ret, struct err_cause *cause)
{
    if (identity >= STATEMENT_IDENTITY__MAX ||
        token->identity[identity].key == NULL)
        return err_set(cause, KS_ERR_STATEMENT, "this identity is not bound");
    *ret = token->identity[identity].key;
    return statement_permit(&token->ledger, (enum statement_identity)identity,
                            statement, cause);
}

void
token_close(struct token *token)
{
    for (size_t i = 0; i < STATEMENT_IDENTITY__MAX; i++) {
        keystore_key_free(&token->identity[i].key);
        X509_free(token->identity[i].certificate);
        token->identity[i].certificate = NULL;
    }
    keystore_close(&token->ks);
}
