/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holdfast-token: the token and the PIN.  Serves holdfast on the control
 * channel and holdfast-net on the net channel, and ends when holdfast closes.
 * Must never touch the network or the credential file, nor sign bytes that it
 * did not build or check.
 */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/sandbox/group.h"
#include "agent/sandbox/sandbox.h"
#include "agent/token/token.h"

#define ARENA (256 * 1024)

/* Whatever a request had done with a key or PIN, by us or by the module, is
 * over when it has been answered. */
static bool
serve_one(int channel, struct msg *msg, channel_handler *handle,
          struct token *token)
{
    bool goes_on = channel_serve_one(channel, msg, handle, token);

    secret_wipe_stack();
    return goes_on;
}

/* The net channel is served while there is one, and a key to sign with: what
 * holdfast-net asks before that, waits.  Its end is not ours. */
static void
serve(struct token *token, struct msg *msg)
{
    struct pollfd items[] = {{.fd = CHANNEL_FD_CONTROL, .events = POLLIN},
                             {.fd = -1, .events = POLLIN}};
    bool net = channel_has(CHANNEL_FD_NET);

    for (;;) {
        items[1].fd = net && token_is_bound(token) ? CHANNEL_FD_NET : -1;
        if (poll(items, 2, -1) < 0)
            continue;
        if (items[1].revents != 0 &&
            !serve_one(CHANNEL_FD_NET, msg, token_net, token)) {
            (void)close(CHANNEL_FD_NET);
            net = false;
        }
        if (items[0].revents != 0 &&
            !serve_one(CHANNEL_FD_CONTROL, msg, token_control, token))
            return;
    }
}

int
main(int argc, char **argv)
{
    static struct token token;
    struct err_cause cause = {""};
    struct msg *msg = NULL;
    enum ks_err rc;

    sandbox_group_join();
    rc = sandbox_begin(&cause);
    if (rc == KS_OK)
        rc = secret_init(ARENA, &cause);
    if (rc == KS_OK)
        rc = argc > 1 ? sandbox_enter_networked(argv[1], &cause)
                      : sandbox_enter(SANDBOX_TOKEN, &cause);
    if (rc != KS_OK) {
        channel_refuse(CHANNEL_FD_CONTROL, rc, &cause);
        _exit(err_exit_status(rc));
    }
    msg = msg_new();
    if (msg != NULL)
        serve(&token, msg);
    token_close(&token);
    msg_free(&msg);
    _exit(0);
}
