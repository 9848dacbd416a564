/* SPDX-License-Identifier: Apache-2.0 */
/* Starting and stopping.  The port's socket is bound here and inherited by
 * nginx, so a service is reachable, if not yet answering, from the moment its
 * port is known; the first request waits in the socket's queue until there is
 * somebody to answer it.  Who runs is known from the lock that vaultd holds,
 * not from a number in a file. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <jansson.h>

#include "tests/vault/service/fault.h"
#include "tests/vault/service/founding.h"
#include "tests/vault/service/lever.h"
#include "tests/vault/service/nginx.h"
#include "tests/vault/service/store.h"
#include "tests/vault/service/vault.h"
#include "tests/vault/ctl/vaultctl.h"

#define BACKLOG 128
#define KEEPALIVE_SECONDS "900"
#define STOP_MILLISECONDS 30000

/* Who holds the lock; 0 for nobody. */
static pid_t
find_running(const struct place *place)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(place->path[PLACE_LOCK], O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return 0;
    if (fcntl(fd, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK)
        lock.l_pid = 0;
    (void)close(fd);
    return lock.l_pid;
}

unsigned
vaultctl_port(const struct place *place)
{
    char text[16] = "0";
    struct store *store;

    if (find_running(place) == 0)
        return 0;
    store = store_open(place->path[PLACE_DATABASE]);
    if (store != NULL)
        (void)store_get(store, "port", text, sizeof text);
    store_close(&store);
    return (unsigned)strtoul(text, NULL, 10);
}

static bool
make_directory(const char *path)
{
    struct stat status;

    if (mkdir(path, 0700) == 0)
        return true;
    if (errno != EEXIST || stat(path, &status) != 0)
        return fault("%s: %m", path);
    if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid())
        return fault("%s: no directory of this user's", path);
    return chmod(path, 0700) == 0 || fault("%s: %m", path);
}

static bool
found(const struct vaultctl_options *options, const struct place *place,
      struct store *store)
{
    if (!make_directory(place->path[PLACE_LOG]) ||
        !make_directory(place->path[PLACE_RUN]) || !founding_make(place, store))
        return false;
    for (int i = 0; i < options->vault_count; i++)
        if (!vault_make(store, options->vaults[i]))
            return false;
    return true;
}

