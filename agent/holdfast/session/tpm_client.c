/* SPDX-License-Identifier: Apache-2.0 */
/* Its text comes from a TPM and is escaped before anybody prints it. */
#include "agent/holdfast/session/tpm_client.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/holdfast/helper.h"
#include "agent/ipc/layout.h"

#define DEVICE "/dev/tpmrm"

bool
tpm_client_device(unsigned number, char *ret, size_t size)
{
    char path[32];

    (void)snprintf(path, sizeof path, DEVICE "%u", number);
    if (access(path, F_OK) != 0)
        return false;
    (void)snprintf(ret, size, "tpm2:device=%s", path);
    return true;
}

static void
keep(const struct layout_token_look_answer *from, struct tpm_client *to)
{
    LAYOUT_TOKEN_LOOK_ANSWER(LAYOUT_KEEP)
}

enum ks_err
tpm_client_look(const char *uri, struct tpm_client *ret,
                struct err_cause *cause)
{
    struct layout_token_look_answer look;
    struct msg *msg = msg_new();
    enum ks_err rc;

    if (msg == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    if (LAYOUT_PUT(msg, token_look, uri))
        rc = helper_ask(HELPER_TOKEN, &HELPER_NO_FDS, false, msg, cause);
    else
        rc = err_set(cause, KS_ERR_TOKEN_URI, "it is longer than %d bytes",
                     LAYOUT_URI_MAX);
    if (rc == KS_OK)
        rc = layout_token_look_answer_take(msg, &look, cause);
    if (rc == KS_OK) {
        (void)snprintf(ret->uri, sizeof ret->uri, "%s", uri);
        keep(&look, ret);
    }
    msg_free(&msg);
    return rc;
}
