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

/* The question is in MSG, unless URI was too long for PUT; the answer takes its
 * place. */
static enum ks_err
ask(struct msg *msg, bool put, struct err_cause *cause)
{
    if (!put)
        return err_set(cause, KS_ERR_TOKEN_URI, "it is longer than %d bytes",
                       LAYOUT_URI_MAX);
    return helper_ask(HELPER_TOKEN, &HELPER_NO_FDS, false, msg, cause);
}

enum ks_err
tpm_client_look(const char *uri, const char *serial, struct tpm_client *ret,
                struct err_cause *cause)
{
    struct layout_token_look_answer look;
    struct msg *msg = msg_new();
    enum ks_err rc;

    if (msg == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    rc = ask(msg, LAYOUT_PUT(msg, token_look, uri, serial), cause);
    if (rc == KS_OK)
        rc = layout_token_look_answer_take(msg, &look, cause);
    if (rc == KS_OK) {
        (void)snprintf(ret->uri, sizeof ret->uri, "%s", uri);
        keep(&look, ret);
    }
    msg_free(&msg);
    return rc;
}

enum ks_err
tpm_client_endorsement(const char *uri, struct tpm_endorsement *ret,
                       struct err_cause *cause)
{
    struct tpm_endorsement found = {.msg = msg_new()};
    struct err_cause why = {""};
    enum ks_err rc;

    if (found.msg == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    rc = ask(found.msg, LAYOUT_PUT(found.msg, token_endorsement, uri), &why);
    if (rc == KS_OK)
        rc = layout_token_endorsement_answer_take(found.msg, &found.answer,
                                                  &why);
    if (rc == KS_OK) {
        *ret = found;
        return KS_OK;
    }
    msg_free(&found.msg);
    return err_pass(cause, rc == KS_ERR_TOKEN_UNSUPPORTED ? KS_ERR_ATTEST : rc,
                    "%s", why.text);
}

void
tpm_endorsement_free(struct tpm_endorsement *endorsement)
{
    msg_free(&endorsement->msg);
}
