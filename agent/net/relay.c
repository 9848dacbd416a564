/* SPDX-License-Identifier: Apache-2.0 */
/* Two buffers, one a direction.  Nothing is read that has no place to go, so
 * that each side is held back by the other. */
#include "agent/net/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "agent/net/http_stream.h"

#define BUFFER_SIZE (128 * 1024)
#define PIPE_SIZE (1024 * 1024)

struct buffer {
    uint8_t bytes[BUFFER_SIZE];
    size_t length;
    size_t done;
};

struct relay {
    struct http *http;
    int in;
    int out;
    struct buffer up;   /* from IN to the vault */
    struct buffer down; /* from the vault to OUT */
    bool ended;         /* IN has */
    bool unread;        /* nobody reads OUT any more */
    bool lost;          /* the connection has ended */
};

static bool
is_empty(const struct buffer *buffer)
{
    return buffer->done == buffer->length;
}

/* Fill UP from IN where it is empty; true: bytes moved. */
static bool
read_in(struct relay *relay)
{
    ssize_t n;

    if (!is_empty(&relay->up))
        return false;
    n = read(relay->in, relay->up.bytes, BUFFER_SIZE);
    relay->ended = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
    relay->up.done = 0;
    relay->up.length = n > 0 ? (size_t)n : 0;
    return n > 0;
}

static bool
write_out(struct relay *relay)
{
    struct buffer *down = &relay->down;
    ssize_t n;

    if (is_empty(down))
        return false;
    n = write(relay->out, down->bytes + down->done, down->length - down->done);
    relay->unread = n < 0 && errno != EAGAIN && errno != EINTR;
    down->done += n > 0 ? (size_t)n : 0;
    return n > 0;
}

static bool
send_up(struct relay *relay)
{
    struct buffer *up = &relay->up;
    long n;

    if (is_empty(up))
        return false;
    n = http_send(relay->http, up->bytes + up->done, up->length - up->done);
    relay->lost = relay->lost || n < 0;
    up->done += n > 0 ? (size_t)n : 0;
    return n > 0;
}

/* libcurl gives a TLS record at most in a call, and OUT's reader is not to be
 * woken for each.  The end of the connection is told again by the next call. */
static bool
receive_down(struct relay *relay)
{
    struct buffer *down = &relay->down;
    long n = 1;

    if (!is_empty(down))
        return false;
    down->done = down->length = 0;
    while (n > 0 && down->length < BUFFER_SIZE) {
        n = http_receive(relay->http, down->bytes + down->length,
                         BUFFER_SIZE - down->length);
        down->length += n > 0 ? (size_t)n : 0;
    }
    relay->lost = relay->lost || (n < 0 && is_empty(down));
    return !is_empty(down);
}

/* Wait until one of the four can go on, or nobody reads OUT: the other program
 * may die while the vault takes nothing. */
static void
wait_for_one(struct relay *relay)
{
    bool reads = is_empty(&relay->down), sends = !is_empty(&relay->up);
    struct pollfd items[] = {
        {.fd = sends ? -1 : relay->in, .events = POLLIN},
        {.fd = relay->out, .events = reads ? 0 : POLLOUT},
        {.fd = reads || sends ? http_descriptor(relay->http) : -1,
         .events = (short)((reads ? POLLIN : 0) | (sends ? POLLOUT : 0))}};

    if (poll(items, sizeof items / sizeof items[0], -1) > 0 &&
        (items[1].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
        relay->unread = true;
}

/* IN's end is only seen when all that came before it has gone up. */
static bool
is_over(const struct relay *relay)
{
    return relay->ended || relay->unread || relay->lost;
}

static void
carry(struct relay *relay)
{
    while (!is_over(relay)) {
        /* All four, each time: what libcurl has read no poll shows. */
        bool moved = receive_down(relay);

        moved = write_out(relay) || moved;
        moved = read_in(relay) || moved;
        moved = send_up(relay) || moved;
        if (!moved && !is_over(relay))
            wait_for_one(relay);
    }
}

/* *FLAGS: what they were, for who shares the description; -1 where FD is none.
 */
static bool
do_not_wait(int fd, int *flags)
{
    *flags = fcntl(fd, F_GETFL);
    return *flags >= 0 && fcntl(fd, F_SETFL, *flags | O_NONBLOCK) == 0;
}

enum ks_err
net_relay(struct http *http, int in, int out, struct err_cause *cause)
{
    static struct relay relay;
    int in_flags, out_flags;

    memset(&relay, 0, sizeof relay);
    relay.http = http;
    relay.in = in;
    relay.out = out;
    (void)signal(SIGPIPE, SIG_IGN);
    if (!do_not_wait(in, &in_flags) || !do_not_wait(out, &out_flags))
        return err_set_errno(cause, KS_ERR_INTERNAL,
                             "the other program's pipes");
    /* Fewer turns between two programs; no pipe, or no room: slower. */
    (void)fcntl(in, F_SETPIPE_SZ, PIPE_SIZE);
    (void)fcntl(out, F_SETPIPE_SZ, PIPE_SIZE);
    carry(&relay);
    /* In this order: both may be one. */
    (void)fcntl(out, F_SETFL, out_flags);
    (void)fcntl(in, F_SETFL, in_flags);
    return relay.lost && !relay.ended
               ? err_set(cause, KS_ERR_NET, "the connection ended")
               : KS_OK;
}
