/* SPDX-License-Identifier: Apache-2.0 */
/* Two buffers, one a direction.  Nothing is read that has no place to go, so
 * that each side is held back by the other. */
#include "agent/net_relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#define BUFFER_SIZE (256 * 1024)

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
    bool broken;        /* the connection, or OUT */
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

    if (relay->ended || !is_empty(&relay->up))
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
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        relay->broken = true;
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
    relay->broken = relay->broken || n < 0;
    up->done += n > 0 ? (size_t)n : 0;
    return n > 0;
}

static bool
receive_down(struct relay *relay)
{
    struct buffer *down = &relay->down;
    long n;

    if (!is_empty(down))
        return false;
    n = http_receive(relay->http, down->bytes, BUFFER_SIZE);
    relay->broken = relay->broken || n < 0;
    down->done = 0;
    down->length = n > 0 ? (size_t)n : 0;
    return n > 0;
}

/* Wait until one of the four can go on. */
static void
wait_for_one(const struct relay *relay)
{
    struct pollfd items[] = {
        {.fd = relay->ended || !is_empty(&relay->up) ? -1 : relay->in,
         .events = POLLIN},
        {.fd = is_empty(&relay->down) ? -1 : relay->out, .events = POLLOUT},
        {.fd = http_descriptor(relay->http)}};

    if (is_empty(&relay->down))
        items[2].events |= POLLIN;
    if (!is_empty(&relay->up))
        items[2].events |= POLLOUT;
    (void)poll(items, sizeof items / sizeof items[0], -1);
}

static bool
do_not_wait(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

enum ks_err
net_relay(struct http *http, int in, int out, struct err_cause *cause)
{
    static struct relay relay;

    relay.http = http;
    relay.in = in;
    relay.out = out;
    (void)signal(SIGPIPE, SIG_IGN);
    if (!do_not_wait(in) || !do_not_wait(out))
        return err_set_errno(cause, KS_ERR_INTERNAL,
                             "the other program's pipes");
    while (!relay.broken && !(relay.ended && is_empty(&relay.up))) {
        /* All four, each time: what libcurl has read no poll shows. */
        bool moved = receive_down(&relay);

        moved = write_out(&relay) || moved;
        moved = read_in(&relay) || moved;
        moved = send_up(&relay) || moved;
        if (!moved && !relay.broken && !relay.ended)
            wait_for_one(&relay);
    }
    return relay.broken && !relay.ended
               ? err_set(cause, KS_ERR_NET, "the connection ended")
               : KS_OK;
}
