/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Someone with a credentials file who goes through the steps of
 * docs/protocol.md.  Each step comes in two forms: right in every point, and
 * in parts that a test changes before it sends them.
 */
#ifndef TESTS_VAULT_RULES_CUSTOMER_H
#define TESTS_VAULT_RULES_CUSTOMER_H

#include "tests/vault/rules/connection.h"
#include "tests/vault/rules/credential.h"
#include "tests/vault/rules/service.h"

struct customer {
    struct vault vault;
    struct credential *credential;
    struct connection *line; /* under the credential */
    const char *token;       /* of the last M2 that was granted */
    const char *nonce;       /* of the last M3 */
    EVP_PKEY *machine_key;   /* P-256, from the start */
    X509 *machine;           /* of the last M4 */
    const char *name;        /* told at M3 */
};

/* Downloads a file for MACHINES ("one" or "several") with a P-256 key; the
 * second form chooses the key. */
struct customer *customer_new(struct vault vault, const char *machines);
struct customer *customer_new_with(struct vault vault, const char *machines,
                                   const char *key);

/* The same with a file that is there already. */
struct customer *customer_with_file(struct vault vault, const char *path);

/* A customer of a vault of its own, whose file is for several machines, with an
 * access token. */
struct customer *customer_with_token(void);

/* Another holder of the same file: its own connection and machine key. */
struct customer *customer_copy(const struct customer *customer);

/* The steps, right in every point.  What they bring is kept in the customer;
 * customer_token_again() names the machine key in the assertion. */
const struct reply *customer_token(struct customer *customer);
const struct reply *customer_token_again(struct customer *customer);
const struct reply *customer_nonce(struct customer *customer);
const struct reply *customer_enrol(struct customer *customer);

/* Up to the token, up to the nonce, up to the machine's certificate; nothing
 * of it may be refused. */
void customer_reach_token(struct customer *customer);
void customer_reach_nonce(struct customer *customer);
void customer_register(struct customer *customer);

/* A connection under the machine's certificate, and M5 on it. */
struct connection *customer_machine_line(const struct customer *customer);
const struct reply *customer_self(struct connection *line,
                                  const struct customer *customer);
const struct reply *customer_leave(struct connection *line,
                                   const struct customer *customer);

/* M2 in parts. */
const char *customer_token_endpoint(const struct credential *credential);
json_t *customer_form(const struct credential *credential,
                      const char *assertion);
const char *customer_encode_form(json_t *form);
struct request customer_token_request(const struct credential *credential,
                                      json_t *form);
const struct reply *customer_assert(struct customer *customer,
                                    const char *assertion);

/* M3 and M4 in parts: the request, whose first header is the authorization;
 * M4's second is the proof. */
struct request customer_nonce_request(const struct customer *customer);
struct request customer_enrol_request(const struct customer *customer,
                                      const char *proof);
const char *customer_proof(const struct customer *customer);
struct request customer_self_request(const struct customer *customer,
                                     const char *method);

/* The CA certificates that `cacerts` delivers. */
const struct reply *customer_cacerts(const struct customer *customer);

#endif
