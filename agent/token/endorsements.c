/* SPDX-License-Identifier: Apache-2.0 */
/* What a TPM could prove, asked before anything is opened or registered. */
#include <stdlib.h>

#include "agent/token/endorsement.h"
#include "agent/token/token.h"
#include "hsm/tpm2/endorsements.h"

_Static_assert(LAYOUT_ENDORSEMENTS_MAX == TPM2_ENDORSEMENTS_MAX &&
                   LAYOUT_EK_MAX == EVIDENCE_CERTIFICATE_MAX &&
                   LAYOUT_EK_CHAIN_MAX == EVIDENCE_CHAIN_MAX,
               "all that is looked at fits the answer");

/* The answer, and the words that it borrows. */
struct answer {
    struct layout_token_endorsement_answer value;
    struct endorsement_words key[LAYOUT_ENDORSEMENTS_MAX];
    struct endorsement_words intermediate[LAYOUT_INTERMEDIATES_MAX];
};

static void
add_key(struct answer *answer, const struct tpm2_endorsements *from, size_t i)
{
    const struct evidence_endorsement *key = &from->key[i];
    struct endorsement_words *words = &answer->key[i];
    size_t length;
    bool readable = endorsement_read(key->certificate, key->certificate_length,
                                     words, &length);

    answer->value.endorsement[i] = (struct layout_endorsement){
        .algorithm = key->algorithm,
        .sha256 = key->sha256,
        .certificate = {key->certificate, key->certificate_length},
        .offered = i == from->offered,
        .readable = readable,
        .subject = words->subject,
        .issuer = words->issuer,
        .from = words->from,
        .to = words->to};
}

/* Those that OpenSSL reads: where one begins is told by the one before it. */
static void
add_intermediates(struct answer *answer, const struct tpm2_endorsements *from)
{
    size_t offset = 0, length = 0;
    size_t *count = &answer->value.intermediate_count;

    while (*count < LAYOUT_INTERMEDIATES_MAX &&
           endorsement_read(from->chain + offset, from->chain_length - offset,
                            &answer->intermediate[*count], &length)) {
        const struct endorsement_words *words = &answer->intermediate[*count];

        answer->value.intermediate[(*count)++] = (struct layout_intermediate){
            .subject = words->subject,
            .issuer = words->issuer,
            .from = words->from,
            .to = words->to};
        offset += length;
    }
}

static enum ks_err
answer_with(struct msg *msg, const struct tpm2_endorsements *from,
            struct err_cause *cause)
{
    struct answer *answer = calloc(1, sizeof *answer);

    if (answer == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    answer->value = (struct layout_token_endorsement_answer){
        .maker = from->maker,
        .model = from->model,
        .firmware = from->firmware,
        .emulated = from->emulated,
        .chain = {from->chain, from->chain_length},
        .endorsement_count = from->count};
    for (size_t i = 0; i < from->count; i++)
        add_key(answer, from, i);
    add_intermediates(answer, from);
    (void)layout_token_endorsement_answer_put(msg, &answer->value);
    free(answer);
    return KS_OK;
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
        rc = answer_with(msg, found, cause);
    free(found);
    return rc;
}
