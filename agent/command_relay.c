/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holdfast relay: restic's other end.  Standard input and output are restic's
 * HTTP/2, which goes over one connection to the vault that the machine's key
 * signs for.  Whatever descriptors restic leaks, the passphrase's among them,
 * are closed before anything else.
 */
#include <fcntl.h>
#include <unistd.h>

#include "agent/commands.h"
#include "agent/registration.h"
#include "keystore/kernel_call.h"

/* One that was closed is open the wrong way round (agent/child.h). */
static bool
is_open(int fd)
{
    int mode = fcntl(fd, F_GETFL) & O_ACCMODE;

    return mode == O_RDWR || mode == (fd == STDIN_FILENO ? O_RDONLY : O_WRONLY);
}

/* A person has nothing to say here, and a terminal would be left confused. */
static enum ks_err
check_streams(struct err_cause *cause)
{
    for (int fd = STDIN_FILENO; fd <= STDOUT_FILENO; fd++)
        if (!is_open(fd) || isatty(fd) == 1)
            return err_set(cause, KS_ERR_USAGE,
                           "standard input and output are not restic's");
    return KS_OK;
}

/* The connection is all that is left of STATE and token when it returns. */
static enum ks_err
connect_machine(const struct options *options, struct state *state,
                struct net_client **ret, struct err_cause *cause)
{
    static const int streams[] = {STDIN_FILENO, STDOUT_FILENO};
    struct registration registration;
    struct registration_machine machine = {NULL, NULL};
    enum ks_err rc;

    if (state_phase(state) < STATE_REGISTERED)
        return err_set(cause, KS_ERR_NOT_REGISTERED,
                       "there is no vault to relay to");
    rc = registration_open(&registration, options, state, cause);
    registration.silent = true; /* restic passes nothing on */
    if (rc == KS_OK)
        rc = registration_open_machine(&registration, REGISTRATION_STREAM,
                                       streams, &machine, cause);
    if (rc == KS_OK)
        rc = net_client_stream(machine.net, cause);
    if (rc == KS_OK) {
        *ret = machine.net;
        machine.net = NULL; /* transferred */
    }
    registration_close_machine(&machine);
    registration_close(&registration);
    return rc;
}

enum ks_err
command_relay(const struct options *options, struct err_cause *cause)
{
    struct state *state = NULL;
    struct net_client *net = NULL;
    enum ks_err rc;

    if (close_range(STDERR_FILENO + 1, ~0u, 0) != 0)
        return kernel_call_fail(KERNEL_CALL_CLOSE_RANGE, cause, KS_ERR_INTERNAL,
                                "close_range");
    rc = check_streams(cause);
    if (rc == KS_OK)
        rc = commands_state_waiting(options, &state, cause);
    if (rc == KS_OK)
        rc = connect_machine(options, state, &net, cause);
    state_close(&state);
    if (rc == KS_OK)
        rc = net_client_relay(net, cause);
    net_client_close(&net);
    return rc;
}
