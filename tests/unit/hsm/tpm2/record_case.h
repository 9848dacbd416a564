/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests of the files of a TPM's keys share: a directory, one id in it, and
 * no TPM.
 */
#ifndef TESTS_UNIT_RECORD_CASE_H
#define TESTS_UNIT_RECORD_CASE_H

#include <sys/types.h>

#include "hsm/tpm2/key.h"

#define RECORD_CASE_ID "abcd0000000000000000000000000000"
#define RECORD_CASE_FILE_MAX 4096
#define RECORD_CASE_HANDLE 0x81000100u

/* The place of the id, and what a key's functions ask of a store for it: the
 * directory, a root key's handle and, where a test sets it, a PIN. */
extern struct tpm2_place record_case_place;
extern struct tpm2_store record_case_store;

int record_case_start(void **state);
int record_case_stop(void **state);

/* After each test: no file is left. */
int record_case_clear(void **state);

/* Write, read (at most RECORD_CASE_FILE_MAX bytes), and look for the id's file
 * with SUFFIX. */
void record_case_write(const char *suffix, const void *bytes, size_t length,
                       mode_t mode);
size_t record_case_read(const char *suffix, uint8_t *ret);
bool record_case_has(const char *suffix);

/* Write a key down, as an import does: at HANDLE, or 0 for one in a file. */
void record_case_make(TPM2_HANDLE handle);

#endif
