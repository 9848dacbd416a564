/* SPDX-License-Identifier: Apache-2.0 */
/* Two daemons, both children of this process to their end. */
#include "tests/support/tpm2/abrmd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TRIES 1000
#define TRY_MS 10

struct abrmd {
    char tcti[160]; /* its option for the TPM */
    pid_t bus;
    pid_t manager;
};

/* With OUT as its standard output and nothing on the other two. */
static pid_t
launch(const char *const *argv, int out)
{
    pid_t pid = fork();

    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (dup2(null, 0) == 0 && dup2(out >= 0 ? out : null, 1) == 1 &&
            dup2(null, 2) == 2)
            execv(argv[0], (char *const *)(const void *)argv);
        _exit(127);
    }
    return pid;
}

static void
stop(pid_t pid)
{
    if (pid <= 0)
        return;
    (void)kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

/* It says its address once it listens. */
static int
start_bus(struct abrmd *abrmd, const char *directory)
{
    char address[160], option[sizeof "--address=" + sizeof address], said;
    const char *argv[] = {DBUS_DAEMON, "--session",         "--nofork",
                          option,      "--print-address=1", NULL};
    ssize_t n = -1;
    int out[2];

    (void)snprintf(address, sizeof address, "unix:path=%s/bus", directory);
    (void)snprintf(option, sizeof option, "--address=%s", address);
    if (pipe2(out, O_CLOEXEC) != 0)
        return -1;
    abrmd->bus = launch(argv, out[1]);
    (void)close(out[1]);
    if (abrmd->bus > 0)
        n = read(out[0], &said, 1);
    (void)close(out[0]);
    return n == 1 ? setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1) : -1;
}

/* Does it answer?  Asked by a program of its own: the bus ends those that have
 * spoken on it when it ends, and nobody can speak on it after fork(2). */
static int
try_it(void)
{
    const char *argv[] = {TPM2_TOOLS, "getrandom", "--tcti",
                          "tabrmd",   "1",         NULL};
    int status = -1;
    pid_t pid = launch(argv, -1);

    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}

static int
start_manager(struct abrmd *abrmd)
{
    const char *argv[] = {TPM2_ABRMD, abrmd->tcti, "--allow-root", NULL};

    abrmd->manager = launch(argv, -1);
    for (int i = 0; abrmd->manager > 0 && i < TRIES; i++) {
        const struct timespec pause = {.tv_nsec = TRY_MS * 1000000L};

        if (try_it() == 0)
            return 0;
        if (waitpid(abrmd->manager, NULL, WNOHANG) != 0)
            break;
        (void)nanosleep(&pause, NULL);
    }
    return -1;
}

struct abrmd *
abrmd_new(const char *tpm, const char *directory)
{
    struct abrmd *abrmd = calloc(1, sizeof *abrmd);

    if (abrmd == NULL)
        return NULL;
    (void)snprintf(abrmd->tcti, sizeof abrmd->tcti, "--tcti=swtpm:path=%s",
                   tpm);
    if (start_bus(abrmd, directory) != 0 || start_manager(abrmd) != 0) {
        (void)fprintf(stderr, "no tpm2-abrmd in %s: %s\n", directory,
                      strerror(errno));
        abrmd_free(&abrmd);
    }
    return abrmd;
}

int
abrmd_restart(struct abrmd *abrmd)
{
    stop(abrmd->manager);
    return start_manager(abrmd);
}

void
abrmd_free(struct abrmd **abrmd)
{
    if (*abrmd == NULL)
        return;
    stop((*abrmd)->manager);
    stop((*abrmd)->bus);
    (void)unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
    free(*abrmd);
    *abrmd = NULL;
}
