/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process that is the tap.
 */
#ifndef TESTS_SUPPORT_TPM2_TAP_PROCESS_H
#define TESTS_SUPPORT_TPM2_TAP_PROCESS_H

#include <stddef.h>
#include <sys/un.h>

#define TAP_PATH sizeof((struct sockaddr_un *)NULL)->sun_path

/* A socket for commands, and beside it swtpm's control channel. */
struct tap_place {
    char bus[TAP_PATH];
    char control[TAP_PATH];
};

struct tap_paths {
    struct tap_place tpm;
    struct tap_place tap;
    char capture[TAP_PATH];
};

/* Be the tap until CONTROLLER, a SOCK_SEQPACKET socket of struct tap_request,
 * ends.  Closes all other descriptors from 3 on.  Sends one unsigned when it
 * takes connections: 0, or the errno that keeps it from that. */
_Noreturn void tap_process(int controller, const struct tap_paths *paths);

#endif
