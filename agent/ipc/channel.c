/* SPDX-License-Identifier: Apache-2.0 */
/* A request has one answer.  A peer that says anything else is cut off. */
#include "agent/ipc/channel.h"

#include <fcntl.h>

#include "agent/ipc/layout.h"
#include "agent/ipc/msg_field.h"

enum ks_err
channel_answer(int channel, struct msg *msg, int timeout,
               struct err_cause *cause)
{
    bool eof;
    struct layout_channel_failed failed;
    enum ks_err rc = msg_receive(channel, msg, timeout, &eof, cause);

    if (rc != KS_OK)
        return rc;
    if (eof)
        return err_set(cause, KS_ERR_HELPER, "it ended without an answer");
    if (msg_type(msg) == CHANNEL_DONE)
        return KS_OK;
    if (msg_type(msg) != CHANNEL_FAILED)
        return err_set(cause, KS_ERR_HELPER, "an answer of an unknown type");
    if (layout_channel_failed_take(msg, &failed, cause) != KS_OK ||
        failed.err == KS_OK)
        return err_set(cause, KS_ERR_HELPER, "a malformed failure");
    (void)err_pass(cause, KS_OK, "%s", failed.cause);
    if (cause != NULL)
        err_escape(cause->text);
    return (enum ks_err)failed.err;
}

enum ks_err
channel_call(int channel, struct msg *msg, int timeout, struct err_cause *cause)
{
    enum ks_err rc = msg_send(channel, msg, cause);

    return rc == KS_OK ? channel_answer(channel, msg, timeout, cause) : rc;
}

bool
channel_serve_one(int channel, struct msg *msg, channel_handler *handle,
                  void *context)
{
    struct err_cause cause = {""};
    bool eof;
    enum ks_err rc = msg_receive(channel, msg, -1, &eof, &cause);

    if (rc != KS_OK || eof)
        return false;
    rc = handle(context, msg, &cause);
    if (rc == KS_OK && !msg_fits(msg))
        rc = err_set(&cause, KS_ERR_INTERNAL, "an answer over its limits");
    if (rc != KS_OK)
        LAYOUT_PUT(msg, channel_failed, rc, cause.text);
    return msg_send(channel, msg, NULL) == KS_OK;
}

void
channel_serve(int channel, channel_handler *handle, void *context)
{
    struct msg *msg = msg_new();

    while (msg != NULL && channel_serve_one(channel, msg, handle, context))
        ;
    msg_free(&msg);
}

struct refusal {
    enum ks_err err;
    const struct err_cause *cause;
};

static enum ks_err
refuse(void *context, struct msg *msg, struct err_cause *cause)
{
    const struct refusal *refusal = context;

    (void)msg;
    *cause = *refusal->cause;
    return refusal->err;
}

void
channel_refuse(int channel, enum ks_err err, struct err_cause *cause)
{
    struct refusal refusal = {err, cause};

    channel_serve(channel, refuse, &refusal);
}

bool
channel_has(enum channel_fd fd)
{
    return fcntl((int)fd, F_GETFD) >= 0;
}
