/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The source of a backup, looked at before restic is: it passes over a path
 * that is not there and calls the backup done.
 */
#ifndef AGENT_HOLDFAST_RESTIC_SOURCE_H
#define AGENT_HOLDFAST_RESTIC_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/holdfast/options.h"

/* Are all COUNT PATHS there?  KS_ERR_SOURCE names the first that is not.  An
 * empty directory, as the place of a file system that is not mounted is, gets a
 * warning on standard error. */
ERR_MUST_USE enum ks_err source_check(const char *const *paths, size_t count,
                                      struct err_cause *cause);

/* Warn of the symbolic links that the installed restic would alter, if it is so
 * old (agent/holdfast/restic/source_links.h). */
void source_warn_links(const struct options *options);

#endif
