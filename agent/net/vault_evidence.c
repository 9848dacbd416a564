/* SPDX-License-Identifier: Apache-2.0 */
/* M3: what goes to the vault and comes back before a machine is enrolled, or
 * gives evidence anew. */
#include <stdlib.h>
#include <string.h>

#include "agent/net/http_call.h"
#include "agent/net/reply.h"
#include "agent/net/vault_client.h"
#include "keystore/base/base64url.h"

/* A text that decodes to LAYOUT_CHALLENGE_MAX bytes has at most this length. */
#define CHALLENGE_TEXT_MAX (4 * LAYOUT_CHALLENGE_MAX / 3 + 1)

#define WORD_MAX 15 /* LAYOUT_NET_EVIDENCE_ANSWER's */

struct question {
    const char *path; /* behind the vault's endpoint */
    const char *body; /* JSON; NULL: there was no memory */
    long expected;    /* status */
    const char *step; /* for people */
};

/* Post QUESTION and take the reply into *RET, in the place of the one before.
 */
static enum ks_err
post(struct vault_client *client, const char *token,
     const struct question *question, json_t **ret, struct err_cause *cause)
{
    char *url = vault_client_format("%s%s", client->endpoint, question->path);
    const struct http_request request = {.method = "POST",
                                         .url = url,
                                         .bearer = token,
                                         .accept = "application/json",
                                         .type = "application/json",
                                         .body = question->body,
                                         .machine = client->anew};
    enum ks_err rc;

    json_decref(*ret);
    *ret = NULL;
    if (question->body == NULL || url == NULL)
        rc = err_set(cause, KS_ERR_RESOURCES, "no memory");
    else
        rc = vault_reply_call(client->http, &request, question->expected,
                              question->step, ret, cause);
    free(url);
    return rc;
}

/* The body of a request for a nonce: the offer alone where a machine gives
 * evidence anew, else with its name for people.  The caller frees it. */
static char *
nonce_body(bool anew, const struct layout_net_nonce *request)
{
    json_t *object, *offer;
    char *body;

    if (anew)
        return strdup(request->offer);
    object = json_pack("{s:s}", "name", request->name);
    if (*request->offer != '\0') {
        offer = json_loads(request->offer, 0, NULL);
        if (json_object_set_new(object, "attestation", offer) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    body = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return body;
}

/* The challenge of the reply into RET; of length 0 where there is none. */
static enum ks_err
take_challenge(const json_t *reply, struct vault_nonce *ret,
               struct err_cause *cause)
{
    const char *text;

    ret->challenge_length = 0;
    if (json_object_get(reply, "challenge") == NULL)
        return KS_OK;
    text = vault_reply_text(reply, "challenge", CHALLENGE_TEXT_MAX);
    if (text == NULL ||
        !base64url_read(text, ret->challenge, sizeof ret->challenge,
                        &ret->challenge_length))
        return err_set(cause, KS_ERR_NET_REPLY,
                       "its challenge is no base64url of up to %d bytes",
                       LAYOUT_CHALLENGE_MAX);
    return KS_OK;
}

enum ks_err
vault_client_nonce(struct vault_client *client, const char *token,
                   const struct layout_net_nonce *request,
                   struct vault_nonce *ret, struct err_cause *cause)
{
    bool anew = *request->name == '\0';
    char *body = nonce_body(anew, request);
    const struct question question = {anew ? "machines/self/attestation"
                                           : "enrolments",
                                      body, 201, "enrolment"};
    enum ks_err rc;

    client->anew = anew;
    rc = post(client, token, &question, &client->nonce, cause);
    free(body);
    if (rc != KS_OK)
        return rc;
    ret->text = vault_reply_text(client->nonce, "nonce", LAYOUT_NONCE_MAX);
    if (ret->text == NULL)
        return err_set(cause, KS_ERR_NET_REPLY, "it holds no nonce");
    return take_challenge(client->nonce, ret, cause);
}

enum ks_err
vault_client_evidence(struct vault_client *client, const char *token,
                      const char *evidence,
                      struct layout_net_evidence_answer *ret,
                      struct err_cause *cause)
{
    const struct question question = {client->anew ? "machines/self/evidence"
                                                   : "enrolments/evidence",
                                      evidence, 200, "evidence"};
    enum ks_err rc = post(client, token, &question, &client->verdict, cause);

    if (rc != KS_OK)
        return rc;
    ret->origin = vault_reply_text(client->verdict, "origin", WORD_MAX);
    ret->proof = vault_reply_text(client->verdict, "proof", WORD_MAX);
    if (ret->origin == NULL || ret->proof == NULL)
        return err_set(cause, KS_ERR_NET_REPLY,
                       "it does not say what the evidence proves");
    return KS_OK;
}
