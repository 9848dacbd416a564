/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile PKCS#11 module would like to know of its process, and to do to
 * others. */
#ifndef TESTS_ALTERED_NOSY_H
#define TESTS_ALTERED_NOSY_H

#include <stdio.h>
#include <sys/types.h>

/* In the directory of SoftHSM's configuration: the number of a process to
 * attack, a file of another user, and what came of it all. */
#define NOSY_VICTIM "nosy.victim"
#define NOSY_FOREIGN "nosy.foreign"
#define NOSY_LOG "nosy.log"

/* The abstract socket of the process to attack, by its number. */
#define NOSY_ABSTRACT "holdfast-nosy-%d"

/* Write a line "PROCESS ATTEMPT ERRNO" to FILE for each attempt; 0 where it
 * succeeded.  The VICTIM gets SIGWINCH, which it does not heed; FOREIGN is the
 * other user's file. */
void nosy(FILE *file, pid_t victim, const char *foreign);

#endif
