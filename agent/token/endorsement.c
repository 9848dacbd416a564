/* SPDX-License-Identifier: Apache-2.0 */
/* TOKEN_ENDORSEMENT, which is asked before a token is opened. */
#include <stdlib.h>

#include "agent/token/certificate.h"
#include "agent/token/token.h"
#include "hsm/tpm2/endorsements.h"

_Static_assert(LAYOUT_ENDORSEMENTS_MAX == TPM2_ENDORSEMENTS_MAX &&
                   LAYOUT_EK_MAX == EVIDENCE_CERTIFICATE_MAX &&
                   LAYOUT_EK_CHAIN_MAX == EVIDENCE_CHAIN_MAX &&
                   LAYOUT_INTERMEDIATES_MAX == EVIDENCE_CHAIN_COUNT,
               "all that is looked at fits the answer");

/* Words that an answer points to, besides the TPM's own. */
struct words {
    struct certificate_words key[LAYOUT_ENDORSEMENTS_MAX];
    struct certificate_words chain[LAYOUT_INTERMEDIATES_MAX];
};

static void
put_key(const struct evidence_endorsement *key, struct certificate_words *words,
        struct layout_endorsement *ret)
{
    size_t length;

    *ret = (struct layout_endorsement){
        .algorithm = key->algorithm,
        .sha256 = key->sha256,
        .certificate = {key->certificate, key->certificate_length},
        .readable = certificate_read(key->certificate, key->certificate_length,
                                     words, &length),
        .subject = words->subject,
        .issuer = words->issuer,
        .from = words->from,
        .to = words->to};
}

/* As far as they can be read, one behind the other. */
static void
put_chain(const struct tpm2_endorsements *from, struct words *words,
          struct layout_token_endorsement_answer *ret)
{
    size_t at = 0, length;

    for (size_t i = 0; i < LAYOUT_INTERMEDIATES_MAX; i++) {
        struct certificate_words *one = &words->chain[i];

        if (!certificate_read(from->chain + at, from->chain_length - at, one,
                              &length))
            break;
        ret->intermediate[ret->intermediate_count++] =
            (struct layout_intermediate){.subject = one->subject,
                                         .issuer = one->issuer,
                                         .from = one->from,
                                         .to = one->to};
        at += length;
    }
}

static void
answer(struct msg *msg, const struct tpm2_endorsements *from,
       struct words *words)
{
    struct layout_token_endorsement_answer value = {
        .maker = from->maker,
        .model = from->model,
        .firmware = from->firmware,
        .emulated = from->emulated,
        .chain = {from->chain, from->chain_length},
        .endorsement_count = from->count};

    put_chain(from, words, &value);
    for (size_t i = 0; i < from->count; i++) {
        put_key(&from->key[i], &words->key[i], &value.endorsement[i]);
        value.endorsement[i].offered = i == from->offered;
    }
    (void)layout_token_endorsement_answer_put(msg, &value);
}

enum ks_err
token_endorsement(struct token *token, struct msg *msg, struct err_cause *cause)
{
    struct layout_token_endorsement request;
    struct tpm2_endorsements *found = NULL;
    struct words *words = calloc(1, sizeof *words);
    enum ks_err rc = layout_token_endorsement_take(msg, &request, cause);

    (void)token;
    if (rc == KS_OK && words == NULL)
        rc = err_set(cause, KS_ERR_RESOURCES, "no memory");
    if (rc == KS_OK)
        rc = tpm2_endorsements(request.uri, &found, cause);
    if (rc == KS_OK)
        answer(msg, found, words);
    free(found);
    free(words);
    return rc;
}
