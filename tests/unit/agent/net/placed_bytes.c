/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/agent/net/placed_bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

static uint8_t
byte_at(size_t place)
{
    return (uint8_t)(place * 2654435761u >> 13);
}

size_t
placed_bytes_push(int fd, size_t from, size_t length)
{
    static uint8_t bytes[65536];
    ssize_t n;

    length = length < sizeof bytes ? length : sizeof bytes;
    for (size_t i = 0; i < length; i++)
        bytes[i] = byte_at(from + i);
    n = write(fd, bytes, length);
    assert_true(n > 0 || errno == EAGAIN);
    return n > 0 ? (size_t)n : 0;
}

size_t
placed_bytes_pull(int fd, size_t from)
{
    static uint8_t bytes[65536];
    struct pollfd item = {.fd = fd, .events = POLLIN};
    ssize_t n;

    assert_int_equal(poll(&item, 1, -1), 1);
    n = read(fd, bytes, sizeof bytes);
    assert_true(n > 0);
    for (ssize_t i = 0; i < n; i++)
        if (bytes[i] != byte_at(from + (size_t)i))
            fail_msg("another byte at %zu", from + (size_t)i);
    return (size_t)n;
}

void
placed_bytes_pass(int in, int out, size_t length)
{
    size_t written = 0, read_so_far = 0;

    fcntl(in, F_SETFL, fcntl(in, F_GETFL) | O_NONBLOCK);
    while (read_so_far < length) {
        struct pollfd items[] = {
            {.fd = written < length ? in : -1, .events = POLLOUT},
            {.fd = out, .events = POLLIN}};

        assert_true(poll(items, 2, -1) > 0);
        if ((items[0].revents & POLLOUT) != 0)
            written += placed_bytes_push(in, written, length - written);
        if (items[1].revents != 0)
            read_so_far += placed_bytes_pull(out, read_so_far);
    }
}

size_t
placed_bytes_fill(int fd)
{
    struct pollfd item = {.fd = fd, .events = POLLOUT};
    size_t length = 0;

    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    while (length < PLACED_BYTES_MUCH && poll(&item, 1, 200) == 1)
        length += placed_bytes_push(fd, length, PLACED_BYTES_MUCH - length);
    return length;
}
