/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PKCS#11 module that is SoftHSM, and first tries what a hostile one would:
 * "nosy.log" beside SoftHSM's configuration says what came of it, in each
 * process that loads it.
 */
#include "tests/integration/nosy.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <p11-kit/pkcs11.h>

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list);

static bool
opens_socket(int family, int type)
{
    int fd = socket(family, type | SOCK_CLOEXEC, 0);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static bool
starts_program(void)
{
    char *const argv[] = {(char[]){"true"}, NULL};
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        (void)execv("/bin/true", argv);
        _exit(errno);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return false;
    errno = WEXITSTATUS(status);
    return errno == 0;
}

static bool
may_dump_core(void)
{
    struct rlimit limit = {0, 0};

    errno = EPERM;
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0 ||
           getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max != 0;
}

/* A variable that no helper is promised. */
static bool
sees_environment(void)
{
    static const char *const passed[] = {
        "LANG=", "LC_ALL=", "TZ=", "SOFTHSM2_CONF="};

    errno = ENOENT;
    for (char **entry = environ; *entry != NULL; entry++) {
        bool known = false;

        for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++)
            known = known || strncmp(*entry, passed[i], strlen(passed[i])) == 0;
        if (!known)
            return true;
    }
    return false;
}

void
nosy(FILE *file)
{
    char process[17] = "";

#define TRY(name, attempt)                                                     \
    fprintf(file, "%s " name " %d\n", process, (attempt) ? 0 : errno)
    (void)prctl(PR_GET_NAME, process, 0, 0, 0);
    TRY("internet", opens_socket(AF_INET, SOCK_STREAM));
    TRY("datagrams", opens_socket(AF_INET, SOCK_DGRAM));
    TRY("netlink", opens_socket(AF_NETLINK, SOCK_RAW));
    TRY("program", starts_program());
    TRY("ptrace", ptrace(PTRACE_SEIZE, getppid(), 0, 0) == 0);
    TRY("core", may_dump_core());
    TRY("environment", sees_environment());
#undef TRY
}

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    const char *configuration = getenv("SOFTHSM2_CONF");
    const char *slash = configuration != NULL ? strrchr(configuration, '/')
                                              : NULL;
    CK_C_GetFunctionList get = NULL;
    char path[256];
    FILE *file;
    void *module;

    if (slash == NULL)
        return CKR_GENERAL_ERROR;
    (void)snprintf(path, sizeof path, "%.*s/nosy.log",
                   (int)(slash - configuration), configuration);
    file = fopen(path, "ae");
    if (file == NULL)
        return CKR_GENERAL_ERROR;
    nosy(file);
    (void)fclose(file);
    module = dlopen(SOFTHSM_MODULE, RTLD_NOW | RTLD_LOCAL);
    if (module != NULL)
        *(void **)&get = dlsym(module, "C_GetFunctionList");
    return get != NULL ? get(list) : CKR_GENERAL_ERROR;
}
