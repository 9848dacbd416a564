/* SPDX-License-Identifier: Apache-2.0 */
/* The test's end of the tap: starts its process and asks it. */
#include "tests/support/tpm2/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/tpm2/tap_book.h"
#include "tests/support/tpm2/tap_process.h"

struct tap {
    struct tap_paths paths;
    int controller;
    pid_t pid;
};

static bool
join(char ret[static TAP_PATH], const char *first, const char *second)
{
    int length = snprintf(ret, TAP_PATH, "%s%s", first, second);

    return length > 0 && (size_t)length < TAP_PATH;
}

static bool
name_paths(struct tap_paths *paths, const char *tpm, const char *directory)
{
    return directory[0] == '/' && join(paths->tpm.bus, tpm, "") &&
           join(paths->tpm.control, tpm, ".ctrl") &&
           join(paths->tap.bus, directory, "/tap") &&
           join(paths->tap.control, directory, "/tap.ctrl") &&
           join(paths->capture, directory, "/tap.capture");
}

static bool
start(struct tap *tap)
{
    unsigned error = EIO;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    tap->controller = pair[0];
    tap->pid = fork();
    if (tap->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        tap_process(pair[1], &tap->paths);
    }
    (void)close(pair[1]);
    if (tap->pid < 0)
        return false;
    if (recv(tap->controller, &error, sizeof error, 0) == sizeof error)
        errno = (int)error;
    return error == 0;
}

struct tap *
tap_new(const char *tpm, const char *directory)
{
    struct tap *tap = calloc(1, sizeof *tap);

    if (tap == NULL)
        return NULL;
    tap->controller = -1;
    if (name_paths(&tap->paths, tpm, directory) && start(tap))
        return tap;
    (void)fprintf(stderr, "no tap in %s: %s\n", directory, strerror(errno));
    tap_free(&tap);
    return NULL;
}

void
tap_free(struct tap **tap)
{
    if (*tap == NULL)
        return;
    if ((*tap)->controller >= 0)
        (void)close((*tap)->controller);
    while ((*tap)->pid > 0 && waitpid((*tap)->pid, NULL, 0) < 0 &&
           errno == EINTR)
        continue;
    free(*tap);
    *tap = NULL;
}

const char *
tap_socket(const struct tap *tap)
{
    return tap->paths.tap.bus;
}

_Noreturn static void
give_up(const char *what)
{
    (void)fprintf(stderr, "tap: %s: %s\n", what, strerror(errno));
    exit(1);
}

static unsigned
ask(struct tap *tap, const struct tap_request *request)
{
    unsigned answer = 0;

    if (send(tap->controller, request, sizeof *request, MSG_NOSIGNAL) !=
            sizeof *request ||
        recv(tap->controller, &answer, sizeof answer, 0) != sizeof answer)
        give_up("it is gone");
    return answer;
}

unsigned
tap_count(struct tap *tap, uint32_t code)
{
    return ask(tap,
               &(struct tap_request){.question = TAP_ASK_COUNT, .code = code});
}

void
tap_reset(struct tap *tap)
{
    (void)ask(tap, &(struct tap_request){.question = TAP_ASK_RESET});
}

void
tap_inject(struct tap *tap, const struct tap_fault *fault)
{
    struct tap_request request = {.question = TAP_ASK_INJECT};

    if (fault != NULL)
        request.fault = *fault;
    (void)ask(tap, &request);
}

unsigned
tap_struck(struct tap *tap)
{
    return ask(tap, &(struct tap_request){.question = TAP_ASK_STRUCK});
}

uint32_t
tap_struck_code(struct tap *tap)
{
    return ask(tap, &(struct tap_request){.question = TAP_ASK_STRUCK_CODE});
}

/* The caller frees it. */
static uint8_t *
read_capture(const char *path, size_t *ret_length)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    uint8_t *bytes = NULL;

    if (fd >= 0 && fstat(fd, &status) == 0)
        bytes = malloc((size_t)status.st_size + 1);
    if (bytes == NULL ||
        read(fd, bytes, (size_t)status.st_size) != status.st_size)
        give_up("no capture");
    (void)close(fd);
    *ret_length = (size_t)status.st_size;
    return bytes;
}

bool
tap_saw(struct tap *tap, const void *bytes, size_t length)
{
    size_t captured = 0;
    uint8_t *capture = read_capture(tap->paths.capture, &captured);
    bool saw = memmem(capture, captured, bytes, length) != NULL;

    free(capture);
    return saw;
}
