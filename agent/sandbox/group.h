/* SPDX-License-Identifier: Apache-2.0 */
/* The groups that may use the tokens of this machine. */
#ifndef AGENT_SANDBOX_GROUP_H
#define AGENT_SANDBOX_GROUP_H

/* Join the groups that this machine's TPMs (/dev/tpmrm0 and so on) and
 * openCryptoki's places are for, as far as this process may join groups, which
 * root may.  For root that is about to give up its capabilities: without them
 * what is of group tss or pkcs11 is open to members of the group alone. */
void sandbox_group_join(void);

#endif
