/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transport of tpm2-tss with no TPM behind it: it takes down what it is sent
 * and answers what the test wrote beforehand.
 */
#ifndef TESTS_UNIT_SCRIPTED_TPM_H
#define TESTS_UNIT_SCRIPTED_TPM_H

#include <stddef.h>
#include <stdint.h>

#include <tss2/tss2_tcti.h>

#define SCRIPTED_TPM_MAX 4096

/* What has come since scripted_tpm_new(). */
struct scripted_tpm {
    unsigned commands;
    uint8_t command[SCRIPTED_TPM_MAX]; /* the last one */
    size_t length;
    unsigned others; /* different from the one before */
    unsigned receives;
    unsigned finalized;
};
extern struct scripted_tpm scripted_tpm;

/* The answer to the Nth command, from 1 on: at most SCRIPTED_TPM_MAX bytes into
 * RESPONSE.  What it returns is the transport's own code. */
typedef TSS2_RC scripted_tpm_answer(unsigned nth, uint8_t *response,
                                    size_t *ret_length);

/* A transport that answers so.  Valid until the next call. */
TSS2_TCTI_CONTEXT *scripted_tpm_new(scripted_tpm_answer *answer);

/* A header with the response code RC and nothing more (TPM 2.0 Part 1, 18). */
TSS2_RC scripted_tpm_code(TSS2_RC rc, uint8_t *response, size_t *ret_length);

#endif
