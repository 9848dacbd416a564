/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration of p11-kit's for one test, in a directory of its own:
 * "system.conf", "user.conf", and in "lib" the files "liba.so" and "b.so.1",
 * which are no modules, for nothing is loaded; "system", "package" and "user"
 * are empty.
 */
#ifndef TESTS_CONFIG_CASE_H
#define TESTS_CONFIG_CASE_H

#include "hsm/pkcs11/config.h"

extern struct pkcs11_config_places config_case_places;

/* What was read last. */
extern struct pkcs11_config config_case;

/* For cmocka_unit_test_setup_teardown(). */
int config_case_start(void **state);
int config_case_stop(void **state);

/* NAME in the test's directory; the next but one takes its place. */
const char *config_case_inside(const char *name);

/* Have TEXT, or LENGTH bytes, in the file NAME, which others may read. */
void config_case_put(const char *name, const char *text);
void config_case_put_bytes(const char *name, const char *text, size_t length);

/* Read it all; the second expects one module and returns it, the third expects
 * it to be this LIBRARY of the test's directory. */
void config_case_read(void);
const struct pkcs11_config_module *config_case_only(void);
void config_case_expect_path(const char *library);

#endif
