/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to holdfast-token and the checking of its answers.  No secret passes
 * here but as a descriptor. */
#include "agent/holdfast/session/token_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/x509.h>

#include "agent/holdfast/policy/module_network.h"

struct token_client {
    struct helper *helper;
    struct msg *msg;
};

/* Send what is in the message, and have the answer in its place. */
static enum ks_err
call(struct token_client *client, struct err_cause *cause)
{
    return helper_call(client->helper, client->msg, cause);
}

static void
keep(const struct layout_token_open_answer *from, struct keystore_info *to)
{
    to->kind = keystore_kind_of(from->scheme);
    LAYOUT_STORE(LAYOUT_KEEP)
}

enum ks_err
token_client_opened(struct token_client *client, struct keystore_info *ret,
                    struct err_cause *cause)
{
    struct layout_token_open_answer info;
    enum ks_err rc = helper_answer(client->helper, client->msg, cause);

    if (rc == KS_OK)
        rc = layout_token_open_answer_take(client->msg, &info, cause);
    if (rc == KS_OK)
        keep(&info, ret);
    return rc;
}

enum ks_err
token_client_start(const struct token_access *access,
                   const struct token_run *run, struct token_client **ret,
                   struct err_cause *cause)
{
    const struct layout_token_open request = {
        .phase = run->phase,
        .uri = access->uri,
        .serial = access->serial,
        .module = access->module,
        .allow_emulation = access->emulation || access->registered};
    struct helper_fds fds = HELPER_NO_FDS;
    struct token_client *client = calloc(1, sizeof *client);
    char network[SANDBOX_NETWORK_WORDS] = "";
    enum ks_err rc = KS_OK;

    if (*access->module != '\0')
        rc = module_network_find(access->module, network, cause);
    if (rc != KS_OK)
        goto out;
    fds.network = network;
    if (client == NULL || (client->msg = msg_new()) == NULL) {
        rc = err_set(cause, KS_ERR_RESOURCES, "no memory");
        goto out;
    }
    fds.fd[CHANNEL_FD_NET] = run->net;
    fds.fd[CHANNEL_FD_KEYS] = access->keys;
    fds.fd[CHANNEL_FD_MATERIAL] = run->material;
    fds.fd[CHANNEL_FD_PIN] = access->pin;
    (void)layout_token_open_put(client->msg, &request);
    rc = helper_start(HELPER_TOKEN, &fds, access->emulation, &client->helper,
                      cause);
    if (rc == KS_OK)
        rc = helper_send(client->helper, client->msg, cause);
    if (rc != KS_OK)
        goto out;
    *ret = client;
    client = NULL; /* transferred */
out:
    token_client_close(&client);
    return rc;
}

void
token_client_close(struct token_client **client)
{
    if (*client == NULL)
        return;
    helper_stop(&(*client)->helper);
    msg_free(&(*client)->msg);
    free(*client);
    *client = NULL;
}

void
token_client_end(struct token_client *client)
{
    if (client != NULL)
        helper_end(client->helper);
}

/* A call whose answer says nothing but that it is done. */
static enum ks_err
call_for_nothing(struct token_client *client, struct err_cause *cause)
{
    enum ks_err rc = call(client, cause);

    return rc == KS_OK ? layout_done_take(client->msg, "holdfast-token", cause)
                       : rc;
}

enum ks_err
token_client_import(struct token_client *client,
                    const struct layout_token_import *import,
                    enum keystore_way *ret_way, struct err_cause *cause)
{
    struct layout_token_import_answer answer;
    enum ks_err rc;

    (void)layout_token_import_put(client->msg, import);
    rc = call(client, cause);
    if (rc == KS_OK)
        rc = layout_token_import_answer_take(client->msg, &answer, cause);
    if (rc == KS_OK && answer.way < KEYSTORE_WAY__MAX)
        *ret_way = (enum keystore_way)answer.way;
    return rc;
}

enum ks_err
token_client_bind_credential(struct token_client *client,
                             const uint8_t id[static KEYSTORE_ID_LENGTH],
                             X509 *certificate, struct err_cause *cause)
{
    LAYOUT_PUT(client->msg, token_bind_credential, id, certificate);
    return call_for_nothing(client, cause);
}

enum ks_err
token_client_bind_machine(struct token_client *client,
                          const uint8_t id[static KEYSTORE_ID_LENGTH],
                          const uint8_t *public, size_t length,
                          struct err_cause *cause)
{
    LAYOUT_PUT(client->msg, token_bind_machine, id, {public, length});
    return call_for_nothing(client, cause);
}

enum ks_err
token_client_prove(struct token_client *client,
                   enum statement_identity identity, EVP_PKEY *public,
                   struct err_cause *cause)
{
    uint8_t nonce[STATEMENT_NONCE_LENGTH];
    enum keystore_scheme scheme = scheme_of_key(public);
    struct layout_token_prove_answer proof;
    struct keystore_signature signature;
    enum ks_err rc;

