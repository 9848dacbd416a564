/* SPDX-License-Identifier: Apache-2.0 */
/* A failure is a message, as a helper answers (agent/ipc/channel.h). */
#include "agent/holdfast/restic/relay_report.h"

#include <sys/socket.h>

#include "agent/ipc/layout.h"

enum ks_err
relay_report_open(int ret[2], struct err_cause *cause)
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret) == 0
               ? KS_OK
               : err_set_errno(cause, KS_ERR_RESOURCES, "socketpair");
}

bool
relay_report_send(int fd, enum ks_err rc, const struct err_cause *cause)
{
    struct msg *msg = msg_new();
    enum ks_err sent = KS_ERR_INTERNAL;

    if (msg != NULL) {
        LAYOUT_PUT(msg, channel_failed, rc, cause->text);
        sent = msg_send(fd, msg, NULL);
    }
    msg_free(&msg);
    return sent == KS_OK;
}

enum ks_err
relay_report_take(int fd, struct err_cause *cause)
{
    struct msg *msg;
    enum ks_err rc;
    char first;

    /* Not even a relay that ended leaves an end of file as long as restic, or
     * what it started, has the other end. */
    if (recv(fd, &first, sizeof first, MSG_PEEK | MSG_DONTWAIT) <= 0)
        return KS_OK;
    msg = msg_new();
    rc = msg != NULL ? channel_answer(fd, msg, 0, cause)
                     : err_set(cause, KS_ERR_RESOURCES, "no memory");
    msg_free(&msg);
    return rc;
}
