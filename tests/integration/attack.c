/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a taken-over holdfast-net would try.  Loaded into the real one in
 * libcurl's place; each line on standard error says what one attempt came to:
 * NAME and an errno, 0 where it succeeded.
 */
#include <curl/curl.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/integration/attack.h"

static void
report(const char *name, bool succeeded)
{
    char line[64];
    int length = snprintf(line, sizeof line, "%s %d\n", name,
                          succeeded ? 0 : errno);

    if (write(STDERR_FILENO, line, (size_t)length) != length)
        _exit(1);
}

static void
try_open(const char *name, const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);

    report(name, fd >= 0);
    if (fd >= 0)
        (void)close(fd);
}

static void
try_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)memccpy(address.sun_path, path, '\0', sizeof address.sun_path - 1);
    report("unix-socket",
           fd >= 0 && connect(fd, (const struct sockaddr *)&address,
                              sizeof address) == 0);
    if (fd >= 0)
        (void)close(fd);
}

/* A connected pair is libcurl's own means; it must lead nowhere else. */
static void
try_pair(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int pair[2] = {-1, -1};
    bool done = socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) == 0;

    (void)memccpy(address.sun_path, path, '\0', sizeof address.sun_path - 1);
    report("unix-datagram",
           done && connect(pair[0], (const struct sockaddr *)&address,
                           sizeof address) == 0);
    (void)close(pair[0]);
    (void)close(pair[1]);
}

static void
try_program(void)
{
    char *const argv[] = {(char[]){"true"}, NULL};
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        (void)execv("/bin/true", argv);
        _exit(1);
    }
    report("program",
           pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
}

void
attack(void)
{
    char path[256];
    const char *directory = getenv(ATTACK_DIRECTORY);

#define IN_DIRECTORY(name)                                                     \
    ((void)snprintf(path, sizeof path, "%s/" name, directory), path)
    try_open("resolver", "/etc/hosts", O_RDONLY);
    try_open("pin", IN_DIRECTORY(ATTACK_PIN), O_RDONLY);
    try_open("token", IN_DIRECTORY(ATTACK_TOKENS), O_RDONLY | O_DIRECTORY);
    try_open("device", "/dev/zero", O_RDONLY);
    try_open("tpm", "/dev/tpmrm0", O_RDWR);
    try_open("passwd", "/etc/passwd", O_RDONLY);
    try_open("memory", "/proc/self/mem", O_RDWR);
    try_open("write", IN_DIRECTORY(ATTACK_PIN), O_WRONLY);
    try_open("create", IN_DIRECTORY("new-file"), O_WRONLY | O_CREAT);
    report("mkdir", mkdir(IN_DIRECTORY("new-directory"), 0700) == 0);
    report("rename", rename(IN_DIRECTORY("victim"), directory) == 0);
    report("unlink", unlink(IN_DIRECTORY("victim")) == 0);
    report("chmod", chmod(directory, 0777) == 0);
    try_socket(IN_DIRECTORY(ATTACK_SOCKET));
    try_pair(IN_DIRECTORY(ATTACK_SOCKET ".datagram"));
    report("typing", ioctl(STDERR_FILENO, TIOCSTI, "x") == 0);
    report("ptrace", ptrace(PTRACE_SEIZE, getppid(), 0, 0) == 0);
    try_program();
    report("end", true);
}

/* In place of libcurl's. */
CURLcode
curl_easy_perform(CURL *curl)
{
    (void)curl;
    attack();
    return CURLE_COULDNT_CONNECT;
}
