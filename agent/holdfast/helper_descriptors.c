/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/holdfast/helper_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

void
helper_descriptors_close(struct helper_descriptors *descriptors)
{
    for (int i = 0; i < CHANNEL_FD__END; i++)
        if (descriptors->fd[i] >= 0)
            (void)close(descriptors->fd[i]);
    if (descriptors->null >= 0)
        (void)close(descriptors->null);
}

enum ks_err
helper_descriptors_copy(unsigned allowed, const int fd[static CHANNEL_FD__END],
                        int control, struct helper_descriptors *ret,
                        struct err_cause *cause)
{
    bool done;
    int spare;

    ret->null = open("/dev/null", O_RDWR | O_CLOEXEC);
    /* The child opens one more (agent/holdfast/helper.c). */
    spare = ret->null < 0 ? -1
                          : fcntl(ret->null, F_DUPFD_CLOEXEC, CHANNEL_FD__END);
    done = spare >= 0;
    for (int i = 0; i < CHANNEL_FD__END; i++) {
        int given = i == CHANNEL_FD_CONTROL ? control : fd[i];

        ret->fd[i] = -1;
        if (!done || given < 0 || (allowed & (1u << i)) == 0)
            continue;
        ret->fd[i] = fcntl(given, F_DUPFD_CLOEXEC, CHANNEL_FD__END);
        done = ret->fd[i] >= 0;
    }
    if (!done)
        (void)err_set_errno(cause, KS_ERR_RESOURCES, "a helper's descriptors");
    if (spare >= 0)
        (void)close(spare);
    return done ? KS_OK : KS_ERR_RESOURCES;
}

bool
helper_descriptors_place(const struct helper_descriptors *descriptors)
{
    if (dup2(descriptors->null, STDIN_FILENO) < 0 ||
        dup2(descriptors->null, STDOUT_FILENO) < 0)
        return false;
    for (int i = CHANNEL_FD_CONTROL; i < CHANNEL_FD__END; i++) {
        if (descriptors->fd[i] < 0)
            (void)close(i);
        else if (dup2(descriptors->fd[i], i) != i)
            return false;
    }
    return close_range(CHANNEL_FD__END, ~0u, 0) == 0;
}
