/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/programs/attack_targets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/programs/attack.h"
#include "tests/programs/own_mounts.h"

static char directory[] = "/tmp/holdfast-net-XXXXXX";

static void
make_file(const char *name, const char *text)
{
    int fd = openat(AT_FDCWD, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    (void)close(fd);
}

void
attack_targets_hide_hosts(void)
{
    char path[sizeof directory + 16];

    if (geteuid() != 0)
        return;
    (void)snprintf(path, sizeof path, "%s/" ATTACK_HOSTS, directory);
    if (!own_mounts() || mount(path, "/etc/hosts", NULL, MS_BIND, NULL) != 0)
        _exit(126);
}

/* Until the test ends. */
static void
listen_at(const char *name, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/%s",
                   directory, name);
    assert_int_equal(
        bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    if (type == SOCK_STREAM)
        assert_int_equal(listen(fd, 8), 0);
}

int
attack_targets_make(void **state)
{
    char victim[16];

    (void)state;
    (void)snprintf(victim, sizeof victim, "%d", (int)getpid());
    if (mkdtemp(directory) == NULL || chdir(directory) != 0 ||
        setenv(ATTACK_DIRECTORY, directory, 1) != 0 ||
        setenv(ATTACK_VICTIM, victim, 1) != 0)
        return -1;
    make_file(ATTACK_PIN, "");
    make_file("victim", "");
    make_file(ATTACK_HOSTS, "127.0.0.1 localhost\n");
    listen_at(ATTACK_SOCKET, SOCK_STREAM);
    listen_at(ATTACK_SOCKET ".datagram", SOCK_DGRAM);
    return mkdir(ATTACK_TOKENS, 0700);
}

int
attack_targets_remove(void **state)
{
    (void)state;
    (void)unlink(ATTACK_PIN);
    (void)unlink("victim");
    (void)unlink(ATTACK_HOSTS);
    (void)unlink("new-file");
    (void)unlink(ATTACK_SOCKET);
    (void)unlink(ATTACK_SOCKET ".datagram");
    (void)rmdir("new-directory");
    (void)rmdir(ATTACK_TOKENS);
    return rmdir(directory);
}

const char *
attack_targets_directory(void)
{
    return directory;
}
