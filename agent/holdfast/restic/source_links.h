/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Symbolic links whose target is no UTF-8.  restic before 0.16 keeps them with
 * another target, and says nothing.
 */
#ifndef AGENT_HOLDFAST_RESTIC_SOURCE_LINKS_H
#define AGENT_HOLDFAST_RESTIC_SOURCE_LINKS_H

#include <stddef.h>

#include "agent/holdfast/options.h"

#define SOURCE_LINKS_PATH 512

/* How many are at and below COUNT PATHS, and in FIRST the path of one, cut
 * where it is too long.  Directories are listed and links read, nothing else.
 * What EXCLUDES leaves out by a name, or by a whole path, is not entered; what
 * they mean beyond that restic alone knows, and a link may be counted that it
 * leaves out. */
size_t source_links_count(const char *const *paths, size_t count,
                          const struct options_list *excludes,
                          char first[static SOURCE_LINKS_PATH]);

#endif
