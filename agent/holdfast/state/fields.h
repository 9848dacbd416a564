/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of the state: the phase of the registration, texts and numbers,
 * each by its name.
 */
#ifndef AGENT_HOLDFAST_STATE_FIELDS_H
#define AGENT_HOLDFAST_STATE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keystore/store/kind.h"

/* Where a registration is.  Nothing destructive happens before WIPE_PENDING,
 * and what a phase promises is durable before it is entered.  Before REGISTERED
 * a run that takes it up goes through the phases again: what has happened is in
 * facts of its own, which are never taken back (STATE_MACHINE_SPKI,
 * STATE_ASKED_WITH). */
enum state_phase {
    STATE_NONE = 0,
    STATE_IMPORTING,    /* the ids are chosen; keys may be on the token */
    STATE_IMPORTED,     /* the credential key is proved in a fresh process */
    STATE_REGISTERING,  /* the machine key exists; the vault is being asked */
    STATE_REGISTERED,   /* the machine certificate is here */
    STATE_WIPE_PENDING, /* the machine certificate works; the file may go */
    STATE_DONE,
    STATE__MAX
};

/* X(name, JSON key) */
#define STATE_TEXTS(X)                                                         \
    X(TOKEN_URI, "token_uri")                                                  \
    X(TOKEN_SCHEME, "token_scheme")                                            \
    X(TOKEN_LABEL, "token_label")                                              \
    X(TOKEN_MAKER, "token_maker")                                              \
    X(TOKEN_MODEL, "token_model")                                              \
    X(TOKEN_SERIAL, "token_serial")                                            \
    X(TOKEN_MODULE, "token_module")                                            \
    X(TOKEN_MODULE_ASKED, "token_module_asked")                                \
    X(TOKEN_UPDATE, "token_update")                                            \
    X(TOKEN_ROOT, "token_root_key")                                            \
    X(PIN_SOURCE, "pin_source")                                                \
    X(FILE_PATH, "file_path")                                                  \
    X(FILE_SHA256, "file_sha256")                                              \
    X(FILE_MARK, "file_mark_sha256")                                           \
    X(CREDENTIAL_ID, "credential_key_id")                                      \
    X(CREDENTIAL_CERTIFICATE, "credential_certificate")                        \
    X(CREDENTIAL_SHA256, "credential_certificate_sha256")                      \
    X(VAULT, "vault")                                                          \
    X(VAULT_NAME, "vault_name")                                                \
    X(VAULT_SUBSCRIPTION, "vault_subscription")                                \
    X(VAULT_GROUP, "vault_resource_group")                                     \
    X(VAULT_LOCATION, "vault_location")                                        \
    X(AUTHORITY, "authority")                                                  \
    X(TENANT, "tenant")                                                        \
    X(TOKEN_ENDPOINT, "token_endpoint")                                        \
    X(CLIENT_ID, "client_id")                                                  \
    X(AUDIENCE, "audience")                                                    \
    X(ENDPOINT, "endpoint")                                                    \
    X(CA_FILE, "ca_file")                                                      \
    X(CRL_FILE, "crl_file")                                                    \
    X(PROXY, "proxy")                                                          \
    X(PROXY_EXCEPT, "proxy_except")                                            \
    X(MACHINE_ID, "machine_key_id")                                            \
    X(MACHINE_SPKI, "machine_public_key")                                      \
    X(ASKED_WITH, "asked_with")                                                \
    X(MACHINE, "machine")                                                      \
    X(MACHINE_NAME, "machine_name")                                            \
    X(MACHINE_CERTIFICATE, "machine_certificate")                              \
    X(ATTEST_MODE, "attest_mode")                                              \
    X(ATTEST_PCRS, "attest_pcrs")                                              \
    X(ORIGIN, "machine_key_origin")                                            \
    X(PROOF, "machine_key_proof")                                              \
    X(EK_SHA256, "tpm_ek_sha256")                                              \
    X(TPM_FIRMWARE, "tpm_firmware")                                            \
    X(WIPE_OUTCOME, "wipe_outcome")                                            \
    X(WIPE_DETAIL, "wipe_detail")                                              \
    X(RECEIPT, "receipt")

