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

static enum ks_err
finish(struct token_client *client, struct err_cause *cause)
{
    return msg_complete(client->msg)
               ? KS_OK
               : msg_malformed_answer("holdfast-token", cause);
}

enum ks_err
token_client_opened(struct token_client *client, struct keystore_info *ret,
                    struct err_cause *cause)
{
    struct msg *msg = client->msg;
    enum ks_err rc = helper_answer(client->helper, msg, cause);

    if (rc != KS_OK)
        return rc;
    ret->kind = keystore_kind_of(msg_get_text(msg));
    ret->emulated = msg_get_number(msg) != 0;
    msg_copy_text(msg, ret->label, sizeof ret->label);
    msg_copy_text(msg, ret->maker, sizeof ret->maker);
    msg_copy_text(msg, ret->model, sizeof ret->model);
    msg_copy_text(msg, ret->serial, sizeof ret->serial);
    msg_copy_text(msg, ret->module, sizeof ret->module);
    ret->srk_unverified = msg_get_number(msg) != 0;
    msg_copy_text(msg, ret->root, sizeof ret->root);
    return finish(client, cause);
}

enum ks_err
token_client_start(const struct token_access *access,
                   const struct token_run *run, struct token_client **ret,
                   struct err_cause *cause)
{
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
    msg_begin(client->msg, TOKEN_OPEN);
    msg_put_number(client->msg, run->phase);
    msg_put_text(client->msg, access->uri);
    msg_put_text(client->msg, access->serial);
    msg_put_text(client->msg, access->module);
    msg_put_number(client->msg, access->emulation || access->registered);
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

/* The key info that some answers are; what it must say is checked where it is
 * read, in holdfast-token. */
static void
skip_key_info(struct token_client *client)
{
    for (int i = 0; i < 6; i++)
        (void)msg_get_number(client->msg);
}

static enum ks_err
finish_key_info(struct token_client *client, struct err_cause *cause)
{
    skip_key_info(client);
    return finish(client, cause);
}

enum ks_err
token_client_import(struct token_client *client,
                    const uint8_t id[static KEYSTORE_ID_LENGTH],
                    const char *label, X509 *certificate,
                    enum keystore_way *ret_way, struct err_cause *cause)
{
    uint64_t way;
    enum ks_err rc;

    msg_begin(client->msg, TOKEN_IMPORT);
    msg_put_bytes(client->msg, id, KEYSTORE_ID_LENGTH);
    msg_put_text(client->msg, label);
    msg_put_certificate(client->msg, certificate);
    rc = call(client, cause);
    if (rc != KS_OK)
        return rc;
    skip_key_info(client);
    way = msg_get_number(client->msg);
    rc = finish(client, cause);
    if (rc == KS_OK && way < KEYSTORE_WAY__MAX)
        *ret_way = (enum keystore_way)way;
    return rc;
}

enum ks_err
token_client_bind_credential(struct token_client *client,
                             const uint8_t id[static KEYSTORE_ID_LENGTH],
                             X509 *certificate, struct err_cause *cause)
{
    enum ks_err rc;

    msg_begin(client->msg, TOKEN_BIND);
    msg_put_number(client->msg, STATEMENT_CREDENTIAL);
    msg_put_bytes(client->msg, id, KEYSTORE_ID_LENGTH);
    msg_put_certificate(client->msg, certificate);
    rc = call(client, cause);
    return rc == KS_OK ? finish_key_info(client, cause) : rc;
}

enum ks_err
token_client_bind_machine(struct token_client *client,
                          const uint8_t id[static KEYSTORE_ID_LENGTH],
                          const uint8_t *public, size_t length,
                          struct err_cause *cause)
{
    enum ks_err rc;

    msg_begin(client->msg, TOKEN_BIND);
    msg_put_number(client->msg, STATEMENT_MACHINE);
    msg_put_bytes(client->msg, id, KEYSTORE_ID_LENGTH);
    msg_put_bytes(client->msg, public, length);
    rc = call(client, cause);
    return rc == KS_OK ? finish_key_info(client, cause) : rc;
}

enum ks_err
token_client_prove(struct token_client *client,
                   enum statement_identity identity, EVP_PKEY *public,
                   struct err_cause *cause)
{
    uint8_t nonce[STATEMENT_NONCE_LENGTH];
    enum keystore_scheme scheme = scheme_of_key(public);
    const uint8_t *signature;
    size_t length;
    uint64_t signed_by;
    enum ks_err rc;

