/* SPDX-License-Identifier: Apache-2.0 */
/* tinyproxy binds its port itself, so that another may take it in between:
 * then another port is tried. */
#include "tests/integration/forward.h"

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

#include "tests/integration/rig.h"

#define TRIES 5
#define STEP_MILLISECONDS 20

static struct sockaddr_in
local(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};

    return address;
}

static unsigned
free_port(void)
{
    struct sockaddr_in address = local(0);
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    (void)close(fd);
    return ntohs(address.sin_port);
}

static void
configure(const struct forward *forward, const char *path, unsigned port,
          bool password)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    (void)fprintf(file,
                  "Port %u\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\n"
                  "Allow 127.0.0.1\nConnectPort %u\nLogLevel Connect\n"
                  "LogFile \"%s\"\n%s",
                  forward->port, port, forward->log,
                  password ? "BasicAuth somebody secret\n" : "");
    assert_int_equal(fclose(file), 0);
}

/* Whether it answers, or has ended instead. */
static bool
wait_for_answer(struct forward *forward)
{
    struct sockaddr_in address = local(forward->port);
    struct pollfd end = {.fd = pidfd_open(forward->process, 0),
                         .events = POLLIN};
    bool answers = false;

    while (!answers && poll(&end, 1, STEP_MILLISECONDS) == 0) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

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

    forward->port = free_port();
    (void)snprintf(forward->address, sizeof forward->address,
                   "http://localhost:%u", forward->port);
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
