/* SPDX-License-Identifier: Apache-2.0 */
/* Its text comes from a TPM and is escaped before anybody prints it. */
#include "agent/holdfast/session/tpm_client.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/holdfast/helper.h"

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
take(struct msg *msg, struct tpm_client *ret)
{
    msg_copy_text(msg, ret->maker, sizeof ret->maker);
    msg_copy_text(msg, ret->model, sizeof ret->model);
    msg_copy_text(msg, ret->firmware, sizeof ret->firmware);
    msg_copy_text(msg, ret->key_types, sizeof ret->key_types);
    msg_copy_text(msg, ret->serial, sizeof ret->serial);
    ret->root = (enum tpm_client_root)msg_get_number(msg);
    ret->emulated = msg_get_number(msg) != 0;
    ret->owner_password = msg_get_number(msg) != 0;
    ret->locked = msg_get_number(msg) != 0;
    ret->failures = (unsigned)msg_get_number(msg);
    ret->failures_max = (unsigned)msg_get_number(msg);
    ret->interval = (unsigned)msg_get_number(msg);
}

enum ks_err
tpm_client_look(const char *uri, struct tpm_client *ret,
                struct err_cause *cause)
{
    struct tpm_client look = {.uri = ""};
    struct msg *msg = msg_new();
    enum ks_err rc;

    if (msg == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    (void)snprintf(look.uri, sizeof look.uri, "%s", uri);
    msg_begin(msg, TOKEN_LOOK);
    msg_put_text(msg, uri);
    rc = helper_ask(HELPER_TOKEN, &HELPER_NO_FDS, false, msg, cause);
    if (rc == KS_OK) {
        take(msg, &look);
        if (!msg_complete(msg))
            rc = msg_malformed_answer("holdfast-token", cause);
    }
    if (rc == KS_OK)
        *ret = look;
    msg_free(&msg);
    return rc;
}
