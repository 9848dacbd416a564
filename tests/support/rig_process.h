/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program run to its end.  What goes wrong in starting it fails the test.
 */
#ifndef TESTS_SUPPORT_RIG_PROCESS_H
#define TESTS_SUPPORT_RIG_PROCESS_H

/* What a program said, and its exit status, or its signal's number below 0. */
struct rig_run {
    int status;
    char out[262144];
    char err[16384];
};

/* Run a program (argv style, a path first, NULL at the end) and wait for it. */
void rig_run(struct rig_run *run, const char *const *argv);

/* Expect the run to have ended with STATUS, and its error to contain SAYS. */
void rig_expect(const struct rig_run *run, int status, const char *says);

#endif
