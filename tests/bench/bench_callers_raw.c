/* SPDX-License-Identifier: Apache-2.0 */
/* C_SignInit and C_Sign alone: in a process for each caller, as the runs of
 * holdfast-token are, or in a session for each caller of one process. */
#include "tests/bench/bench_callers.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <p11-kit/pkcs11.h>

#include "tests/bench/bench_measure.h"
#include "tests/support/store_fixture.h"

#define LABEL "holdfast contract"

static CK_SLOT_ID
find_slot(CK_FUNCTION_LIST *functions)
{
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8;
    CK_TOKEN_INFO info;

    bench_require(functions->C_GetSlotList(CK_TRUE, slots, &count) == CKR_OK,
                  "slots");
    for (CK_ULONG i = 0; i < count; i++)
        if (functions->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
            memcmp(info.label, LABEL, strlen(LABEL)) == 0)
            return slots[i];
    bench_require(false, "token");
    return 0;
}

static CK_SESSION_HANDLE
open_session(CK_FUNCTION_LIST *functions)
{
    CK_SESSION_HANDLE session = CK_INVALID_HANDLE;

    bench_require(functions->C_OpenSession(find_slot(functions),
                                           CKF_SERIAL_SESSION, NULL, NULL,
                                           &session) == CKR_OK,
                  "session");
    return session;
}

static CK_SESSION_HANDLE
log_in(CK_FUNCTION_LIST *functions)
{
    CK_C_INITIALIZE_ARGS locking = {.flags = CKF_OS_LOCKING_OK};
    CK_SESSION_HANDLE session;
    CK_UTF8CHAR pin[32];
    const char *text = store_fixture_pin("pkcs11");

    memcpy(pin, text, strlen(text));
    bench_require(functions->C_Initialize(&locking) == CKR_OK, "module");
    session = open_session(functions);
    bench_require(functions->C_Login(session, CKU_USER, pin, strlen(text)) ==
                      CKR_OK,
                  "login");
    return session;
}

static CK_FUNCTION_LIST *
load(void)
{
    CK_C_GetFunctionList get = NULL;
    CK_FUNCTION_LIST *functions = NULL;
    void *library = dlopen(SOFTHSM_MODULE, RTLD_NOW | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, "C_GetFunctionList") : NULL;

    bench_require(symbol != NULL, "module");
    memcpy(&get, &symbol, sizeof get);
    bench_require(get(&functions) == CKR_OK, "module");
    return functions;
}

static CK_OBJECT_HANDLE
find_object(CK_FUNCTION_LIST *functions, CK_SESSION_HANDLE session,
            const struct callers_kind *kind)
{
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    CK_BYTE id[KEYSTORE_ID_LENGTH];
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof class},
                             {CKA_ID, id, sizeof id}};
    CK_ULONG count = 0;

    memcpy(id, kind->id, sizeof id);
    bench_require(
        functions->C_FindObjectsInit(session, wanted, 2) == CKR_OK &&
            functions->C_FindObjects(session, &object, 1, &count) == CKR_OK &&
            functions->C_FindObjectsFinal(session) == CKR_OK && count == 1,
        "object");
    return object;
}

struct signer {
    const struct callers_kind *kind;
    CK_FUNCTION_LIST *functions;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE object;
    unsigned made;
};

static void *
sign(void *argument)
{
    struct signer *signer = argument;
    CK_RSA_PKCS_PSS_PARAMS pss = {CKM_SHA256, CKG_MGF1_SHA256, 32};
    CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
    CK_BYTE digest[32] = {1};
    CK_BYTE signature[KEYSTORE_SIGNATURE_MAX];

    if (signer->kind->sample != P_256)
        mechanism = (CK_MECHANISM){CKM_RSA_PKCS_PSS, &pss, sizeof pss};
    for (unsigned i = 0; i < signer->kind->count; i++) {
        CK_ULONG length = sizeof signature;

        signer->made +=
            signer->functions->C_SignInit(signer->session, &mechanism,
                                          signer->object) == CKR_OK &&
            signer->functions->C_Sign(signer->session, digest, sizeof digest,
                                      signature, &length) == CKR_OK;
    }
    return NULL;
}

/* A child's life: says that it is ready, starts when standard input ends. */
int
callers_raw_main(const struct callers_kind *kind, unsigned sessions)
{
    struct signer signers[CALLERS] = {
        {.kind = kind, .functions = load(), .made = 0}};
    pthread_t threads[CALLERS];
    char byte = 0;

    bench_require(sessions >= 1 && sessions <= CALLERS, "sessions");
    signers[0].session = log_in(signers[0].functions);
    signers[0].object = find_object(signers[0].functions, signers[0].session,
                                    kind);
    for (unsigned i = 1; i < sessions; i++) {
        signers[i] = signers[0];
        signers[i].session = open_session(signers[0].functions);
    }
    bench_require(write(STDOUT_FILENO, &byte, 1) == 1 &&
                      read(STDIN_FILENO, &byte, 1) == 0,
                  "start");
    for (unsigned i = 0; i < sessions; i++)
        bench_require(pthread_create(&threads[i], NULL, sign, &signers[i]) == 0,
                      "thread");
    for (unsigned i = 0; i < sessions; i++)
        bench_require(pthread_join(threads[i], NULL) == 0 &&
                          signers[i].made == kind->count,
                      "every signature");
    return 0;
}

/* One after the other: SoftHSM overlooks a token that another process is just
 * reading. */
static pid_t
start(const struct callers_kind *kind, unsigned sessions, const int go[2])
{
    char text[16];
    const char *argv[] = {"bench_callers", kind->name, text, NULL};
    int ready[2];
    pid_t child;
    char byte;

    (void)snprintf(text, sizeof text, "%u", sessions);
    bench_require(pipe2(ready, O_CLOEXEC) == 0, "pipe");
    child = fork();
    bench_require(child >= 0, "fork");
    if (child == 0) {
        if (dup2(go[0], STDIN_FILENO) == STDIN_FILENO &&
            dup2(ready[1], STDOUT_FILENO) == STDOUT_FILENO)
            (void)execv("/proc/self/exe", (char *const *)(const void *)argv);
        _exit(127);
    }
    (void)close(ready[1]);
    bench_require(read(ready[0], &byte, 1) == 1, "start");
    (void)close(ready[0]);
    return child;
}

double
callers_raw_round(const struct callers_kind *kind, unsigned processes)
{
    pid_t children[CALLERS];
    int go[2];
    int status = 0;
    double begun;
    double end;

    bench_require(pipe2(go, O_CLOEXEC) == 0, "pipe");
    for (unsigned i = 0; i < processes; i++)
        children[i] = start(kind, CALLERS / processes, go);
    (void)close(go[1]);
    begun = bench_now();
    for (unsigned i = 0; i < processes; i++)
        bench_require(waitpid(children[i], &status, 0) == children[i] &&
                          status == 0,
                      "every signature");
    end = bench_now();
    (void)close(go[0]);
    return CALLERS * kind->count / (end - begun);
}
