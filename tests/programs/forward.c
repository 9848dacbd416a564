/* SPDX-License-Identifier: Apache-2.0 */
/* tinyproxy binds its port itself, so that another may take it in between:
 * then another port is tried. */
#include "tests/programs/forward.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/rig.h"

#define TRIES 5
#define STEP_MILLISECONDS 20

/* The loopback address, as an IPv4 one in IPv6's form where it is that */
static struct sockaddr_in6
local(const struct forward *forward)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6,
                                   .sin6_port = htons((uint16_t)forward->port)};

    (void)inet_pton(AF_INET6, forward->ipv6 ? "::1" : "::ffff:127.0.0.1",
                    &address.sin6_addr);
    return address;
}

static unsigned
free_port(const struct forward *forward)
{
    struct sockaddr_in6 address = local(forward);
    socklen_t length = sizeof address;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin6_port = 0;
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    (void)close(fd);
    return ntohs(address.sin6_port);
}

static void
configure(const struct forward *forward, const char *path, unsigned port,
          bool password)
{
    const char *host = forward->ipv6 ? "::1" : "127.0.0.1";
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    (void)fprintf(file,
                  "Port %u\nListen %s\nTimeout 60\nMaxClients 20\n"
                  "Allow %s\nConnectPort %u\nLogLevel Connect\n"
                  "LogFile \"%s\"\n%s",
                  forward->port, host, host, port, forward->log,
                  password ? "BasicAuth somebody secret\n" : "");
    assert_int_equal(fclose(file), 0);
}

/* Whether it answers, or has ended instead. */
static bool
wait_for_answer(struct forward *forward)
{
    struct sockaddr_in6 address = local(forward);
    struct pollfd end = {.fd = pidfd_open(forward->process, 0),
                         .events = POLLIN};
    bool answers = false;

    while (!answers && poll(&end, 1, STEP_MILLISECONDS) == 0) {
        int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

        answers = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
        (void)close(fd);
    }
    (void)close(end.fd);
    if (!answers)
        (void)waitpid(forward->process, NULL, 0);
    return answers;
}

static bool
try_start(struct forward *forward, const char *directory, unsigned port,
          bool password)
{
    char path[256];

    forward->port = free_port(forward);
    (void)snprintf(forward->address, sizeof forward->address,
                   forward->ipv6 ? "http://[::1]:%u" : "http://localhost:%u",
                   forward->port);
    (void)snprintf(forward->log, sizeof forward->log, "%s/tinyproxy-%u.log",
                   directory, forward->port);
    (void)snprintf(path, sizeof path, "%s/tinyproxy-%u.conf", directory,
                   forward->port);
    configure(forward, path, port, password);
    forward->process = fork();
    assert_true(forward->process >= 0);
    if (forward->process == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)execl("/usr/bin/tinyproxy", "tinyproxy", "-d", "-c", path,
                    (char *)NULL);
        _exit(127);
    }
    return wait_for_answer(forward);
}

void
forward_start(struct forward *forward, const char *directory, unsigned port,
              bool password)
{
    for (int i = 0; i < TRIES; i++)
        if (try_start(forward, directory, port, password))
            return;
    fail_msg("tinyproxy does not start; see %s", forward->log);
}

void
forward_stop(struct forward *forward)
{
    assert_int_equal(kill(forward->process, SIGKILL), 0);
    assert_int_equal(waitpid(forward->process, NULL, 0), forward->process);
}

size_t
forward_count(const struct forward *forward, unsigned port)
{
    char line[64];
    char *text = rig_read(forward->log, NULL);
    size_t count = 0;

    (void)snprintf(line, sizeof line, "CONNECT localhost:%u HTTP/", port);
    for (const char *at = text; (at = strstr(at, line)) != NULL; at++)
        count++;
    free(text);
    return count;
}
