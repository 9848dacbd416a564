/* SPDX-License-Identifier: Apache-2.0 */
/* Attestation: the token's own key signs what the token itself says of the
 * machine's key, bound to what is known here; holdfast chooses no byte of what
 * is signed. */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "agent/statement/jws.h"
#include "agent/token/evidence_json.h"
#include "agent/token/token.h"

_Static_assert(LAYOUT_CHALLENGE_MAX == EVIDENCE_CHALLENGE_MAX,
               "messages hold a challenge");

static enum ks_err
permit(struct token *token, enum statement statement, struct keystore_key **ret,
       struct err_cause *cause)
{
    if (token->ledger.phase == STATEMENT_PHASE_ENROL &&
        token->plan.attest == ATTESTATION_OFF)
        return err_set(cause, KS_ERR_STATEMENT, "attestation is off");
    return token_permit(token, STATEMENT_MACHINE, statement, ret, cause);
}

enum ks_err
token_attest(struct token *token, struct msg *msg, struct err_cause *cause)
{
    struct token_attestation *attestation = &token->attestation;
    struct layout_token_attest request;
    struct evidence_offer *offer;
    struct keystore_key *machine;
    char *text = NULL;
    enum ks_err rc = layout_token_attest_take(msg, &request, cause);

    if (rc == KS_OK)
        rc = permit(token, STATEMENT_OFFER, &machine, cause);
    if (rc != KS_OK)
        return rc;
    offer = calloc(1, sizeof *offer);
    if (offer == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    rc = keystore_offer_evidence(token->ks, offer, cause);
    if (rc == KS_OK)
        text = evidence_json_offer(offer, request.pcrs);
    if (rc == KS_OK && text == NULL)
        rc = err_set(cause, KS_ERR_RESOURCES, "no memory");
    if (rc == KS_OK) {
        attestation->pcrs = request.pcrs;
        memcpy(attestation->name, offer->name, sizeof attestation->name);
        attestation->name_length = offer->name_length;
        LAYOUT_PUT(msg, token_attest_answer, text, offer->endorsement.sha256);
    }
    evidence_json_free(text);
    free(offer);
    return rc;
}

/* V and C of docs/attestation.md.  CERTIFICATE has room for C. */
static enum ks_err
fill_binding(const struct token *token,
             const struct layout_token_evidence *request,
             struct attestation_binding *ret, uint8_t certificate[static 32],
             struct err_cause *cause)
{
    X509 *credential = token->identity[STATEMENT_CREDENTIAL].certificate;
    const struct layout_bytes *hash = &request->certificate;
    bool machine = token->ledger.phase == STATEMENT_PHASE_MACHINE;

    if (machine ? hash->length != 32 || *request->vault == '\0'
                : hash->length != 0 || *request->vault != '\0')
        return msg_malformed_request(cause);
    ret->vault = machine ? request->vault : token->plan.vault;
    ret->certificate = certificate;
    if (machine)
        memcpy(certificate, hash->at, 32);
    else if (credential == NULL ||
             X509_digest(credential, EVP_sha256(), certificate, NULL) != 1)
        return err_set(cause, KS_ERR_STATEMENT, "no credential to bind it to");
    return KS_OK;
}

/* Have QUESTION answered, and put the answer to NONCE into MSG. */
static enum ks_err
answer(struct token *token, const struct evidence_question *question,
       const char *nonce, struct msg *msg, struct err_cause *cause)
{
    struct token_attestation *attestation = &token->attestation;
    struct evidence *evidence = calloc(1, sizeof *evidence);
    char *text = NULL;
    enum ks_err rc;

    if (evidence == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    rc = keystore_give_evidence(token->ks, question, evidence, cause);
    if (rc == KS_OK)
        text = evidence_json_answer(evidence, nonce);
    OPENSSL_cleanse(evidence, sizeof *evidence);
    free(evidence);
    if (rc != KS_OK)
        return rc;
    if (text == NULL || EVP_Q_digest(NULL, "SHA256", NULL, text, strlen(text),
                                     attestation->evidence_sha256, NULL) != 1) {
        rc = err_set_openssl(cause, KS_ERR_RESOURCES, "evidence");
    } else {
        attestation->given = true;
        LAYOUT_PUT(msg, token_evidence_answer, text);
    }
    evidence_json_free(text);
    return rc;
}

enum ks_err
token_evidence(struct token *token, struct msg *msg, struct err_cause *cause)
{
    struct layout_token_evidence request;
    struct attestation_binding binding;
    uint8_t certificate[32], qualifying[EVIDENCE_QUALIFYING];
    struct evidence_question question = {
        .qualifying = qualifying,
        .credential = token->identity[STATEMENT_CREDENTIAL].key,
        .pcrs = token->attestation.pcrs};
    enum ks_err rc = layout_token_evidence_take(msg, &request, cause);

    if (rc == KS_OK && token->attestation.name_length == 0)
        rc = err_set(cause, KS_ERR_STATEMENT, "nothing was offered");
    if (rc == KS_OK)
        rc = fill_binding(token, &request, &binding, certificate, cause);
    if (rc == KS_OK)
        rc = permit(token, STATEMENT_EVIDENCE, &question.machine, cause);
    if (rc != KS_OK)
        return rc;
    binding.nonce = request.nonce;
    binding.machine = keystore_key_public(question.machine);
    rc = attestation_qualifying(&binding, qualifying, cause);
    question.challenge = request.challenge.at;
    question.challenge_length = request.challenge.length;
    if (rc == KS_OK)
        rc = answer(token, &question, request.nonce, msg, cause);
    return rc;
}

json_t *
token_attestation_claim(const struct token *token)
{
    const struct token_attestation *attestation = &token->attestation;
    const char *mode = attestation_mode_word(token->plan.attest);
    char name[4 * (sizeof attestation->name + 2) / 3 + 1];
    char hash[JWS_HASH_TEXT_LENGTH + 2];

    jws_base64url(attestation->name, attestation->name_length, name);
    jws_base64url(attestation->evidence_sha256, 32, hash);
    return json_pack("{s:s, s:s*, s:s*}", "mode", mode, "ak_name",
                     attestation->name_length > 0 ? name : NULL,
                     "evidence_sha256", attestation->given ? hash : NULL);
}
