/* SPDX-License-Identifier: Apache-2.0 */
/* Four function pointers, as small as a transport can be. */
#include "tests/unit/hsm/tpm2/scripted_tpm.h"

#include <stdbool.h>
#include <string.h>

struct scripted_tpm scripted_tpm;

static TSS2_TCTI_CONTEXT_COMMON_V1 transport;
static scripted_tpm_answer *answer;

static TSS2_RC
transmit(TSS2_TCTI_CONTEXT *tcti, size_t length, const uint8_t *command)
{
    bool same = length == scripted_tpm.length &&
                memcmp(command, scripted_tpm.command, length) == 0;

    (void)tcti;
    if (length > sizeof scripted_tpm.command)
        return TSS2_TCTI_RC_BAD_VALUE;
    scripted_tpm.others += scripted_tpm.commands > 0 && !same;
    scripted_tpm.commands++;
    memcpy(scripted_tpm.command, command, length);
    scripted_tpm.length = length;
    return TSS2_RC_SUCCESS;
}

static TSS2_RC
receive(TSS2_TCTI_CONTEXT *tcti, size_t *size, uint8_t *response,
        int32_t timeout)
{
    uint8_t made[SCRIPTED_TPM_MAX];
    size_t length = 0;
    TSS2_RC rc;

    (void)tcti;
    (void)timeout;
    rc = answer(scripted_tpm.commands, made, &length);
    scripted_tpm.receives++;
    if (rc != TSS2_RC_SUCCESS)
        return rc;
    if (response != NULL && *size < length)
        return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
    if (response != NULL)
        memcpy(response, made, length);
    *size = length;
    return TSS2_RC_SUCCESS;
}

static void
finalize(TSS2_TCTI_CONTEXT *tcti)
{
    (void)tcti;
    scripted_tpm.finalized++;
}

TSS2_TCTI_CONTEXT *
scripted_tpm_new(scripted_tpm_answer *wanted)
{
    scripted_tpm = (struct scripted_tpm){.commands = 0};
    answer = wanted;
    transport = (TSS2_TCTI_CONTEXT_COMMON_V1){.version = 1,
                                              .transmit = transmit,
                                              .receive = receive,
                                              .finalize = finalize};
    return (TSS2_TCTI_CONTEXT *)(void *)&transport;
}

TSS2_RC
scripted_tpm_code(TSS2_RC rc, uint8_t *response, size_t *ret_length)
{
    const uint8_t header[10] = {0x80,
                                0x01,
                                0,
                                0,
                                0,
                                10,
                                (uint8_t)(rc >> 24),
                                (uint8_t)(rc >> 16),
                                (uint8_t)(rc >> 8),
                                (uint8_t)rc};

    memcpy(response, header, sizeof header);
    *ret_length = sizeof header;
    return TSS2_RC_SUCCESS;
}
