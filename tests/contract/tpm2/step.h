/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An operation in a process of its own, so that the tap can step through its
 * commands with whatever may happen to it.
 */
#ifndef TESTS_CONTRACT_TPM2_STEP_H
#define TESTS_CONTRACT_TPM2_STEP_H

#include "tests/contract/tpm2/case.h"

struct tpm2_step {
    const char *name;
    const char *handle; /* of the URI, or NULL */
    bool transient;     /* the root key is nowhere persistent */
    bool fresh;         /* on a new TPM each time, without any key */
    enum ks_err (*run)(const uint8_t *id); /* by the open store */
    bool endorsed; /* its TPM has certificates, and an endorsement key */
};

#define TPM2_STEP_IMPORT 0
#define TPM2_STEP_IMPORT_AT_HANDLE 1
#define TPM2_STEP_GENERATE 2
#define TPM2_STEP_SIGN 3
#define TPM2_STEP_IMPORT_TRANSIENT 4
#define TPM2_STEP_EVIDENCE 5      /* by the endorsement key that stands there */
#define TPM2_STEP_EVIDENCE_MADE 6 /* by one that the TPM makes for it */
#define TPM2_STEP__MAX 7
extern const struct tpm2_step tpm2_steps[TPM2_STEP__MAX];

/* Have FAULT happen at every command of STEP in turn, and CHECK how that ended:
 * with an error, or with a signal's number below 0.  Then it is done with no
 * fault each time: it must succeed, and leave what it makes and nothing else,
 * no object and one session at the most.  Cuts and deaths come before the TPM
 * obeys and, where they do not last, also after. */
void tpm2_step_through(const struct tpm2_step *step, struct tap_fault fault,
                       void (*check)(unsigned nth, int ended));

/* A group of TEST for every step, with the step as its state. */
int tpm2_step_run_tests(const char *group, CMUnitTestFunction test,
                        const char *name);

#endif
