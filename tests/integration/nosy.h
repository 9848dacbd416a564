/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile PKCS#11 module would like to know of its process. */
#ifndef TESTS_INTEGRATION_NOSY_H
#define TESTS_INTEGRATION_NOSY_H

#include <stdio.h>

/* Write a line "PROCESS ATTEMPT ERRNO" to FILE for each attempt; 0 where it
 * succeeded. */
void nosy(FILE *file);

#endif
