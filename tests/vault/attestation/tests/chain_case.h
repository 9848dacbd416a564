/* SPDX-License-Identifier: Apache-2.0 */
/* Makers of TPMs and an EK, for tests of who vouches for it: each has a
 * directory with roots/ for the vault's. */
#ifndef VAULT_ATTESTATION_TESTS_CHAIN_CASE_H
#define VAULT_ATTESTATION_TESTS_CHAIN_CASE_H

#include <stdbool.h>

#include <jansson.h>

#include "tests/vault/attestation/tests/authority.h"
#include "tests/vault/attestation/tests/mint.h"
#include "tests/vault/attestation/verifier.h"

#define CHAIN_NOW 1800000000 /* 2027 */

extern struct chain_case {
    EVP_PKEY *ek;
    EVP_PKEY *other_ek;
    EVP_PKEY *ak;
    struct authority root;
    struct authority middle;   /* of the root */
    struct authority stranger; /* self-signed, and nobody's */
    struct authority twin;     /* the same, with the root's name */
} chain_case;

/* For cmocka: of the group, and around each test. */
int chain_set_up(void **state);
int chain_tear_down(void **state);
int chain_make_roots(void **state);

/* An authority in date, RSA and SHA-256. */
struct authority_of chain_maker(const char *name,
                                const struct authority *issuer);

/* The EK's certificate, and offers without one, with one, and with one of the
 * chain or NULL; then one more of the chain. */
struct mint chain_issued_by(const struct authority *authority,
                            const char *name);
json_t *chain_plain_offer(void);
json_t *chain_offer(const struct mint *as, const struct authority *sent);
void chain_add(json_t *offer, const struct authority *authority);

/* The roots of the test's directory, now. */
struct attestation_trust chain_trust(void);
void chain_install(const struct authority *authority, const char *name);

/* The offer's judgement; false where RET_FAULT says why there is none. */
bool chain_judge(const json_t *json, const struct attestation_trust *by,
                 struct attestation_judgement *ret,
                 struct attestation_fault *ret_fault);
/* Both take OFFER over. */
void chain_expect(json_t *offer, const struct attestation_trust *by,
                  enum attestation_trusted trusted, const char *chain);
void chain_refuse(json_t *offer, const struct attestation_trust *by,
                  const char *says);

#define CHAIN_TEST(name)                                                       \
    cmocka_unit_test_setup_teardown(name, chain_make_roots,                    \
                                    own_directory_remove)

#endif
