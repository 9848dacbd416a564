/* SPDX-License-Identifier: Apache-2.0 */
/* Attestation: the token's own key signs what the token itself says of the
 * machine's key, bound to what is known here; holdfast chooses no byte of it.
 * The JSON is docs/attestation.md's. */
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "agent/statement/jws.h"
#include "agent/token/token.h"

/* base64url is four thirds, and names and braces have room in the rest. */
_Static_assert(2 * (2 * EVIDENCE_AREA_MAX + EVIDENCE_CERTIFICATE_MAX +
                    EVIDENCE_CHAIN_MAX) <=
                       LAYOUT_EVIDENCE_MAX &&
                   2 * (EVIDENCE_SECRET_MAX + 3 * EVIDENCE_AREA_MAX +
                        4 * (EVIDENCE_STATEMENT_MAX + EVIDENCE_SIGNATURE_MAX) +
                        32 * EVIDENCE_PCRS) <=
                       LAYOUT_EVIDENCE_MAX,
               "messages hold an offer and its evidence");
_Static_assert(LAYOUT_CHALLENGE_MAX == EVIDENCE_CHALLENGE_MAX,
               "messages hold a challenge");

/* NULL where memory is short, as jansson has it everywhere here: what is put
 * into an object then is missed there. */
static json_t *
base64url(const uint8_t *bytes, size_t length)
{
    size_t size = 4 * ((length + 2) / 3) + 1;
    char *text = malloc(size);
    json_t *string;

    if (text == NULL)
        return NULL;
    jws_base64url(bytes, length, text);
    string = json_string(text);
    OPENSSL_cleanse(text, size);
    free(text);
    return string;
}

/* NAME into OBJECT, where there is any of it. */
static bool
put(json_t *object, const char *name, const uint8_t *bytes, size_t length)
{
    return length == 0 ||
           json_object_set_new(object, name, base64url(bytes, length)) == 0;
}

static bool
put_area(json_t *object, const char *name, const struct evidence_area *area)
{
    return put(object, name, area->bytes, area->length);
}

/* The member NAME of what an AK signed, with the area AREA_NAME that is
 * believed by it; nothing where it signed none. */
static bool
put_statement(json_t *object, const char *name,
              const struct evidence_statement *statement, const char *area_name,
              const struct evidence_area *area)
{
    json_t *member;

    if (statement->length == 0)
        return true;
    member = json_object();
    if (!put_area(member, area_name, area) ||
        !put(member, "statement", statement->bytes, statement->length) ||
        !put(member, "signature", statement->signature,
             statement->signature_length)) {
        json_decref(member);
        return false;
    }
    return json_object_set_new(object, name, member) == 0;
}

/* The certificates of CHAIN, each by the length that it begins with; what is
 * none, and all behind it, says nothing to anybody. */
static bool
put_chain(json_t *object, const uint8_t *chain, size_t length)
{
    json_t *list = json_array();
    const uint8_t *end = chain + length;
    bool done = list != NULL;

    while (done && chain < end) {
        const uint8_t *at = chain;
        long content;
        int tag, class;
        int form = ASN1_get_object(&at, &content, &tag, &class, end - chain);

        if (form != V_ASN1_CONSTRUCTED || tag != V_ASN1_SEQUENCE)
            break;
        at += content;
        done = json_array_append_new(
                   list, base64url(chain, (size_t)(at - chain))) == 0;
        chain = at;
    }
    if (done && json_array_size(list) > 0)
        return json_object_set_new(object, "chain", list) == 0;
    json_decref(list);
    return done;
}

static json_t *
pcr_list(uint32_t pcrs)
{
    json_t *list = json_array();

    for (json_int_t i = 0; i < EVIDENCE_PCRS; i++)
        if ((pcrs >> i & 1) != 0 &&
            json_array_append_new(list, json_integer(i)) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *
offer_object(const struct evidence_offer *offer, uint32_t pcrs)
{
    const struct evidence_endorsement *ek = &offer->endorsement;
    json_t *endorsement = json_object();
    json_t *object = json_object();
    bool done = put_area(endorsement, "public", &ek->public) &&
                put(endorsement, "certificate", ek->certificate,
                    ek->certificate_length) &&
                put_chain(endorsement, offer->chain, offer->chain_length);

    done = json_object_set_new(object, "endorsement", endorsement) == 0 && done;
    done = done && put_area(object, "key", &offer->key) &&
           (pcrs == 0 ||
            json_object_set_new(object, "pcrs", pcr_list(pcrs)) == 0);
    if (done)
        return object;
    json_decref(object);
    return NULL;
}

static bool
put_values(json_t *object, const struct evidence *evidence)
{
    json_t *list;

    if (evidence->quote.length == 0)
        return true;
    list = json_array();
    for (size_t i = 0; i < evidence->pcr_count && i < EVIDENCE_PCRS; i++)
        if (json_array_append_new(list, base64url(evidence->pcr[i], 32)) != 0) {
            json_decref(list);
            return false;
        }
    return json_object_set_new(json_object_get(object, "quote"), "values",
                               list) == 0;
}

static json_t *
evidence_object(const struct evidence *evidence, const char *nonce)
{
    static const struct evidence_area none = {.length = 0};
    json_t *object = json_pack("{s:s}", "nonce", nonce);

    if (object != NULL &&
        put(object, "secret", evidence->secret, evidence->secret_length) &&
        put_statement(object, "creation", &evidence->creation, "data",
                      &evidence->creation_data) &&
        put_statement(object, "machine", &evidence->machine, "public",
                      &evidence->machine_public) &&
        put_statement(object, "credential", &evidence->credential, "public",
                      &evidence->credential_public) &&
        put_statement(object, "quote", &evidence->quote, "", &none) &&
        put_values(object, evidence))
        return object;
    json_decref(object);
    return NULL;
}

/* OBJECT as text, which the caller frees with free_text(); takes it over. */
static char *
text_of(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);

    json_decref(object);
    return text;
}

static void
free_text(char *text)
{
    if (text != NULL)
        OPENSSL_cleanse(text, strlen(text));
    free(text);
}

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
        text = text_of(offer_object(offer, request.pcrs));
    if (rc == KS_OK && text == NULL)
        rc = err_set(cause, KS_ERR_RESOURCES, "no memory");
    if (rc == KS_OK) {
        attestation->pcrs = request.pcrs;
        memcpy(attestation->name, offer->name, sizeof attestation->name);
        attestation->name_length = offer->name_length;
        LAYOUT_PUT(msg, token_attest_answer, text, offer->endorsement.sha256);
    }
    free_text(text);
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
        text = text_of(evidence_object(evidence, nonce));
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
    free_text(text);
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
    json_t *claim = json_pack("{s:s}", "mode",
                              attestation_mode_word(token->plan.attest));

    if (claim != NULL &&
        put(claim, "ak_name", attestation->name, attestation->name_length) &&
        put(claim, "evidence_sha256", attestation->evidence_sha256,
            attestation->given ? sizeof attestation->evidence_sha256 : 0))
        return claim;
    json_decref(claim);
    return NULL;
}
