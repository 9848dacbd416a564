/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for secrets: locked, kept out of core files, of a capacity that is
 * chosen once and never grows, wiped when it is freed.
 */
#ifndef KEYSTORE_BASE_SECRET_H
#define KEYSTORE_BASE_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "keystore/base/err.h"

struct secret;

/* Set up this process for secrets: an arena of ARENA bytes (a power of two) is
 * locked.  Memory that cannot be locked is KS_ERR_MEMORY_LOCK, no fallback.
 * Copies outside the arena, which libraries make, are wiped when they are freed
 * in a program that keystore/base/wiping_heap.c is part of. */
ERR_MUST_USE enum ks_err secret_init(size_t arena, struct err_cause *cause);

/* Overwrite what calls that have returned left behind on the stack: libcrypto's
 * arithmetic works there, too, and leaves pieces of its numbers.  After work
 * with a secret, from the function that began it. */
void secret_wipe_stack(void);

/* A secret of CAPACITY bytes, empty.  The caller frees it. */
ERR_MUST_USE enum ks_err secret_new(size_t capacity, struct secret **ret);

/* Wipe, free and set *SECRET to NULL.  NULL is fine. */
void secret_free(struct secret **secret);

const uint8_t *secret_bytes(const struct secret *secret);
size_t secret_length(const struct secret *secret);
size_t secret_capacity(const struct secret *secret);

/* The whole capacity, to be written in place; then say how much is used
 * (at most the capacity). */
uint8_t *secret_space(struct secret *secret);
void secret_set_length(struct secret *secret, size_t length);

/* Read FD from where it stands to its end into a new secret of CAPACITY bytes.
 * KS_ERR_FILE_READ with its errno: EFBIG where there is more than that. */
ERR_MUST_USE enum ks_err secret_read(int fd, size_t capacity,
                                     struct secret **ret,
                                     struct err_cause *cause);

/* Write the secret into MEMFD, an empty memfd_create(2) file with sealing
 * allowed, and seal it against every change. */
ERR_MUST_USE enum ks_err secret_seal(const struct secret *secret, int memfd,
                                     struct err_cause *cause);

/* Read all of a memfd from its start; one that is not sealed against every
 * change is KS_ERR_INTERNAL. */
ERR_MUST_USE enum ks_err secret_read_sealed(int memfd, size_t capacity,
                                            struct secret **ret,
                                            struct err_cause *cause);

#endif
