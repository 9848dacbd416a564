/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holdfast-net: the one program with a network.  It connects as one identity
 * whose private key it has never seen: holdfast-token signs, over the net
 * channel, what it finds to be a handshake or builds itself.  Must never open a
 * file of its own choice, nor decide anything.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/net/net.h"
#include "agent/sandbox/sandbox.h"
#include "agent/net/oauth.h"

/* The issuers of servers' certificates, as they stand in the file. */
static enum ks_err
read_issuers(struct net *net, struct err_cause *cause)
{
    struct stat status;
    char *text;
    ssize_t length;

    if (fstat(CHANNEL_FD_INPUT, &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_size == 0 || status.st_size > NET_ISSUERS_MAX)
        return err_set(cause, KS_ERR_ISSUERS,
                       "no regular file of 1 byte to 4 MiB");
    text = malloc((size_t)status.st_size);
    if (text == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    length = pread(CHANNEL_FD_INPUT, text, (size_t)status.st_size, 0);
    (void)close(CHANNEL_FD_INPUT);
    if (length != status.st_size) {
        free(text);
        return err_set_errno(cause, KS_ERR_FILE_READ, "the file of issuers");
    }
    net->issuers = text;
    net->issuers_length = (size_t)length;
    return KS_OK;
}

static enum ks_err
handle(void *context, struct msg *msg, struct err_cause *cause)
{
    return msg_type(msg) == NET_CONNECT ? net_connect(context, msg, cause)
                                        : net_ask(context, msg, cause);
}

/* Libraries and the issuers read their files first; then no file is left to
 * open but the resolver's. */
int
main(void)
{
    static struct net net;
    struct err_cause cause = {""};
    enum ks_err rc = sandbox_begin(&cause);

    net.question = msg_new();
    net.told = msg_new();
    if (rc == KS_OK && (net.question == NULL || net.told == NULL))
        rc = err_set(&cause, KS_ERR_RESOURCES, "no memory");
    if (rc == KS_OK)
        rc = http_init(&cause);
    if (rc == KS_OK)
        rc = read_issuers(&net, &cause);
    if (rc == KS_OK)
        rc = sandbox_enter(SANDBOX_NET, &cause);
    if (rc != KS_OK) {
        channel_refuse(CHANNEL_FD_CONTROL, rc, &cause);
        _exit(err_exit_status(rc));
    }
    channel_serve(CHANNEL_FD_CONTROL, handle, &net);
    vault_token_free(&net.access_token);
    /* libcurl 8 keeps the bytes of a request, the access token among them, for
     * as long as the handle is there. */
    http_close(&net.http);
    _exit(0);
}
