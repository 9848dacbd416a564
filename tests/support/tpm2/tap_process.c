/* SPDX-License-Identifier: Apache-2.0 */
/* The tap itself: one loop over its controller and two connections, the bus and
 * swtpm's control channel, each to one client and the TPM at a time. */
#include "tests/support/tpm2/tap_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/tpm2/tap_book.h"
#include "tests/support/tpm2/tap_message.h"

#define CONTROLLER 3
#define BACKLOG 64

struct line {
    int listener;
    int client; /* -1: nobody is there */
    int tpm;
};

static struct {
    const struct tap_paths *paths;
    struct line bus;
    struct line control;
    int capture;
    struct tap_message command;
    struct tap_message response;
    bool at_tpm;            /* the command is, and its response is awaited */
    struct tap_fault after; /* what then becomes of the response */
} tap;

static void
hang_up(struct line *line)
{
    (void)close(line->client);
    (void)close(line->tpm);
    line->client = line->tpm = -1;
}

static void
hang_up_bus(void)
{
    hang_up(&tap.bus);
    tap.command.length = tap.response.length = 0;
    tap.at_tpm = false;
}

static struct sockaddr_un
address_of(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    memcpy(address.sun_path, path, TAP_PATH);
    return address;
}

static void
answer_call(struct line *line, const char *path)
{
    struct sockaddr_un address = address_of(path);

    line->client = accept4(line->listener, NULL, NULL, SOCK_CLOEXEC);
    line->tpm = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (line->client < 0 || line->tpm < 0 ||
        connect(line->tpm, (const struct sockaddr *)&address, sizeof address) !=
            0)
        hang_up(line);
}

static bool
pass(const struct tap_message *message, int fd)
{
    return send(fd, message->bytes, message->length, MSG_NOSIGNAL) ==
           (ssize_t)message->length;
}

static void
capture(const void *bytes, size_t length)
{
    if (write(tap.capture, bytes, length) != (ssize_t)length)
        _exit(1); /* without it the tap is of no use */
}

static void
on_controller(void)
{
    struct tap_request request;
    unsigned number;

    if (recv(CONTROLLER, &request, sizeof request, 0) != sizeof request)
        _exit(0);
    number = tap_book_answer(&request);
    if (send(CONTROLLER, &number, sizeof number, MSG_NOSIGNAL) != sizeof number)
        _exit(0);
}

static long long
now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* The bus stands still; the controller is served. */
static void
stand_still(unsigned ms)
{
    struct pollfd item = {.fd = CONTROLLER, .events = POLLIN};
    long long end = now_ms() + ms;
    long long left;

    while ((left = end - now_ms()) > 0)
        if (poll(&item, 1, (int)left) > 0)
            on_controller();
}

/* The client's end of a fault that leaves no response. */
static void
drop(enum tap_action action)
{
    struct ucred peer = {.pid = 0};
    socklen_t length = sizeof peer;

    if (action == TAP_KILL &&
        getsockopt(tap.bus.client, SOL_SOCKET, SO_PEERCRED, &peer, &length) ==
            0 &&
        peer.pid > 1)
        (void)kill(peer.pid, SIGKILL);
    hang_up_bus();
}

static void
refuse(uint32_t rc)
{
    tap.command.length = 0;
    tap_message_set_error(&tap.response, rc);
    capture(tap.response.bytes, tap.response.length);
    if (!pass(&tap.response, tap.bus.client))
        hang_up_bus();
    tap.response.length = 0;
}

static void
execute(const struct tap_fault *after)
{
    tap.after = *after;
    tap.at_tpm = pass(&tap.command, tap.bus.tpm);
    tap.command.length = 0;
    if (!tap.at_tpm)
        hang_up_bus();
}

/* What FAULT makes of the command. */
static void
treat(const struct tap_fault *fault)
{
    switch (fault->action) {
    case TAP_ERROR:
        refuse(fault->rc);
        break;
    case TAP_DELAY:
        stand_still(fault->delay_ms);
        execute(fault);
        break;
    case TAP_CUT:
    case TAP_KILL:
        if (fault->executed)
            execute(fault);
        else
            drop(fault->action);
        break;
    case TAP_FORGE:
    case TAP_PASS:
        execute(fault);
        break;
    }
}

