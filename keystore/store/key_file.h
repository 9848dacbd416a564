/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that a store keeps of its keys: small, written whole or not at all,
 * reached only through the open directory they lie in.
 */
#ifndef KEYSTORE_STORE_KEY_FILE_H
#define KEYSTORE_STORE_KEY_FILE_H

#include "keystore/base/secret.h"

/* Is DIRECTORY one that only its owner, who is the caller, can get at?
 * KS_ERR_TOKEN_WEAK if not. */
ERR_MUST_USE enum ks_err key_file_check_directory(int directory,
                                                  struct err_cause *cause);

/* Read all of NAME, at most CAPACITY bytes; the caller frees *RET.
 * KS_ERR_KEY_MISSING: no such file; KS_ERR_TOKEN_WEAK: not the caller's own
 * plain file, or others have rights to it; KS_ERR_TOKEN_FAILED: more bytes, or
 * they cannot be read. */
ERR_MUST_USE enum ks_err key_file_read(int directory, const char *name,
                                       size_t capacity, struct secret **ret,
                                       struct err_cause *cause);

/* Make NAME with CONTENT, durably and without replacing anything.
 * KS_ERR_KEY_OTHER: there is one; KS_ERR_TOKEN_FULL. */
ERR_MUST_USE enum ks_err key_file_write(int directory, const char *name,
                                        const struct secret *content,
                                        struct err_cause *cause);

/* Unlink NAME durably, and what an interrupted write of it left.
 * KS_ERR_KEY_MISSING: no such file. */
ERR_MUST_USE enum ks_err key_file_remove(int directory, const char *name,
                                         struct err_cause *cause);

/* Zeros over NAME's bytes where they lie, as far as its file system lets that
 * be said; it stays.  KS_ERR_KEY_MISSING: no such file. */
ERR_MUST_USE enum ks_err key_file_overwrite(int directory, const char *name,
                                            struct err_cause *cause);

#endif
