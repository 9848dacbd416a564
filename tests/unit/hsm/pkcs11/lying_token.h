/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fresh SoftHSM token behind the module that lies, for one test: what the
 * PKCS#11 back end makes of tokens that do not do what they say.
 */
#ifndef TESTS_LYING_TOKEN_H
#define TESTS_LYING_TOKEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keystore/store/backend.h"
#include "tests/support/samples.h"
#include "tests/altered/lying_module.h"

/* The lies of this test's module: none, until the test tells some. */
extern struct lies *lying_token_lies;

/* The store, in tests that have it open. */
extern struct keystore *lying_token_store;

/* Make the token, and remove it; the second pair opens the store, too.  For
 * cmocka_unit_test_setup_teardown(). */
int lying_token_make(void **state);
int lying_token_remove(void **state);
int lying_token_make_open(void **state);
int lying_token_close_remove(void **state);

/* How to open it: with the right PIN and with consent. */
struct keystore_config lying_token_config(void);
enum ks_err lying_token_open(const struct keystore_config *config,
                             struct keystore **ret, struct err_cause *cause);

/* Where the module that lies lies. */
const char *lying_token_module(void);

/* The error by its name, and a cause that says SAYS. */
void lying_token_assert(enum ks_err wanted, const char *says, enum ks_err got,
                        const struct err_cause *cause, const char *file,
                        int line);
#define assert_err(wanted, says, call)                                         \
    do {                                                                       \
        struct err_cause cause = {.text = ""};                                 \
        lying_token_assert(wanted, says, (call), &cause, __FILE__, __LINE__);  \
    } while (0)

/* Import a sample under ID, with the module's lies as they are. */
enum ks_err lying_token_import(enum sample_name name, const uint8_t *id,
                               struct keystore_key **ret,
                               struct err_cause *cause);

/* Have KEY sign, and OpenSSL verify it with its public half. */
void lying_token_assert_signs(struct keystore_key *key);

/* Run the tests with the samples that they need. Returns main's. */
#define lying_token_run(tests)                                                 \
    _cmocka_run_group_tests(#tests, tests, sizeof(tests) / sizeof(tests)[0],   \
                            lying_token_begin, lying_token_end)
int lying_token_begin(void **state);
int lying_token_end(void **state);

#endif
