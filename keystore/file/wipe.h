/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wipe: overwrite in place, flush, unlink, flush the directory, look.  It
 * is hygiene, not a guarantee, and says so: nothing here may claim "securely
 * erased".  Acts only on the file it was given, never on what has its name now.
 */
#ifndef KEYSTORE_FILE_WIPE_H
#define KEYSTORE_FILE_WIPE_H

#include <stdbool.h>
#include <stdint.h>

#include "keystore/file/credfile.h"
#include "keystore/file/medium.h"

struct wipe_report {
    struct medium medium;
    bool overwritten;  /* its bytes were overwritten in place and flushed */
    bool unlinked;     /* its name is gone */
    char remains[160]; /* sibling copies (name~, .name.swp, ...) left alone */
};

/* True where the report says that nothing of the file can remain here. */
bool wipe_is_clean(const struct wipe_report *report);

/* The mark that the overwriting begins with, durably, before it goes on: random
 * bytes of the caller, who has recorded their hash.  After a crash they say
 * that the file was being wiped, and no file of anybody else's can have
 * them. */
#define WIPE_MARK_LENGTH 32

/* Wipe FILE, beginning with MARK; NULL where it begins with one already, which
 * then stays.  If its name meanwhile belongs to another file, ours is
 * overwritten and the stranger is left alone (unlinked stays false).
 * KS_ERR_WIPE: something failed; the report says how far it came. */
ERR_MUST_USE enum ks_err wipe_file(struct credfile *file, const uint8_t *mark,
                                   struct wipe_report *ret,
                                   struct err_cause *cause);

#endif
