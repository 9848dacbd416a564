/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a test made and need not release itself: kept until kept_release(),
 * which runs after each test.  Nothing here outlives a test.
 */
#ifndef TESTS_VAULT_RULES_KEPT_H
#define TESTS_VAULT_RULES_KEPT_H

#include <stddef.h>

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

/* Each takes the thing over and returns it; none may be NULL. */
void *kept(void *thing, void (*release)(void *thing));
void *kept_memory(void *memory);
EVP_PKEY *kept_key(EVP_PKEY *key);
X509 *kept_certificate(X509 *certificate);
json_t *kept_json(json_t *json);

/* A zeroed block, and a string made like printf does. */
void *kept_new(size_t size);
char *kept_format(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* TEXT, which is taken apart, has one JSON object a line: all in an array. */
json_t *kept_lines(char *text);

void kept_release(void);

#endif
