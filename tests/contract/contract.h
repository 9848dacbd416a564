/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of keystore/store/keystore.h as tests: the same cases for every
 * back end, which is one row here.
 */
#ifndef TESTS_CONTRACT_CONTRACT_H
#define TESTS_CONTRACT_CONTRACT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keystore/store/backend.h"
#include "tests/support/samples.h"
#include "tests/support/store_fixture.h"

struct contract_row {
    const char *kind;   /* of store, as the fixture calls it */
    const char *scheme; /* of its URI */
    const struct keystore_ops *ops;
    bool emulated;  /* the store that the fixture makes */
    bool named;     /* its URIs name stores that others may be called, too */
    bool protects;  /* keys cannot leave, cannot be read, can only sign */
    bool says_born; /* of keys that were; NSS's database has no CKA_LOCAL */
    enum sample_name largest_rsa; /* that it takes; larger ones it refuses */
    const char *module;           /* PKCS#11 only, as is the token's label */
    const char *label;
    int (*proof)(void); /* what others than Holdfast say of its keys */
    int (*part)(const char *name); /* of what runs by itself, or NULL */
};

/* The run: set once, or by the setup of each test. */
struct contract {
    const struct contract_row *row;
    struct store_fixture *fixture;
    struct secret *pin;
    struct keystore *store; /* open, in tests that want it so */
    const char *program;    /* this test program */
};
extern struct contract contract;

/* Open the fixture's store with CONFIG, or as it should be opened. */
struct keystore_config contract_config(void);
enum ks_err contract_try(const struct keystore_config *config,
                         struct keystore **ret, struct err_cause *cause);
/* The same; says why where it fails. */
enum ks_err contract_open(const struct keystore_config *config,
                          struct keystore **ret);

/* Fixtures of a group, and of a test that wants the store open. */
int contract_make_store(void **state);
int contract_remove_store(void **state);
int contract_open_store(void **state);
int contract_close_store(void **state);

/* Close the store and open it again. */
void contract_reopen(void);

/* assert_ks_ok(call) and assert_ks_err(error, call): the error by its name. */
void contract_assert(enum ks_err wanted, enum ks_err got, const char *text,
                     const char *file, int line);
#define assert_ks_err(wanted, call)                                            \
    contract_assert(wanted, (call), #call, __FILE__, __LINE__)
#define assert_ks_ok(call) assert_ks_err(KS_OK, call)

/* A random id. */
void contract_id(uint8_t ret[static KEYSTORE_ID_LENGTH]);

/* Import a sample under ID. */
struct keystore_key *contract_import(enum sample_name name, const uint8_t *id);

/* Is a key of this size beyond the store? */
bool contract_is_too_large(enum sample_name name);

/* Sign with every scheme that fits, and be refused every other. */
void contract_assert_signs(struct keystore_key *key, EVP_PKEY *public);

/* Groups; each returns how many of its tests failed. */
int contract_opening(void);
int contract_refusals(void);
int contract_keys(void);
int contract_several(void);
int contract_evidence(void);
int contract_soft_proof(void);
int contract_pkcs11_proof(void);
int contract_pkcs11_foreign(void);
int contract_tpm2_proof(void);
int contract_tpm2_foreign(void);
int contract_tpm2_bus(void);
int contract_tpm2_killed(void);
int contract_tpm2_cut(void);
int contract_tpm2_failed(void);
int contract_tpm2_part(const char *name);
int contract_tpm2_srk(void);
int contract_tpm2_root(void);
int contract_tpm2_other(void);
int contract_tpm2_reconnect(void);
int contract_tpm2_refusals(void);
int contract_tpm2_pin(void);
int contract_tpm2_handle(void);
int contract_tpm2_evidence(void);
int contract_tpm2_endorsement(void);
int contract_tpm2_endorsements(void);
int contract_tpm2_challenge(void);
int contract_nss_proof(void);

/* In a fresh process: find the key under ID, by itself and with PUBLIC, and
 * have it sign; or find that it is gone. */
void contract_assert_fresh_signs(const uint8_t *id, EVP_PKEY *public);
void contract_assert_fresh_missing(const uint8_t *id);

/* Have a fresh process remove the key under ID. */
void contract_assert_fresh_removes(const uint8_t *id);

/* Have a fresh process generate a key (P-256) under ID. */
void contract_assert_fresh_generates(const uint8_t *id);

/* That process: argv after the scheme. Returns its exit status. */
int contract_fresh_main(int argc, char **argv);

#endif