static void
on_bus_client(void)
{
    if (!tap_message_read(&tap.command, tap.bus.client)) {
        hang_up_bus();
        return;
    }
    if (!tap_message_is_whole(&tap.command))
        return;
    capture(tap.command.bytes, tap.command.length);
    treat(tap_book_enter(tap_message_code(&tap.command)));
}

static void
on_bus_tpm(void)
{
    if (!tap_message_read(&tap.response, tap.bus.tpm)) {
        hang_up_bus();
        return;
    }
    if (!tap_message_is_whole(&tap.response))
        return;
    if (tap.after.action == TAP_FORGE &&
        !tap_message_replace(&tap.response, tap.after.forgery,
                             tap.after.forgery_length))
        _exit(1);
    capture(tap.response.bytes, tap.response.length);
    if (tap.after.action == TAP_CUT || tap.after.action == TAP_KILL)
        drop(tap.after.action);
    else if (!pass(&tap.response, tap.bus.client))
        hang_up_bus();
    tap.response.length = 0;
    tap.at_tpm = false;
}

/* What comes from one end of the control channel goes out at the other. */
static void
pass_control(int from, int to)
{
    uint8_t bytes[TAP_MESSAGE_MAX];
    ssize_t n = recv(from, bytes, sizeof bytes, 0);

    if (n > 0)
        capture(bytes, (size_t)n);
    if (n <= 0 || send(to, bytes, (size_t)n, MSG_NOSIGNAL) != n)
        hang_up(&tap.control);
}

static void
on_control_client(void)
{
    pass_control(tap.control.client, tap.control.tpm);
}

static void
on_control_tpm(void)
{
    pass_control(tap.control.tpm, tap.control.client);
}

static void
on_bus_call(void)
{
    answer_call(&tap.bus, tap.paths->tpm.bus);
}

static void
on_control_call(void)
{
    answer_call(&tap.control, tap.paths->tpm.control);
}

/* One event: what it brings may close the others' descriptors.  A client is
 * not heard while the TPM is at its command, and no second one is let in. */
static void
step(void)
{
    struct pollfd items[] = {
        {.fd = CONTROLLER},
        {.fd = tap.bus.tpm},
        {.fd = tap.at_tpm ? -1 : tap.bus.client},
        {.fd = tap.control.tpm},
        {.fd = tap.control.client},
        {.fd = tap.bus.client < 0 ? tap.bus.listener : -1},
        {.fd = tap.control.client < 0 ? tap.control.listener : -1},
    };
    static void (*const events[])(void) = {
        on_controller,     on_bus_tpm,  on_bus_client,  on_control_tpm,
        on_control_client, on_bus_call, on_control_call};
    size_t i = 0;

    _Static_assert(sizeof items / sizeof items[0] ==
                       sizeof events / sizeof events[0],
                   "every event is handled");
    for (size_t j = 0; j < sizeof items / sizeof items[0]; j++)
        items[j].events = POLLIN;
    if (poll(items, sizeof items / sizeof items[0], -1) <= 0)
        return;
    while (items[i].revents == 0)
        i++;
    events[i]();
}

static int
listen_at(const char *path)
{
    struct sockaddr_un address = address_of(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 &&
        bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
        listen(fd, BACKLOG) == 0)
        return fd;
    return -1;
}

static bool
open_all(const struct tap_paths *paths)
{
    tap.paths = paths;
    tap.bus = (struct line){listen_at(paths->tap.bus), -1, -1};
    tap.control = (struct line){listen_at(paths->tap.control), -1, -1};
    tap.capture = open(paths->capture,
                       O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC,
                       S_IRUSR | S_IWUSR);
    return tap.bus.listener >= 0 && tap.control.listener >= 0 &&
           tap.capture >= 0;
}

_Noreturn void
tap_process(int controller, const struct tap_paths *paths)
{
    unsigned error = 0;

    if (dup2(controller, CONTROLLER) < 0 ||
        close_range(CONTROLLER + 1, ~0u, 0) != 0 || !open_all(paths))
        error = (unsigned)errno;
    (void)send(CONTROLLER, &error, sizeof error, MSG_NOSIGNAL);
    while (error == 0)
        step();
    _exit(1);
}
