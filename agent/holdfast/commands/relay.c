/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holdfast relay: restic's other end.  Standard input and output are restic's
 * HTTP/2, which goes over one connection to the vault that the machine's key
 * signs for.  Whatever descriptors restic leaks, the passphrase's among them,
 * are closed before anything else, but for the two that the relay is told of.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/holdfast/commands/commands.h"
#include "agent/holdfast/restic/relay_report.h"
#include "agent/holdfast/session/pair.h"
#include "agent/holdfast/session/pin.h"
#include "keystore/base/kernel_call.h"
#include "keystore/base/sealed.h"

/* A descriptor that was closed is open the wrong way round
 * (agent/holdfast/child.h). */
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

/* The channel that NUMBER names, for this process alone; -1: there is none. */
static int
find_report(const char *number)
{
    int fd = number != NULL ? atoi(number) : -1, type = 0;
    socklen_t length = sizeof type;

    return fd > STDERR_FILENO &&
                   getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 &&
                   type == SOCK_SEQPACKET
               ? fd
               : -1;
}

/* Close what is above standard error, but A and B, which may be none. */
static enum ks_err
close_others(int a, int b, struct err_cause *cause)
{
    int low = a < b ? a : b, high = a < b ? b : a;
    int from = STDERR_FILENO + 1;
    bool done = true;

    for (int i = 0; i < 2; i++) {
        int kept = i == 0 ? low : high;

        if (kept > from)
            done = close_range((unsigned)from, (unsigned)kept - 1, 0) == 0 &&
                   done;
        if (kept >= from)
            from = kept + 1;
    }
    return close_range((unsigned)from, ~0u, 0) == 0 && done
               ? KS_OK
               : kernel_call_fail(KERNEL_CALL_CLOSE_RANGE, cause,
                                  KS_ERR_INTERNAL, "close_range");
}

/* The PIN comes from a file, from systemd, from a person, or was read already,
 * into a memfd.  A pipe's name is the other program's protocol, or another
 * pipe, here: its bytes would be tried as a PIN. */
static enum ks_err
check_pin_source(const char *source, struct err_cause *cause)
{
    int fd = pin_descriptor(source);
    struct stat status;

    if (fd >= 0)
        return fd > STDERR_FILENO && sealed_is(fd)
                   ? KS_OK
                   : err_set(cause, KS_ERR_USAGE,
                             "descriptor %d has no PIN that was read for this",
                             fd);
    return source == NULL || stat(source, &status) != 0 ||
                   S_ISREG(status.st_mode)
               ? KS_OK
               : err_set(cause, KS_ERR_USAGE,
                         "a PIN is read from a file here, and %.160s is none",
                         source);
}

/* The connection is all that is left of STATE and token when it returns. */
static enum ks_err
connect_machine(const struct options *options, struct state *state,
                struct net_client **ret, struct err_cause *cause)
{
    static const int streams[] = {STDIN_FILENO, STDOUT_FILENO};
    struct session session;
    struct pair machine = {NULL, NULL};
    enum ks_err rc;

    if (state_phase(state) < STATE_REGISTERED)
        return err_set(cause, KS_ERR_NOT_REGISTERED,
                       "there is no vault to relay to");
    rc = session_open(&session, options, state, cause);
    session.silent = true; /* restic passes nothing on */
    if (rc == KS_OK)
        rc = pair_open_machine(&session, PAIR_STREAM, streams, &machine, cause);
    if (rc == KS_OK)
        rc = net_client_stream(machine.net, cause);
    if (rc == KS_OK) {
        *ret = machine.net;
        machine.net = NULL; /* transferred */
    }
    pair_close(&machine);
    session_close(&session);
    return rc;
}

static enum ks_err
run(const struct options *options, struct err_cause *cause)
{
    struct state *state = NULL;
    struct net_client *net = NULL;
    enum ks_err rc = check_streams(cause);

    if (rc == KS_OK)
        rc = check_pin_source(options->pin_source, cause);
    if (rc == KS_OK)
        rc = commands_state_waiting(options, &state, cause);
    if (rc == KS_OK)
        rc = connect_machine(options, state, &net, cause);
    state_close(&state);
    if (pin_descriptor(options->pin_source) >= 0)
        (void)close(pin_descriptor(options->pin_source));
    if (rc == KS_OK)
        rc = net_client_relay(net, cause);
    net_client_close(&net);
    return rc;
}

enum ks_err
command_relay(const struct options *options, struct err_cause *cause)
{
    int report = find_report(options->report_fd);
    enum ks_err rc = close_others(report, pin_descriptor(options->pin_source),
                                  cause);

    if (rc == KS_OK)
        rc = run(options, cause);
    if (rc != KS_OK && report >= 0)
        (void)relay_report_send(report, rc, cause);
    return rc;
}
