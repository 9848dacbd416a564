/* SPDX-License-Identifier: Apache-2.0 */
/* A short-lived holdfast-inspect answers each question.  Its text comes from a
 * module and is escaped before anybody prints it; which module that is, and
 * whether to give it a PIN, is not for the module to say. */
#include "agent/holdfast/session/inspect_client.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent/holdfast/helper.h"
#include "agent/holdfast/policy/module_network.h"

#define TOKENS_MAX 256

static void
take_token(struct msg *msg, const char *module, struct inspect_token *token)
{
    (void)snprintf(token->module, sizeof token->module, "%s", module);
    msg_copy_text(msg, token->slot, sizeof token->slot);
    msg_copy_text(msg, token->label, sizeof token->label);
    msg_copy_text(msg, token->maker, sizeof token->maker);
    msg_copy_text(msg, token->model, sizeof token->model);
    msg_copy_text(msg, token->serial, sizeof token->serial);
    token->flags = (unsigned)msg_get_number(msg);
    token->certificates = (unsigned)msg_get_number(msg);
}

static enum ks_err
take_tokens(struct msg *msg, const char *module, struct inspect_listing *ret,
            struct err_cause *cause)
{
    uint64_t count = msg_get_number(msg);
    struct inspect_token *tokens = NULL;

    if (count <= TOKENS_MAX)
        tokens = calloc(count + 1, sizeof *tokens);
    for (uint64_t i = 0; tokens != NULL && i < count; i++)
        take_token(msg, module, &tokens[i]);
    if (tokens == NULL || !msg_complete(msg)) {
        free(tokens);
        return msg_malformed_answer("holdfast-inspect", cause);
    }
    *ret = (struct inspect_listing){tokens, (size_t)count};
    return KS_OK;
}

enum ks_err
inspect_tokens(const char *module, bool emulation, struct inspect_listing *ret,
               struct err_cause *cause)
{
    char network[SANDBOX_NETWORK_WORDS];
    struct helper_fds fds = HELPER_NO_FDS;
    struct msg *msg = NULL;
    enum ks_err rc = module_network_find(module, network, cause);

    if (rc != KS_OK)
        return rc;
    msg = msg_new();
    if (msg == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    fds.network = network;
    msg_begin(msg, INSPECT_LIST);
    msg_put_text(msg, module);
    rc = helper_ask(HELPER_INSPECT, &fds, emulation, msg, cause);
    if (rc == KS_OK)
        rc = take_tokens(msg, module, ret, cause);
    msg_free(&msg);
    return rc;
}