    if (getrandom(nonce, sizeof nonce, 0) != sizeof nonce)
        return err_set_errno(cause, KS_ERR_INTERNAL, "nonce");
    LAYOUT_PUT(client->msg, token_prove, identity, nonce);
    rc = call(client, cause);
    if (rc == KS_OK)
        rc = layout_token_prove_answer_take(client->msg, &proof, cause);
    if (rc != KS_OK)
        return rc;
    if (proof.scheme != scheme)
        return err_set(cause, KS_ERR_TOKEN_FAILED, "another signature scheme");
    /* The message's limit is the signature's (agent/token/sign.c). */
    signature.length = proof.signature.length;
    memcpy(signature.bytes, proof.signature.at, signature.length);
    return statement_verify(
        public, scheme,
        &(struct statement_bytes){STATEMENT_PROOF_PREFIX, nonce, sizeof nonce},
        &signature, cause);
}

enum ks_err
token_client_plan(struct token_client *client,
                  const struct layout_token_plan *plan, struct err_cause *cause)
{
    (void)layout_token_plan_put(client->msg, plan);
    return call_for_nothing(client, cause);
}

enum ks_err
token_client_generate(struct token_client *client,
                      const uint8_t id[static KEYSTORE_ID_LENGTH],
                      const char *label, EVP_PKEY **ret,
                      struct err_cause *cause)
{
    struct layout_token_generate_answer born;
    EVP_PKEY *public;
    enum ks_err rc;

    LAYOUT_PUT(client->msg, token_generate, id, label);
    rc = call(client, cause);
    if (rc == KS_OK)
        rc = layout_token_generate_answer_take(client->msg, &born, cause);
    if (rc != KS_OK)
        return rc;
    public = d2i_PUBKEY(NULL, &born.public.at, (long)born.public.length);
    if (public == NULL)
        return err_set_openssl(cause, KS_ERR_HELPER, "machine key");
    *ret = public;
    return KS_OK;
}

enum ks_err
token_client_request(struct token_client *client,
                     uint8_t ret[static LAYOUT_REQUEST_MAX], size_t *ret_length,
                     struct err_cause *cause)
{
    struct layout_token_request_answer made;
    enum ks_err rc;

    layout_bare_put(client->msg, TOKEN_REQUEST);
    rc = call(client, cause);
    if (rc == KS_OK)
        rc = layout_token_request_answer_take(client->msg, &made, cause);
    if (rc != KS_OK)
        return rc;
    memcpy(ret, made.request.at, made.request.length);
    *ret_length = made.request.length;
    return KS_OK;
}

static enum ks_err
copy(const char *text, char **ret, struct err_cause *cause)
{
    *ret = strdup(text);
    return *ret != NULL ? KS_OK
                        : err_set_errno(cause, KS_ERR_INTERNAL, "answer");
}

enum ks_err
token_client_attest(struct token_client *client, uint32_t pcrs,
                    struct token_offer *ret, struct err_cause *cause)
{
    struct layout_token_attest_answer answer;
    enum ks_err rc;

    LAYOUT_PUT(client->msg, token_attest, pcrs);
    rc = call(client, cause);
    if (rc == KS_OK)
        rc = layout_token_attest_answer_take(client->msg, &answer, cause);
    if (rc != KS_OK)
        return rc;
    memcpy(ret->endorsement, answer.endorsement, sizeof ret->endorsement);
    return copy(answer.offer, &ret->text, cause);
}

enum ks_err
token_client_evidence(struct token_client *client,
                      const struct layout_token_evidence *question, char **ret,
                      struct err_cause *cause)
{
    struct layout_token_evidence_answer answer;
    enum ks_err rc;

    (void)layout_token_evidence_put(client->msg, question);
    rc = call(client, cause);
    if (rc == KS_OK)
        rc = layout_token_evidence_answer_take(client->msg, &answer, cause);
    return rc == KS_OK ? copy(answer.evidence, ret, cause) : rc;
}

enum ks_err
token_client_enrolment(struct token_client *client, const char *nonce,
                       char **ret, struct err_cause *cause)
{
    struct layout_token_enrol_answer answer;
    enum ks_err rc;

    LAYOUT_PUT(client->msg, token_enrol, nonce);
    rc = call(client, cause);
    if (rc == KS_OK)
        rc = layout_token_enrol_answer_take(client->msg, &answer, cause);
    return rc == KS_OK ? copy(answer.proof, ret, cause) : rc;
}

enum ks_err
token_client_receipt(struct token_client *client,
                     const struct layout_token_receipt *receipt, char **ret,
                     struct err_cause *cause)
{
    struct layout_token_receipt_answer answer;
    enum ks_err rc;

    (void)layout_token_receipt_put(client->msg, receipt);
    rc = call(client, cause);
    if (rc == KS_OK)
        rc = layout_token_receipt_answer_take(client->msg, &answer, cause);
    return rc == KS_OK ? copy(answer.receipt, ret, cause) : rc;
}

enum ks_err
token_client_remove(struct token_client *client,
                    const uint8_t id[static KEYSTORE_ID_LENGTH],
                    struct err_cause *cause)
{
    LAYOUT_PUT(client->msg, token_remove, id);
    return call_for_nothing(client, cause);
}
