/* SPDX-License-Identifier: Apache-2.0 */
/* What the attack finds in the directory that ATTACK_DIRECTORY names. */
#ifndef TESTS_ATTACK_H
#define TESTS_ATTACK_H

#define ATTACK_DIRECTORY "ATTACK_DIRECTORY"
#define ATTACK_PIN "pin"
#define ATTACK_TOKENS "tokens"
#define ATTACK_SOCKET "socket"
#define ATTACK_HOSTS "hosts" /* in the place of /etc/hosts, for root */

/* Variable with the number of a process to send SIGWINCH to. */
#define ATTACK_VICTIM "ATTACK_VICTIM"

/* Try everything and report on standard error. */
void attack(void);

#endif
