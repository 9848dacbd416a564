/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system calls by name: which a profile may make whatever their arguments,
 * and which are refused by name.  What arguments decide is in
 * agent/sandbox/rules.c.
 */
#ifndef AGENT_SANDBOX_CALLS_H
#define AGENT_SANDBOX_CALLS_H

/* Ends each list of libseccomp's numbers. */
#define SANDBOX_CALLS_END (-1)

/* Memory, time, signals, threads' own business and open descriptors. */
extern const int sandbox_calls_basic[];

/* Beyond these, for holdfast-credential and holdfast-net. */
extern const int sandbox_calls_credential[];
extern const int sandbox_calls_net[];

/* Whatever code of a PKCS#11 module does with files, memory, threads and
 * services of its own machine, beyond the basic ones. */
extern const int sandbox_calls_module[];

/* Calls that such code has no business with, by name, so that it gets EPERM.  A
 * call in no list, as of a kernel newer than all of them, is one that is not
 * there: ENOSYS. */
extern const int sandbox_calls_never[];

#endif
