/* SPDX-License-Identifier: Apache-2.0 */
/* Each attempt makes its proof anew: an attestation key dies with the run that
 * made it, and a nonce is good for one enrolment. */
#include "agent/holdfast/register/attest.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "agent/holdfast/report/progress.h"
#include "agent/holdfast/state/pem.h"

/* An earlier attempt may have noted its own answers. */
static void
forget(struct state *state)
{
    static const enum state_text texts[] = {
        STATE_ORIGIN, STATE_PROOF, STATE_EK_SHA256, STATE_TPM_FIRMWARE};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        state_set_text(state, texts[i], "");
}

static bool
is_required(const struct session *session)
{
    return settings_attest(&session->settings) == ATTESTATION_REQUIRE;
}

/* The token's offer, noted in the state's memory. */
static enum ks_err
make_offer(const struct session *session, const struct pair *pair,
           struct token_offer *ret, struct err_cause *cause)
{
    struct state *state = session->state;
    struct err_cause why = {""};
    enum ks_err rc = token_client_attest(
        pair->token, settings_pcrs(&session->settings), ret, &why);

    if (rc != KS_OK)
        return err_pass(cause,
                        rc == KS_ERR_TOKEN_UNSUPPORTED ? KS_ERR_ATTEST : rc,
                        "%s", why.text);
    state_set_bytes(state, STATE_EK_SHA256, ret->endorsement,
                    sizeof ret->endorsement);
    state_set_text(state, STATE_TPM_FIRMWARE, session->store.firmware);
    return KS_OK;
}

/* The same; without a text where there is none and none is required. */
static enum ks_err
get_offer(const struct session *session, const struct pair *pair,
          struct token_offer *ret, struct err_cause *cause)
{
    struct err_cause why = {""};
    enum ks_err rc = make_offer(session, pair, ret, &why);

    if (rc == KS_OK)
        return KS_OK;
    if (rc != KS_ERR_ATTEST || is_required(session))
        return err_pass(cause, rc, "%s", why.text);
    err_cut_remedy(&why);
    progress_say("going on without proof of where the key lives: %s", why.text);
    return KS_OK;
}

/* The network process could say anything; what is recorded is one of the words
 * that people are told the meaning of. */
static enum ks_err
note_verdict(struct state *state, const struct net_verdict *verdict,
             struct err_cause *cause)
{
    static const char *const origins[] = {"born", "emulated"};
    static const char *const proofs[] = {"certified", "EK-verified"};
    bool origin = false, proof = false;

    for (size_t i = 0; i < 2; i++) {
        origin = origin || strcmp(verdict->origin, origins[i]) == 0;
        proof = proof || strcmp(verdict->proof, proofs[i]) == 0;
    }
    if (!origin || !proof)
        return err_set(cause, KS_ERR_NET_REPLY,
                       "it calls the machine's key \"%s\", \"%s\"",
                       verdict->origin, verdict->proof);
    state_set_text(state, STATE_ORIGIN, verdict->origin);
    state_set_text(state, STATE_PROOF, verdict->proof);
    return KS_OK;
}

/* Evidence is bound to NONCE and to what BOUND holds. */
static enum ks_err
give_evidence(const struct session *session, const struct pair *pair,
              const struct net_nonce *nonce,
              const struct layout_token_evidence *bound,
              struct err_cause *cause)
{
    struct layout_token_evidence question = *bound;
    struct net_verdict verdict;
    char *evidence = NULL;
    enum ks_err rc;

    question.nonce = nonce->text;
    question.challenge = (struct layout_bytes){nonce->challenge,
                                               nonce->challenge_length};
    progress_say("proving where the machine's key lives");
    rc = token_client_evidence(pair->token, &question, &evidence, cause);
    if (rc == KS_OK)
        rc = net_client_evidence(pair->net, evidence, &verdict, cause);
    if (rc == KS_OK)
        rc = note_verdict(session->state, &verdict, cause);
    if (evidence != NULL)
        OPENSSL_cleanse(evidence, strlen(evidence)); /* the secret is in it */
    free(evidence);
    return rc;
}

/* There was an offer, but no challenge. */
static enum ks_err
do_without(const struct session *session, struct err_cause *cause)
{
    const char *vault = state_text(session->state, STATE_VAULT_NAME);

    if (is_required(session))
        return err_set(cause, KS_ERR_ATTEST,
                       "vault \"%.100s\" asks for none; register with "
                       "--attest try, or at a vault that does",
                       vault);
    progress_say("vault \"%s\" asks for no proof of where the key lives",
                 vault);
    return KS_OK;
}

enum ks_err
attest_enrolment(const struct session *session, const struct pair *pair,
                 const char *name, struct net_nonce *ret,
                 struct err_cause *cause)
{
    static const struct layout_token_evidence by_the_run = {.nonce = ""};
    struct token_offer offer = {.text = NULL};
    enum ks_err rc = KS_OK;

    forget(session->state);
    if (settings_attest(&session->settings) != ATTESTATION_OFF)
        rc = get_offer(session, pair, &offer, cause);
    if (rc == KS_OK)
        rc = net_client_nonce(pair->net, name, offer.text, ret, cause);
    if (rc == KS_OK && offer.text != NULL)
        rc = ret->challenge_length > 0
                 ? give_evidence(session, pair, ret, &by_the_run, cause)
                 : do_without(session, cause);
    free(offer.text);
    return rc;
}

static enum ks_err
hash_certificate(const struct state *state, uint8_t ret[static LAYOUT_HASH],
                 struct err_cause *cause)
{
    size_t length = 0;
    unsigned char *der = pem_certificate_der(state, STATE_MACHINE_CERTIFICATE,
                                             &length);
    bool done = der != NULL &&
                EVP_Q_digest(NULL, "SHA256", NULL, der, length, ret, NULL) == 1;

    OPENSSL_free(der);
    return done ? KS_OK
                : err_set(cause, KS_ERR_STATE_BROKEN, "no machine certificate");
}

enum ks_err
attest_anew(const struct session *session, const struct pair *machine,
            struct err_cause *cause)
{
    const struct state *state = session->state;
    uint8_t certificate[LAYOUT_HASH];
    const struct layout_token_evidence bound = {
        .vault = state_text(state, STATE_VAULT),
        .certificate = {certificate, sizeof certificate}};
    struct token_offer offer = {.text = NULL};
    struct net_nonce nonce;
    enum ks_err rc = hash_certificate(state, certificate, cause);

    if (rc == KS_OK)
        rc = make_offer(session, machine, &offer, cause);
    if (rc == KS_OK)
        rc = net_client_nonce(machine->net, "", offer.text, &nonce, cause);
    if (rc == KS_OK && nonce.challenge_length == 0)
        rc = err_set(cause, KS_ERR_NET_REPLY, "it holds no challenge");
    if (rc == KS_OK)
        rc = give_evidence(session, machine, &nonce, &bound, cause);
    free(offer.text);
    return rc;
}
