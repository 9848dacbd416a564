/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the proofs of the TPM back end share: for each test a TPM of its own, a
 * tap before it that stores are opened through, and tpm2-tools past the tap.
 */
#ifndef TESTS_CONTRACT_TPM2_CASE_H
#define TESTS_CONTRACT_TPM2_CASE_H

#include "tests/contract/contract.h"
#include "tests/support/tpm2/swtpm.h"
#include "tests/support/tpm2/tap.h"
#include "tests/support/tpm2/tpm2_tool.h"

/* TPM 2.0 Library, Part 2, 6.5.2 */
#define CC_EVICT_CONTROL 0x120
#define CC_CREATE_PRIMARY 0x131
#define CC_DUPLICATE 0x14b
#define CC_ACTIVATE_CREDENTIAL 0x147
#define CC_CREATE 0x153
#define CC_IMPORT 0x156
#define CC_LOAD 0x157
#define CC_SIGN 0x15d
#define CC_FLUSH_CONTEXT 0x165
#define CC_READ_PUBLIC 0x173
#define CC_GET_CAPABILITY 0x17a
#define CC_START_AUTH_SESSION 0x176
#define CC_GET_CAPABILITY 0x17a
#define CC_TEST_PARMS 0x18a

#define TPM2_CASE_PATH 256
#define TPM2_CASE_SRK "0x81000001"
#define TPM2_CASE_PASSWORD "owner-9753" /* of an owner who has one */

struct tpm2_case {
    struct tap *tap;
    struct rig_run run; /* of the last tool */
    char uri[TPM2_CASE_PATH];
};
extern struct tpm2_case tpm2_case;

int tpm2_case_start(void **state);
int tpm2_case_stop(void **state);

/* The tap of a test with a TPM of another making. */
int tpm2_case_tap(void);
#define TPM2_CASE(test)                                                        \
    cmocka_unit_test_setup_teardown(test, tpm2_case_start, tpm2_case_stop)

/* The TPM's own socket. */
const char *tpm2_case_swtpm(void);

/* NAME in the test's directory; ID.SUFFIX in the directory of keys. */
void tpm2_case_path(const char *name, char ret[static TPM2_CASE_PATH]);
void tpm2_case_key_path(const uint8_t *id, const char *suffix,
                        char ret[static TPM2_CASE_PATH]);
bool tpm2_case_has_file(const uint8_t *id, const char *suffix);

/* One of tpm2-tools on the TPM itself; it must succeed. */
#define tpm2_case_tool(...)                                                    \
    do {                                                                       \
        tpm2_tool(&tpm2_case.run, tpm2_case_swtpm(), __VA_ARGS__, NULL);       \
        rig_expect(&tpm2_case.run, 0, "");                                     \
    } while (0)

/* Open stores through the tap, as contract_config() and so on. */
struct keystore_config tpm2_case_config(void);
struct keystore_config tpm2_case_option(const char *option); /* until the next
                                                                call */
void tpm2_case_open(void);
void tpm2_case_open_handle(const char *handle);

/* Have a store made and closed, so that the TPM has its storage root key. */
void tpm2_case_provision(void);

/* Import or generate by the open store, and close it. */
void tpm2_case_import(enum sample_name name, const uint8_t *id);
EVP_PKEY *tpm2_case_generate(enum material_type type, const uint8_t *id);

/* Kinds of handles, by their first (Part 2, 7.2). */
#define LOADED_SESSIONS 0x02000000
#define SAVED_SESSIONS 0x03000000
#define TRANSIENT 0x80000000
#define PERSISTENT 0x81000000

/* The TPM's handles of a kind, as tpm2_direct_handles(); until the next call.
 */
const char *tpm2_case_handles(uint32_t kind);

/* Where Holdfast has loaded its key: the one object that is. */
#define TPM2_CASE_HANDLE sizeof "0x80000000"
void tpm2_case_get_loaded(char ret[static TPM2_CASE_HANDLE]);

/* All files of keys, and all handles. */
struct tpm2_case_state {
    char text[16384];
};
void tpm2_case_look(struct tpm2_case_state *ret);
void tpm2_case_assert_unchanged(const struct tpm2_case_state *before);

/* Opening must fail with WANTED, say SAYS, and change nothing. */
void tpm2_case_assert_refused(const struct keystore_config *config,
                              enum ks_err wanted, const char *says);

/* What a storage root key is. */
#define TPM2_CASE_STORAGE                                                      \
    "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|"   \
    "decrypt"

/* Make a key of the owner's and keep it where the storage root key belongs;
 * UNIQUE is a file for the template's field, or NULL. */
void tpm2_case_plant(const char *algorithm, const char *attributes,
                     const char *unique);

/* Somebody has locked the TPM by guessing at a key of his. */
void tpm2_case_lock(void);

/* `openssl -provider tpm2` reads the key file under ID, as PUBLIC's private
 * half, and signs with it (foreign.c). */
void tpm2_case_assert_openssl_signs(const uint8_t *id, EVP_PKEY *public);

/* Register with the TPM: a key under ID, and the serial as it is recorded. */
void tpm2_case_use(uint8_t *id, char serial[static KEYSTORE_SERIAL_SIZE]);

#endif
