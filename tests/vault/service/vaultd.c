/* SPDX-License-Identifier: Apache-2.0 */
/* vaultd DIRECTORY LISTENER PORT
 *
 * The service behind nginx: reached through a UNIX socket that only its own
 * user can open, started by vaultctl with the listening socket that nginx is
 * given.  One thread, and one request is judged at a time while the bodies of
 * others come in, so that a fork is safe and the rules need no locks but the
 * database's. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/vault/service/door.h"
#include "tests/vault/service/fault.h"
#include "tests/vault/service/nginx.h"
#include "tests/vault/service/object_file.h"
#include "tests/vault/service/service.h"

#define BACKLOG 1024

/* Held as long as this process lives; vaultctl asks who holds it. */
static bool
take_lock(const struct place *place)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(place->path[PLACE_LOCK], O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    return (fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0) ||
           fault("%s: %m", place->path[PLACE_LOCK]);
}

static int
open_socket(const struct place *place)
{
    const char *path = place->path[PLACE_SOCKET];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    (void)unlink(path);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        listen(fd, BACKLOG) == 0)
        return fd;
    fault("%s: %m", path);
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static int
open_signals(void)
{
    sigset_t signals;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_CLOEXEC);
}

static int
open_process(pid_t process)
{
    return (int)syscall(SYS_pidfd_open, process, 0);
}

/* Until somebody asks to stop; false where nginx ended by itself. */
static bool
serve(struct door *door, int signals, int front)
{
    struct pollfd waiting[] = {{.fd = signals, .events = POLLIN},
                               {.fd = front, .events = POLLIN},
                               {.fd = door_fd(door), .events = POLLIN}};

    for (;;) {
        if (poll(waiting, 3, door_timeout(door)) < 0 && errno != EINTR)
            return fault("poll: %m");
        if (waiting[0].revents != 0)
            return true;
        if (waiting[1].revents != 0)
            return fault("nginx has ended");
        door_run(door);
    }
}

static void
end_nginx(pid_t nginx)
{
    if (nginx <= 0)
        return;
    (void)kill(nginx, SIGTERM);
    while (waitpid(nginx, NULL, 0) < 0 && errno == EINTR)
        ;
}

static bool
run(struct service *service, int listener)
{
    int signals = open_signals();
    int fd = open_socket(&service->place);
    struct door *door = fd >= 0 ? door_open(service, fd) : NULL;
    pid_t nginx = door != NULL ? nginx_start(&service->place, listener) : -1;
    int front = nginx > 0 ? open_process(nginx) : -1;
    bool good;

    (void)close(listener);
    good = signals >= 0 && front >= 0 && serve(door, signals, front);
    end_nginx(nginx);
    if (front >= 0)
        (void)close(front);
    if (signals >= 0)
        (void)close(signals);
    door_close(&door);
    (void)unlink(service->place.path[PLACE_SOCKET]);
    return good;
}

int
main(int argc, char **argv)
{
    struct service service = {0};
    bool good;

    fault_program("vaultd");
    if (argc != 4) {
        fault("started by vaultctl, as vaultd DIRECTORY LISTENER PORT");
        return 64;
    }
    (void)umask(077);
    (void)signal(SIGPIPE, SIG_IGN);
    good = service_open(&service, argv[1],
                        (unsigned)strtoul(argv[3], NULL, 10)) &&
           take_lock(&service.place) && object_file_clean(&service.place) &&
           run(&service, (int)strtol(argv[2], NULL, 10));
    service_close(&service);
    return good ? 0 : 1;
}
