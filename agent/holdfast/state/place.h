/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the state is, judged before anything in it is believed: whoever can
 * change that chooses the token, the vault, the files to wipe and the issuers
 * of the next command, with the rights of its caller.
 */
#ifndef AGENT_HOLDFAST_STATE_PLACE_H
#define AGENT_HOLDFAST_STATE_PLACE_H

#include <stdbool.h>

#include "keystore/base/err.h"

#define STATE_FILE_NAME "state.json"

/* /var/lib/holdfast for root, else $XDG_STATE_HOME/holdfast or
 * ~/.local/state/holdfast.  The caller frees *RET with free(). */
ERR_MUST_USE enum ks_err state_place_default(char **ret,
                                             struct err_cause *cause);

/* Open the directory PATH; with CREATE what is missing of it is made, the last
 * with mode 0700.  Root and the caller alone may own the directory, every
 * directory and symbolic link on the way to it, and what lies in it under a
 * name of ours, and alone may write there; a sticky directory on the way may be
 * written to by others.  KS_ERR_STATE_EXPOSED: that is not so, and nothing was
 * made (the cause has the command that mends a mode); KS_ERR_NOT_REGISTERED: it
 * is missing, without CREATE; KS_ERR_PERMISSION, KS_ERR_STATE_WRITE. */
ERR_MUST_USE enum ks_err state_place_open(const char *path, bool create,
                                          int *ret, struct err_cause *cause);

#endif
