/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking a credential file in: opened safely, read by holdfast-credential, its
 * key left in a sealed memfd that this process hands on and never reads.
 */
#ifndef AGENT_HOLDFAST_SESSION_INTAKE_H
#define AGENT_HOLDFAST_SESSION_INTAKE_H

#include "keystore/credential/credential.h"
#include "keystore/file/credfile.h"

struct intake {
    struct credfile *file; /* NULL where it came from standard input */
    struct credfile_identity identity;
    struct credential *credential;
    int material; /* memfd with the private key, or -1 */
};

#define INTAKE_EMPTY ((struct intake){.material = -1})

/* Read PATH ("-": standard input).  With WANT_KEY the key is kept for an
 * import.  The caller ends it with intake_close(). */
ERR_MUST_USE enum ks_err intake_read(const char *path, bool want_key,
                                     struct intake *ret,
                                     struct err_cause *cause);

/* SHA-256 of a file's content, and of its first WIPE_MARK_LENGTH bytes
 * (keystore/file/wipe.h) or as many as there are. */
struct intake_digests {
    uint8_t whole[32];
    uint8_t mark[32];
};

/* The SHA-256 of FILE as it is now. */
ERR_MUST_USE enum ks_err intake_digest(const struct credfile *file,
                                       struct intake_digests *ret,
                                       struct err_cause *cause);

void intake_close(struct intake *intake);

#endif
