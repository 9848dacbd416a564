/* SPDX-License-Identifier: Apache-2.0 */
/* The calls as the kernel has them, and a look at what it says.  Nothing is
 * allowed or refused here: that is the kernel's to do, of whatever code. */
#include "agent/sandbox/module_socket.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_bool refused;

static void
look(int family)
{
    if ((family == AF_INET || family == AF_INET6) &&
        (errno == EPERM || errno == EACCES || errno == ENOSYS))
        atomic_store(&refused, true);
}

int
socket(int family, int type, int protocol)
{
    long fd = syscall(SYS_socket, family, type, protocol);

    if (fd < 0)
        look(family);
    return (int)fd;
}

int
connect(int fd, const struct sockaddr *address, socklen_t length)
{
    long rc = syscall(SYS_connect, fd, address, length);

    if (rc < 0 && address != NULL && length >= sizeof address->sa_family)
        look(address->sa_family);
    return (int)rc;
}

bool
module_socket_refused(void)
{
    return atomic_load(&refused);
}

enum ks_err
module_socket_judge(enum ks_err rc, struct err_cause *cause)
{
    struct err_cause why = {""};

    if (!module_socket_refused() ||
        (rc != KS_ERR_TOKEN_MODULE && rc != KS_ERR_TOKEN_FAILED &&
         rc != KS_ERR_TOKEN_MISSING))
        return rc;
    if (cause != NULL)
        why = *cause;
    err_cut_remedy(&why);
    return err_set(cause, KS_ERR_TOKEN_NETWORK,
                   "it asked for a connection, which its confinement does not "
                   "allow, and says: %.160s",
                   why.text);
}
