/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/sandbox/filter.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "agent/sandbox/program.h"

/* The process's own number is known here alone, and written into the program.
 */
static enum ks_err
enter(const struct sandbox_program *program, struct err_cause *cause)
{
    const struct sock_fprog filter = {program->length, program->code};

    for (size_t i = 0; i < program->length; i++)
        if (BPF_CLASS(program->code[i].code) == BPF_JMP &&
            program->code[i].k == SANDBOX_PROGRAM_OWN_PID)
            program->code[i].k = (uint32_t)getpid();
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        return err_set_errno(cause, KS_ERR_SANDBOX, "seccomp");
    return KS_OK;
}

enum ks_err
sandbox_filter_enter(enum sandbox_profile profile, struct err_cause *cause)
{
    enum ks_err rc = sandbox_programs[profile][0].code != NULL
                         ? KS_OK
                         : err_set(cause, KS_ERR_SANDBOX,
                                   "the profile has no program");

    for (size_t i = 0; rc == KS_OK && i < SANDBOX_PROGRAM_MAX; i++)
        if (sandbox_programs[profile][i].code != NULL)
            rc = enter(&sandbox_programs[profile][i], cause);
    return rc;
}

enum ks_err
sandbox_filter_leave_terminal(struct err_cause *cause)
{
    return enter(&sandbox_program_terminal, cause);
}
