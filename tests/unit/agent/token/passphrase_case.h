/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holdfast-token finds open when it reads or makes a passphrase: the file
 * or terminal that it comes from, CHANNEL_FD_INPUT, and a memfd that it goes
 * into, CHANNEL_FD_PIN.
 */
#ifndef TESTS_UNIT_AGENT_TOKEN_PASSPHRASE_CASE_H
#define TESTS_UNIT_AGENT_TOKEN_PASSPHRASE_CASE_H

#include <stdbool.h>

#include "agent/token/token.h"

#define SIXTEEN "sixteen letters!"
#define FIFTEEN "fifteen letters"

/* What the last call left. */
extern struct err_cause passphrase_case_cause;

/* For cmocka_unit_test_setup_teardown(): a new memfd, and no input. */
int passphrase_case_start(void **state);
int passphrase_case_stop(void **state);

/* What the memfd holds: TEXT, sealed, or nothing. */
void passphrase_case_expect_kept(const char *text);

/* Have CONTENT, and its end, to be read. */
void passphrase_case_give(const char *content);

/* The same, and have a passphrase read. */
enum ks_err passphrase_case_read(const char *content, bool new);

/* TESTS, an array of CMUnitTest, once there is memory for secrets. */
#define passphrase_case_run(tests)                                             \
    (secret_init(64 * 1024, &passphrase_case_cause) == KS_OK                   \
         ? cmocka_run_group_tests(tests, NULL, NULL)                           \
         : 1)

#endif
