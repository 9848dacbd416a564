/* SPDX-License-Identifier: Apache-2.0 */
/* What a TPM could prove, asked before anything is opened or registered. */
#include <stdlib.h>

#include "agent/token/token.h"
#include "hsm/tpm2/endorsements.h"

_Static_assert(LAYOUT_ENDORSEMENTS_MAX == TPM2_ENDORSEMENTS_MAX &&
                   LAYOUT_EK_MAX == EVIDENCE_CERTIFICATE_MAX &&
                   LAYOUT_EK_CHAIN_MAX == EVIDENCE_CHAIN_MAX,
               "all that is looked at fits the answer");

static void
answer(struct msg *msg, const struct tpm2_endorsements *from)
{
    struct layout_token_endorsement_answer value = {
        .maker = from->maker,
        .model = from->model,
        .firmware = from->firmware,
        .emulated = from->emulated,
        .chain = {from->chain, from->chain_length},
        .endorsement_count = from->count};

    for (size_t i = 0; i < from->count; i++) {
        const struct evidence_endorsement *key = &from->key[i];

        value.endorsement[i] = (struct layout_endorsement){
            .algorithm = key->algorithm,
            .sha256 = key->sha256,
            .certificate = {key->certificate, key->certificate_length},
            .offered = i == from->offered};
    }
    (void)layout_token_endorsement_answer_put(msg, &value);
}

enum ks_err
token_endorsement(struct token *token, struct msg *msg, struct err_cause *cause)
{
    struct layout_token_endorsement request;
    struct tpm2_endorsements *found = NULL;
    enum ks_err rc = layout_token_endorsement_take(msg, &request, cause);

    (void)token;
    if (rc == KS_OK)
        rc = tpm2_endorsements(request.uri, &found, cause);
    if (rc == KS_OK)
        answer(msg, found);
    free(found);
    return rc;
}