    if (getrandom(nonce, sizeof nonce, 0) != sizeof nonce)
        return err_set_errno(cause, KS_ERR_INTERNAL, "nonce");
    msg_begin(client->msg, TOKEN_PROVE);
    msg_put_number(client->msg, identity);
    msg_put_bytes(client->msg, nonce, sizeof nonce);
    rc = call(client, cause);
    if (rc != KS_OK)
        return rc;
    signed_by = msg_get_number(client->msg);
    signature = msg_get_bytes(client->msg, &length);
    rc = finish(client, cause);
    if (rc != KS_OK)
        return rc;
    if (signed_by != (uint64_t)scheme)
        return err_set(cause, KS_ERR_TOKEN_FAILED, "another signature scheme");
    return statement_verify(public, scheme, STATEMENT_PROOF_PREFIX, nonce,
                            sizeof nonce, signature, length, cause);
}

enum ks_err
token_client_plan(struct token_client *client, const struct token_pins *pins,
                  struct err_cause *cause)
{
    struct msg *msg = client->msg;
    enum ks_err rc;

    msg_begin(msg, TOKEN_PLAN);
    msg_put_text(msg, pins->client_id);
    msg_put_text(msg, pins->token_endpoint);
    msg_put_text(msg, pins->resource);
    msg_put_text(msg, pins->vault);
    msg_put_number(msg, pins->scheme);
    msg_put_bytes(msg, pins->machine_key, pins->machine_key != NULL ? 32 : 0);
    rc = call(client, cause);
    return rc == KS_OK ? finish(client, cause) : rc;
}

enum ks_err
token_client_generate(struct token_client *client,
                      const uint8_t id[static KEYSTORE_ID_LENGTH],
                      const char *label, EVP_PKEY **ret,
                      struct err_cause *cause)
{
    const uint8_t *der;
    size_t length;
    EVP_PKEY *public;
    enum ks_err rc;

    msg_begin(client->msg, TOKEN_GENERATE);
    msg_put_bytes(client->msg, id, KEYSTORE_ID_LENGTH);
    msg_put_text(client->msg, label);
    rc = call(client, cause);
    if (rc != KS_OK)
        return rc;
    der = msg_get_bytes(client->msg, &length);
    rc = finish(client, cause);
    if (rc != KS_OK)
        return rc;
    public = d2i_PUBKEY(NULL, &der, (long)length);
    if (public == NULL)
        return err_set_openssl(cause, KS_ERR_HELPER, "machine key");
    *ret = public;
    return KS_OK;
}

enum ks_err
token_client_request(struct token_client *client, uint8_t *ret, size_t size,
                     size_t *ret_length, struct err_cause *cause)
{
    const uint8_t *der;
    size_t length;
    enum ks_err rc;

    msg_begin(client->msg, TOKEN_REQUEST);
    rc = call(client, cause);
    if (rc != KS_OK)
        return rc;
    der = msg_get_bytes(client->msg, &length);
    rc = finish(client, cause);
    if (rc == KS_OK && length > size)
        rc = err_set(cause, KS_ERR_HELPER, "certificate request too long");
    if (rc != KS_OK)
        return rc;
    memcpy(ret, der, length);
    *ret_length = length;
    return KS_OK;
}

/* An answer that is one text. */
static enum ks_err
call_for_text(struct token_client *client, char **ret, struct err_cause *cause)
{
    const char *text;
    char *copy;
    enum ks_err rc = call(client, cause);

    if (rc != KS_OK)
        return rc;
    text = msg_get_text(client->msg);
    rc = finish(client, cause);
    if (rc != KS_OK)
        return rc;
    copy = strdup(text);
    if (copy == NULL)
        return err_set_errno(cause, KS_ERR_INTERNAL, "answer");
    *ret = copy;
    return KS_OK;
}

enum ks_err
token_client_enrolment(struct token_client *client, const char *nonce,
                       char **ret, struct err_cause *cause)
{
    msg_begin(client->msg, TOKEN_ENROL);
    msg_put_text(client->msg, nonce);
    return call_for_text(client, ret, cause);
}

enum ks_err
token_client_receipt(struct token_client *client,
                     const struct token_receipt *receipt, char **ret,
                     struct err_cause *cause)
{
    struct msg *msg = client->msg;

    msg_begin(msg, TOKEN_RECEIPT);
    msg_put_text(msg, receipt->vault);
    msg_put_text(msg, receipt->vault_name);
    msg_put_text(msg, receipt->machine);
    msg_put_number(msg, receipt->registered_at);
    msg_put_bytes(msg, receipt->file_sha256, sizeof receipt->file_sha256);
    msg_put_bytes(msg, receipt->certificate_sha256,
                  sizeof receipt->certificate_sha256);
    msg_put_number(msg, receipt->wiped_at);
    msg_put_text(msg, receipt->wipe_outcome);
    return call_for_text(client, ret, cause);
}

enum ks_err
token_client_remove(struct token_client *client,
                    const uint8_t id[static KEYSTORE_ID_LENGTH],
                    struct err_cause *cause)
{
    enum ks_err rc;

    msg_begin(client->msg, TOKEN_REMOVE);
    msg_put_bytes(client->msg, id, KEYSTORE_ID_LENGTH);
    rc = call(client, cause);
    return rc == KS_OK ? finish(client, cause) : rc;
}
