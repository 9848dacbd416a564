/* SPDX-License-Identifier: Apache-2.0 */
/* Starts and stops swtpm.  It goes into the background by itself, and becomes
 * this process's child again, so that nobody else's init has to reap it. */
#include "tests/support/tpm2/swtpm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/tool.h"
#include "tests/support/tpm2/swtpm_maker.h"

#define PATH_SIZE sizeof((struct sockaddr_un *)NULL)->sun_path
#define ANSWER_SECONDS 20

struct swtpm {
    char directory[PATH_SIZE];
    char socket[PATH_SIZE];
    char control[PATH_SIZE]; /* the TCTI insists on "<socket>.ctrl" */
    char maker[PATH_SIZE];   /* its CA's directory; "": nobody vouches for it */
    pid_t pid;               /* 0: not running */
};

/* Paths must be absolute: in the background swtpm is in "/". */
static int
launch(const struct swtpm *swtpm)
{
    char state[PATH_SIZE + sizeof "dir="];
    char server[PATH_SIZE + sizeof "type=unixio,path="];
    char control[PATH_SIZE + sizeof "type=unixio,path="];
    char pid[PATH_SIZE + sizeof "file=/pid"];
    const char *argv[] = {SWTPM,
                          "socket",
                          "--tpm2",
                          "--tpmstate",
                          state,
                          "--server",
                          server,
                          "--ctrl",
                          control,
                          "--flags",
                          "not-need-init,startup-clear",
                          "--pid",
                          pid,
                          "--daemon",
                          NULL};
    int rc;

    (void)snprintf(state, sizeof state, "dir=%s", swtpm->directory);
    (void)snprintf(server, sizeof server, "type=unixio,path=%s", swtpm->socket);
    (void)snprintf(control, sizeof control, "type=unixio,path=%s",
                   swtpm->control);
    (void)snprintf(pid, sizeof pid, "file=%s/pid", swtpm->directory);
    /* Only now: daemons of others are not to become our children. */
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        return -1;
    rc = tool_run(argv);
    return prctl(PR_SET_CHILD_SUBREAPER, 0) == 0 ? rc : -1;
}

static int
connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = ANSWER_SECONDS};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (fd >= 0 &&
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ==
            0 &&
        connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

/* It takes commands now; but not before its first answer on the control
 * channel has it written its pid for sure. */
static int
await(const struct swtpm *swtpm)
{
    static const unsigned char get_capability[4] = {0, 0, 0, 1};
    unsigned char answer[64];
    int fd = connect_to(swtpm->control);
    int rc = fd >= 0 &&
                     send(fd, get_capability, sizeof get_capability,
                          MSG_NOSIGNAL) == sizeof get_capability &&
                     recv(fd, answer, sizeof answer, 0) > 0
                 ? 0
                 : -1;

    if (fd >= 0)
        (void)close(fd);
    return rc;
}

static pid_t
read_pid(const struct swtpm *swtpm)
{
    char path[PATH_SIZE + sizeof "/pid"];
    FILE *file;
    int pid = 0;

    (void)snprintf(path, sizeof path, "%s/pid", swtpm->directory);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%d", &pid) != 1)
        pid = 0;
    (void)fclose(file);
    return pid > 1 ? pid : 0;
}

/* A TPM without a state makes one when it starts. */
static int
manufacture(const struct swtpm *swtpm)
{
    return *swtpm->maker != '\0'
               ? swtpm_maker_run(swtpm->maker, swtpm->directory)
               : 0;
}

static int
start(struct swtpm *swtpm)
{
    if (launch(swtpm) == 0 && await(swtpm) == 0)
        swtpm->pid = read_pid(swtpm);
    if (swtpm->pid != 0)
        return 0;
    (void)fprintf(stderr, "swtpm in %s: %s\n", swtpm->directory,
                  strerror(errno));
    return -1;
}

static void
stop(struct swtpm *swtpm)
{
    if (swtpm->pid == 0)
        return;
    (void)kill(swtpm->pid, SIGKILL);
    while (waitpid(swtpm->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    swtpm->pid = 0;
}

static int
join(char ret[static PATH_SIZE], const char *directory, const char *name)
{
    int length = snprintf(ret, PATH_SIZE, "%s/%s", directory, name);

    return length > 0 && (size_t)length < PATH_SIZE ? 0 : -1;
}

/* MAKER may be "". */
static struct swtpm *
make(const char *directory, const char *maker)
{
    struct swtpm *swtpm = calloc(1, sizeof *swtpm);

    if (swtpm == NULL)
        return NULL;
    (void)snprintf(swtpm->maker, sizeof swtpm->maker, "%s", maker);
    if (directory[0] == '/' && join(swtpm->directory, directory, "tpm") == 0 &&
        join(swtpm->socket, swtpm->directory, "socket") == 0 &&
        join(swtpm->control, swtpm->directory, "socket.ctrl") == 0 &&
        mkdir(swtpm->directory, S_IRWXU) == 0 && manufacture(swtpm) == 0 &&
        start(swtpm) == 0)
        return swtpm;
    (void)fprintf(stderr, "no TPM in %s\n", directory);
    swtpm_free(&swtpm);
    return NULL;
}

struct swtpm *
swtpm_new(const char *directory)
{
    return make(directory, "");
}

struct swtpm *
swtpm_new_endorsed(const char *directory, const char *maker)
{
    return make(directory, maker);
}

void
swtpm_free(struct swtpm **swtpm)
{
    if (*swtpm == NULL)
        return;
    stop(*swtpm);
    free(*swtpm);
    *swtpm = NULL;
}

const char *
swtpm_socket(const struct swtpm *swtpm)
{
    return swtpm->socket;
}

int
swtpm_restart(struct swtpm *swtpm)
{
    stop(swtpm);
    return start(swtpm);
}

int
swtpm_replace(struct swtpm *swtpm)
{
    char path[PATH_SIZE];

    stop(swtpm);
    if (join(path, swtpm->directory, "tpm2-00.permall") != 0 ||
        unlink(path) != 0 || manufacture(swtpm) != 0)
        return -1;
    return start(swtpm);
}
