/* SPDX-License-Identifier: Apache-2.0 */
/* One input of a harness: libFuzzer's name and arguments. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns 0; ends the process where what it tries is wrong. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#endif