#define STATE_NUMBERS(X)                                                       \
    X(TOKEN_EMULATED, "token_emulated")                                        \
    X(TOKEN_HARDWARE, "token_hardware")                                        \
    X(TOKEN_PIN, "token_pin")                                                  \
    X(TOKEN_SRK_UNVERIFIED, "token_srk_unverified")                            \
    X(FILE_DEVICE, "file_device")                                              \
    X(FILE_INODE, "file_inode")                                                \
    X(FILE_SIZE, "file_size")                                                  \
    X(CREDENTIAL_KEY, "credential_key")                                        \
    X(IMPORT, "credential_import")                                             \
    X(REPOSITORY, "repository")                                                \
    X(REGISTERED_AT, "registered_at")                                          \
    X(LEFT, "left")                                                            \
    X(WIPED_AT, "wiped_at")

/* STATE_TOKEN_MODULE: the real path of the file that was loaded last.
 * STATE_TOKEN_MODULE_ASKED: the path by which it was asked for, in the URI or
 * in p11-kit's configuration, with its links; "" in a state of before.
 * STATE_TOKEN_HARDWARE: 1 where it said so of itself, when it was registered.
 * STATE_TOKEN_UPDATE: what has changed of these, to be told to a person.
 * STATE_TOKEN_ROOT: the parent of a TPM's key files.
 * STATE_PIN_SOURCE: where later commands find the PIN, "" to be asked.
 * STATE_FILE_*, STATE_WIPE_*: of the file that was given last (given.h).
 * STATE_FILE_MARK: the SHA-256 of what a wipe begins with in its place.
 * STATE_MACHINE_SPKI: there where the vault may know the machine's key.
 * STATE_ASKED_WITH: the SHA-256 of each credential's certificate by which it
 * may have enrolled that key, in hexadecimal, spaces between them; none for a
 * key that replaces a lost one.
 * STATE_ATTEST_MODE, _PCRS: as --attest and --attest-pcrs take them, "" for
 * the default.  STATE_ORIGIN, _PROOF: the vault's words on the machine's key
 * (docs/attestation.md), "" where it was given no evidence: the key is born in
 * the token, or in an emulation, and that is claimed.  STATE_EK_SHA256: of the
 * SubjectPublicKeyInfo of the EK that was offered, in hexadecimal;
 * STATE_TPM_FIRMWARE: its TPM's then; both "" where nothing was offered.
 * STATE_CREDENTIAL_KEY: where the imported key is.  STATE_IMPORT: how it came
 * in, an enum keystore_way.  STATE_REPOSITORY: 1 where the vault has a
 * repository of this machine's, which its passphrase opened.  STATE_LEFT: 1
 * where the vault knows that the machine leaves, and keys may be on the token
 * yet. */
enum state_key {
    STATE_KEY_GONE = 0,
    STATE_KEY_ON_TOKEN, /* and to be removed */
    STATE_KEY_KEPT,     /* left there as the operator wished */
};

enum state_text {
#define X(name, key) STATE_##name,
    STATE_TEXTS(X)
#undef X
        STATE_TEXT__MAX
};

enum state_number {
#define X(name, key) STATE_##name,
    STATE_NUMBERS(X)
#undef X
        STATE_NUMBER__MAX
};

struct state; /* open and locked, see state.h */

enum state_phase state_phase(const struct state *state);
const char *state_phase_name(enum state_phase phase);

/* "" or 0 where nothing is recorded. */
const char *state_text(const struct state *state, enum state_text which);
uint64_t state_number(const struct state *state, enum state_number which);

/* The recorded token's kind; none before there is one. */
const struct keystore_kind *state_kind(const struct state *state);

/* Recorded in memory until state_save().  Failing memory shows there. */
void state_set_text(struct state *state, enum state_text which,
                    const char *text);
void state_set_number(struct state *state, enum state_number which,
                      uint64_t number);

/* Bytes as lower-case hex digits; false where not exactly LENGTH are there. */
void state_set_bytes(struct state *state, enum state_text which,
                     const uint8_t *bytes, size_t length);
bool state_bytes(const struct state *state, enum state_text which,
                 uint8_t *bytes, size_t length);

/* For those of the longest, which have 64. */
#define STATE_HEX_MAX (2 * 64 + 1)

#endif
