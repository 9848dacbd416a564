/* SPDX-License-Identifier: Apache-2.0 */
/* What there is to attack, in a directory of this test's own. */
#ifndef TESTS_PROGRAMS_ATTACK_TARGETS_H
#define TESTS_PROGRAMS_ATTACK_TARGETS_H

/* For cmocka: make everything that attack() looks for, with the variables that
 * say where, for this process and its children; and remove it. */
int attack_targets_make(void **state);
int attack_targets_remove(void **state);

const char *attack_targets_directory(void);

/* In a process of its own, which ends with 126 where it fails.  Who may write
 * to the machine's /etc/hosts gets another in its place, once: an attack that
 * succeeds must not empty that one. */
void attack_targets_hide_hosts(void);

#endif
