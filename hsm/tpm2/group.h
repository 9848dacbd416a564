/* SPDX-License-Identifier: Apache-2.0 */
/* Who may open a machine's TPMs. */
#ifndef HSM_TPM2_GROUP_H
#define HSM_TPM2_GROUP_H

/* Join the groups that this machine's TPMs (/dev/tpmrm0 and so on) are for, as
 * far as this process may join groups, which root may.  For root that is about
 * to give up its capabilities: without them a device of user and group tss is
 * open to members of the group alone. */
void tpm2_group_join(void);

#endif
