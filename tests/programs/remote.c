/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A module whose token is behind a network, as those of CloudHSM, Luna, NetHSM
 * or YubiHSM's connector: SoftHSM, once a server at 127.0.0.1 has let it in.
 * The server's port is the first number in the file "ports" beside SoftHSM's
 * configuration; what becomes of a way to the second, and of the other kinds,
 * is told in "remote.log" there, a line "PROCESS ATTEMPT ERRNO" each.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <p11-kit/pkcs11.h>

#define GREETING "let in"

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list);

static CK_FUNCTION_LIST own;
static CK_FUNCTION_LIST *real;

static FILE *
open_beside(const char *name, const char *mode)
{
    const char *configuration = getenv("SOFTHSM2_CONF");
    const char *slash = configuration != NULL ? strrchr(configuration, '/')
                                              : NULL;
    char path[256];

    if (slash == NULL)
        return NULL;
    (void)snprintf(path, sizeof path, "%.*s/%s", (int)(slash - configuration),
                   configuration, name);
    return fopen(path, mode);
}

/* A connection to PORT, or -1. */
static int
reach(unsigned port, int type)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    int error;

    if (fd < 0 ||
        connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    error = errno;
    (void)close(fd);
    errno = error;
    return -1;
}

static void
tell(FILE *log, const char *attempt, int fd)
{
    char process[17] = "";

    if (log == NULL)
        return;
    (void)prctl(PR_GET_NAME, process, 0, 0, 0);
    (void)fprintf(log, "%s %s %d\n", process, attempt, fd >= 0 ? 0 : errno);
    if (fd >= 0)
        (void)close(fd);
}

static int
send_first(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 &&
        sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL,
               (const struct sockaddr *)&address, sizeof address) < 0) {
        int error = errno;

        (void)close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static CK_RV
initialize(void *args)
{
    FILE *ports = open_beside("ports", "re");
    FILE *log = open_beside("remote.log", "ae");
    char greeting[sizeof GREETING] = "";
    unsigned port[2] = {0, 0};
    int fd;

    if (ports == NULL || fscanf(ports, "%u %u", &port[0], &port[1]) != 2)
        return CKR_GENERAL_ERROR;
    (void)fclose(ports);
    fd = reach(port[0], SOCK_STREAM);
    if (fd < 0 || recv(fd, greeting, sizeof GREETING, MSG_WAITALL) !=
                      (ssize_t)sizeof GREETING)
        return CKR_DEVICE_ERROR;
    (void)close(fd);
    tell(log, "other-port", reach(port[1], SOCK_STREAM));
    tell(log, "fast-open", send_first(port[1]));
    tell(log, "datagram", reach(port[1], SOCK_DGRAM));
    if (log != NULL)
        (void)fclose(log);
    return strcmp(greeting, GREETING) == 0 ? real->C_Initialize(args)
                                           : CKR_DEVICE_ERROR;
}

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    CK_C_GetFunctionList get = NULL;
    void *library = dlopen(SOFTHSM_MODULE, RTLD_NOW | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, "C_GetFunctionList") : NULL;

    if (symbol == NULL)
        return CKR_GENERAL_ERROR;
    memcpy(&get, &symbol, sizeof get);
    if (get(&real) != CKR_OK)
        return CKR_GENERAL_ERROR;
    own = *real;
    own.C_GetFunctionList = C_GetFunctionList;
    own.C_Initialize = initialize;
    *list = &own;
    return CKR_OK;
}
