/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The remedy for an exposed file, as a command to be copied into a shell.
 */
#ifndef KEYSTORE_FILE_CREDFILE_MEND_H
#define KEYSTORE_FILE_CREDFILE_MEND_H

#include "keystore/base/err.h"

/* Put ": COMMAND 'PATH'" behind what CAUSE says, quoted for sh(1).  A path
 * that would not come through (no room, more than printable ASCII, or "; ")
 * is replaced by FILE, for the operator to fill in.  CAUSE may be NULL. */
void credfile_mend(struct err_cause *cause, const char *command,
                   const char *path);

#endif
