/* SPDX-License-Identifier: Apache-2.0 */
/* A short-lived holdfast-inspect answers each question.  Its text comes from a
 * module and is escaped before anybody prints it; which module that is, and
 * whether to give it a PIN, is not for the module to say. */
#include "agent/holdfast/session/inspect_client.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent/holdfast/helper.h"
#include "agent/ipc/layout.h"
#include "agent/holdfast/policy/module_network.h"

static void
keep(const struct layout_token *from, const char *module,
     struct inspect_token *to)
{
    (void)snprintf(to->module, sizeof to->module, "%s", module);
    LAYOUT_TOKEN(LAYOUT_KEEP)
}

static enum ks_err
take_tokens(struct msg *msg, const char *module, struct inspect_listing *ret,
            struct err_cause *cause)
{
    static struct layout_inspect_list_answer answer; /* much for a stack */
    struct inspect_token *tokens;
    enum ks_err rc = layout_inspect_list_answer_take(msg, &answer, cause);

    if (rc != KS_OK)
        return rc;
    tokens = calloc(answer.token_count + 1, sizeof *tokens);
    if (tokens == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    for (size_t i = 0; i < answer.token_count; i++)
        keep(&answer.token[i], module, &tokens[i]);
    *ret = (struct inspect_listing){tokens, answer.token_count};
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
    rc = LAYOUT_PUT(msg, inspect_list, module)
             ? helper_ask(HELPER_INSPECT, &fds, emulation, msg, cause)
             : err_set(cause, KS_ERR_TOKEN_MODULE,
                       "its path is longer than %d bytes", LAYOUT_PATH_MAX);
    if (rc == KS_OK)
        rc = take_tokens(msg, module, ret, cause);
    msg_free(&msg);
    return rc;
}
