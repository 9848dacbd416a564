/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile PKCS#11 module would like to know of its process, and to do to
 * others. */
#ifndef TESTS_ALTERED_ATTACKING_MODULE_H
#define TESTS_ALTERED_ATTACKING_MODULE_H

#include <stdio.h>
#include <sys/types.h>

/* In the directory of SoftHSM's configuration: the number of a process to
 * attack, a file of another user, and what came of it all. */
#define ATTACKING_VICTIM "attack.victim"
#define ATTACKING_FOREIGN "attack.foreign"
#define ATTACKING_LOG "attack.log"

/* The abstract socket of the process to attack, by its number. */
#define ATTACKING_ABSTRACT "holdfast-attack-%d"

/* Write a line "PROCESS ATTEMPT ERRNO" to FILE for each attempt; 0 where it
 * succeeded.  The VICTIM gets SIGWINCH, which it does not heed; FOREIGN is the
 * other user's file. */
void attacking_module(FILE *file, pid_t victim, const char *foreign);

#endif