/* A listening socket on PORT of the loopback address; -1 where it is taken. */
static int
try_port(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 &&
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        listen(fd, BACKLOG) == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

/* The port of the last start where it is still free: credential files name it.
 * Else any. */
static int
open_port(struct store *store, unsigned *ret)
{
    char text[16] = "0";
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int fd;

    (void)store_get(store, "port", text, sizeof text);
    fd = try_port((unsigned)strtoul(text, NULL, 10));
    if (fd < 0)
        fd = try_port(0);
    if (fd < 0 || getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
        fault("no port on 127.0.0.1: %m");
        return -1;
    }
    *ret = ntohs(address.sin_port);
    (void)snprintf(text, sizeof text, "%u", *ret);
    (void)store_set(store, "port", text);
    return fd;
}

/* In the child: vaultd, which lies beside this program. */
static void
become(const struct place *place, int listener, unsigned port)
{
    char self[PATH_MAX];
    char program[PATH_MAX + 8];
    char listener_text[16], port_text[16];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    int null = open("/dev/null", O_RDONLY);
    int log = open(place->path[PLACE_VAULTD_LOG], O_WRONLY | O_CREAT | O_APPEND,
                   0600);

    if (length < 0 || null < 0 || log < 0)
        _exit(127);
    self[length] = '\0';
    (void)snprintf(program, sizeof program, "%s/vaultd", dirname(self));
    (void)snprintf(listener_text, sizeof listener_text, "%d", listener);
    (void)snprintf(port_text, sizeof port_text, "%u", port);
    (void)setsid();
    (void)dup2(null, STDIN_FILENO);
    (void)dup2(log, STDOUT_FILENO);
    (void)dup2(log, STDERR_FILENO);
    /* Whoever waits for the end of this program's output waits for nobody
     * else. */
    (void)syscall(SYS_close_range, 3U, ~0U, 1U << 2 /* close on exec */);
    (void)fcntl(listener, F_SETFD, 0);
    (void)execl(program, "vaultd", place->directory, listener_text, port_text,
                (char *)NULL);
    fault("%s: %m", program);
}

static bool
launch(const struct place *place, int listener, unsigned port)
{
    pid_t child = fork();

    if (child == 0) {
        become(place, listener, port);
        _exit(127);
    }
    return child > 0 || fault("fork: %m");
}

static bool
wait_for_answer(const struct place *place, unsigned port)
{
    char url[64];
    char *body = NULL;
    CURL *web = vaultctl_web_open(place);
    long status = 0;

    if (web == NULL)
        return false;
    (void)snprintf(url, sizeof url, "https://localhost:%u/", port);
    status = vaultctl_web_ask(web, url, NULL, &body);
    curl_easy_cleanup(web);
    if (status != 303)
        fault("the service does not answer (%ld %.40s); see %s", status,
              status == 0 && body != NULL ? body : "", place->path[PLACE_LOG]);
    free(body);
    return status == 303;
}

static void
add_vault(void *context, const struct vault *vault)
{
    (void)json_array_append_new(
        context, json_pack("{s:s, s:s}", "name", vault->name, "id", vault->id));
}

static bool
print_service(const struct place *place, struct store *store, unsigned port)
{
    char url[64];
    json_t *vaults = json_array();
    json_t *line;
    bool done;

    (void)vault_each(store, add_vault, vaults);
    (void)snprintf(url, sizeof url, "https://localhost:%u", port);
    line = json_pack("{s:s, s:s, s:s, s:s, s:o}", "url", url, "ca_file",
                     place->path[PLACE_CA], "user", FOUNDING_USER,
                     "password_file", place->path[PLACE_PASSWORD], "vaults",
                     vaults);
    done = line != NULL && json_dumpf(line, stdout, JSON_COMPACT) == 0 &&
           putchar('\n') != EOF && fflush(stdout) == 0;
    json_decref(line);
    return done;
}

static bool
stop(const struct place *place)
{
    struct pollfd waiting = {.events = POLLIN};
    pid_t process = find_running(place);
    bool done;

    if (process == 0)
        return true;
    waiting.fd = (int)syscall(SYS_pidfd_open, process, 0);
    /* The descriptor is of the process that holds the lock if that one holds
     * it still. */
    if (waiting.fd < 0 || find_running(place) != process) {
        if (waiting.fd >= 0)
            (void)close(waiting.fd);
        return find_running(place) == 0 || fault("vaultd: %m");
    }
    done = syscall(SYS_pidfd_send_signal, waiting.fd, SIGTERM, NULL, 0) == 0 &&
           poll(&waiting, 1, STOP_MILLISECONDS) == 1;
    (void)close(waiting.fd);
    return done || fault("vaultd does not stop");
}

bool
vaultctl_start(const struct vaultctl_options *options)
{
    struct place place;
    struct store *store;
    char keepalive[32] = KEEPALIVE_SECONDS;
    unsigned port = 0;
    int listener = -1;
    bool done = false;

    if (!make_directory(options->directory) ||
        !place_init(&place, options->directory))
        return false;
    if (find_running(&place) != 0)
        return fault("%s: the service is running", options->directory);
    store = store_open(place.path[PLACE_DATABASE]);
    if (store != NULL && found(options, &place, store))
        listener = open_port(store, &port);
    if (listener >= 0) {
        (void)store_get(store, LEVER_KEEPALIVE, keepalive, sizeof keepalive);
        done = nginx_configure(&place, port, keepalive) &&
               launch(&place, listener, port);
        (void)close(listener);
        done = done && wait_for_answer(&place, port) &&
               print_service(&place, store, port);
        if (!done)
            (void)stop(&place);
    }
    store_close(&store);
    return done;
}

bool
vaultctl_stop(const struct vaultctl_options *options)
{
    struct place place;

    if (access(options->directory, F_OK) != 0 && errno == ENOENT)
        return true;
    return place_init(&place, options->directory) && stop(&place);
}
