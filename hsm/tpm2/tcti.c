/* SPDX-License-Identifier: Apache-2.0 */
/* A command is bytes here, and none is ever changed. */
#include "hsm/tpm2/tcti.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tss2/tss2_tctildr.h>
#include <tss2/tss2_tpm2_types.h>

#define MAGIC 0x486f6c6466617374u
#define HEADER 10 /* tag, size, code: Part 1, 18.3 */

/* 10 ms, twice that, and so on to 1 s: about 8 s in all. */
#define FIRST_WAIT_MS 10
#define LONGEST_WAIT_MS 1000
#define TRIES 14

struct tcti {
    TSS2_TCTI_CONTEXT_COMMON_CURRENT common; /* first: what the TSS calls */
    TSS2_TCTI_CONTEXT *inner;
    void (*finalize_inner)(TSS2_TCTI_CONTEXT **inner);
    uint8_t command[TPM2_MAX_COMMAND_SIZE];
    size_t length;
    unsigned tries; /* of this very command, with a wait before each */
    uint8_t response[TPM2_MAX_RESPONSE_SIZE];
    size_t response_length; /* 0: it is still to come */
};

static struct tcti *
own(TSS2_TCTI_CONTEXT *tcti)
{
    return (struct tcti *)(void *)tcti;
}

/* ESYS, too, sends again what was answered so: that is no new command, and gets
 * no patience of its own. */
static TSS2_RC
transmit(TSS2_TCTI_CONTEXT *tcti, size_t length, const uint8_t *command)
{
    struct tcti *self = own(tcti);

    if (length > sizeof self->command)
        return TSS2_TCTI_RC_BAD_VALUE;
    if (length != self->length || memcmp(self->command, command, length) != 0)
        self->tries = 0;
    memcpy(self->command, command, length);
    self->length = length;
    self->response_length = 0;
    return Tss2_Tcti_Transmit(self->inner, length, command);
}

static bool
wants_patience(const uint8_t *response, size_t length)
{
    uint32_t code;

    if (length < HEADER)
        return false;
    code = (uint32_t)response[6] << 24 | (uint32_t)response[7] << 16 |
           (uint32_t)response[8] << 8 | response[9];
    return code == TPM2_RC_RETRY || code == TPM2_RC_YIELDED ||
           code == TPM2_RC_TESTING || code == TPM2_RC_NV_RATE ||
           code == TPM2_RC_NV_UNAVAILABLE;
}

static void
wait_before(unsigned try)
{
    unsigned long ms = FIRST_WAIT_MS;
    struct timespec time;

    while (try-- > 0 && ms < LONGEST_WAIT_MS)
        ms *= 2;
    if (ms > LONGEST_WAIT_MS)
        ms = LONGEST_WAIT_MS;
    time = (struct timespec){.tv_sec = (time_t)(ms / 1000),
                             .tv_nsec = (long)(ms % 1000) * 1000000};
    (void)nanosleep(&time, NULL);
}

static TSS2_RC
fetch(struct tcti *self, int32_t timeout)
{
    size_t length = sizeof self->response;
    TSS2_RC rc = Tss2_Tcti_Receive(self->inner, &length, self->response,
                                   timeout);

    while (rc == TSS2_RC_SUCCESS && self->tries < TRIES &&
           wants_patience(self->response, length)) {
        wait_before(self->tries++);
        rc = Tss2_Tcti_Transmit(self->inner, self->length, self->command);
        length = sizeof self->response;
        if (rc == TSS2_RC_SUCCESS)
            rc = Tss2_Tcti_Receive(self->inner, &length, self->response,
                                   timeout);
    }
    if (rc != TSS2_RC_SUCCESS)
        return rc;
    if (!wants_patience(self->response, length))
        self->tries = 0;
    self->response_length = length;
    return rc;
}

/* The TSS asks for the length alone first, so the answer that counts must be
 * here by then. */
static TSS2_RC
receive(TSS2_TCTI_CONTEXT *tcti, size_t *length, uint8_t *response,
        int32_t timeout)
{
    struct tcti *self = own(tcti);
    size_t room = *length;
    TSS2_RC rc = self->response_length == 0 ? fetch(self, timeout)
                                            : TSS2_RC_SUCCESS;

    if (rc != TSS2_RC_SUCCESS)
        return rc;
    *length = self->response_length;
    if (response == NULL)
        return TSS2_RC_SUCCESS;
    if (room < self->response_length)
        return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
    memcpy(response, self->response, self->response_length);
    self->response_length = 0;
    return TSS2_RC_SUCCESS;
}

static TSS2_RC
cancel(TSS2_TCTI_CONTEXT *tcti)
{
    return Tss2_Tcti_Cancel(own(tcti)->inner);
}

static TSS2_RC
get_poll_handles(TSS2_TCTI_CONTEXT *tcti, TSS2_TCTI_POLL_HANDLE *handles,
                 size_t *count)
{
    return Tss2_Tcti_GetPollHandles(own(tcti)->inner, handles, count);
}

static TSS2_RC
set_locality(TSS2_TCTI_CONTEXT *tcti, uint8_t locality)
{
    return Tss2_Tcti_SetLocality(own(tcti)->inner, locality);
}

static TSS2_RC
make_sticky(TSS2_TCTI_CONTEXT *tcti, TPM2_HANDLE *handle, uint8_t sticky)
{
    return Tss2_Tcti_MakeSticky(own(tcti)->inner, handle, sticky);
}

static void
finalize(TSS2_TCTI_CONTEXT *tcti)
{
    struct tcti *self = own(tcti);

    explicit_bzero(self->command, sizeof self->command);
    if (self->finalize_inner != NULL)
        self->finalize_inner(&self->inner);
    else
        Tss2_Tcti_Finalize(self->inner);
}

TSS2_RC
tpm2_tcti_wrap(TSS2_TCTI_CONTEXT *inner, TSS2_TCTI_CONTEXT **ret)
{
    struct tcti *self = calloc(1, sizeof *self);

    if (self == NULL)
        return TSS2_TCTI_RC_MEMORY;
    self->common.v1 = (TSS2_TCTI_CONTEXT_COMMON_V1){
        .magic = MAGIC,
        .version = 2,
        .transmit = transmit,
        .receive = receive,
        .finalize = finalize,
        .cancel = cancel,
        .getPollHandles = get_poll_handles,
        .setLocality = set_locality,
    };
    self->common.makeSticky = make_sticky;
    self->inner = inner;
    *ret = (TSS2_TCTI_CONTEXT *)(void *)self;
    return TSS2_RC_SUCCESS;
}

TSS2_RC
tpm2_tcti_open(const char *config, TSS2_TCTI_CONTEXT **ret)
{
    TSS2_TCTI_CONTEXT *inner = NULL;
    TSS2_RC rc = Tss2_TctiLdr_Initialize(config, &inner);

    /* tpm2-tss 4.1.0 to 4.1.3 leave there what they began, without what their
     * own end of it goes by; others leave nothing. */
    if (rc != TSS2_RC_SUCCESS) {
        free(inner);
        return rc;
    }
    rc = tpm2_tcti_wrap(inner, ret);
    if (rc != TSS2_RC_SUCCESS)
        Tss2_TctiLdr_Finalize(&inner);
    else
        own(*ret)->finalize_inner = Tss2_TctiLdr_Finalize;
    return rc;
}

void
tpm2_tcti_close(TSS2_TCTI_CONTEXT **tcti)
{
    if (*tcti == NULL)
        return;
    Tss2_Tcti_Finalize(*tcti);
    free(*tcti);
    *tcti = NULL;
}
