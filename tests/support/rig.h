/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rig for tests with real processes: a fresh directory with a vault service,
 * a SoftHSM token, a swtpm or a soft store, a state directory, and holdfast
 * itself.
 * Whatever goes wrong in the rig fails the test.
 */
#ifndef TESTS_SUPPORT_RIG_H
#define TESTS_SUPPORT_RIG_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "tests/support/fresh_directory.h"
#include "tests/support/rig_process.h"

#define RIG_PATH 192
#define RIG_PIN "493817"

enum rig_kind {
    RIG_SOFT,
    RIG_PKCS11, /* the only one with a PIN, and with keys on the token itself */
    RIG_TPM2
};

struct rig {
    enum rig_kind kind;
    char directory[FRESH_DIRECTORY];
    char vault[RIG_PATH]; /* directory of the vault service */
    char state[RIG_PATH];
    char pin_file[RIG_PATH];
    char passphrase[RIG_PATH]; /* file with it, or "" (rig_data.h) */
    char source[RIG_PATH];     /* what to back up, or "" */
    char ca_file[RIG_PATH];
    char host[64]; /* localhost:PORT */
    char token[RIG_PATH + 128];
    char bin[RIG_PATH];   /* where holdfast is */
    char maker[RIG_PATH]; /* of "endorsed": directory of the TPM's maker */
    struct swtpm *tpm; /* of RIG_TPM2 (tests/support/tpm2/swtpm.h), or NULL */
    struct tap *tap;   /* after rig_tap() (tests/support/tpm2/tap.h) */
};

/* Make a rig with a vault named "lab1"; KIND is "soft", "pkcs11", "tpm2", or
 * "endorsed": a TPM with EK certificates, whose maker's own are named in
 * tests/support/tpm2/swtpm_maker.h.  rig_stop() ends everything in it and
 * removes it. */
void rig_start(struct rig *rig, const char *kind);
void rig_stop(struct rig *rig);

/* Have a tap on the bus of the rig's TPM from now on: its token's URI names the
 * tap.  What passes is kept in "tap.capture" in the rig's directory. */
void rig_tap(struct rig *rig);

/* Download a credential file from the portal; MACHINES is "one" or "several".
 * The path goes into RET. */
void rig_download(struct rig *rig, const char *machines,
                  char ret[static RIG_PATH]);

/* The same for several machines, with a key of KIND ("p256", "rsa3072"). */
void rig_download_key(struct rig *rig, const char *kind,
                      char ret[static RIG_PATH]);

/* Run `vaultctl` with these words and expect success. */
void rig_vaultctl(struct rig *rig, struct rig_run *run, const char *first,
                  const char *second, const char *third);

/* Set the lever NAME of the vault ("clock", "keepalive") to VALUE: what it does
 * is said in tests/vault/service/lever.h. */
void rig_vaultlever(struct rig *rig, const char *name, const char *value);

/* Run holdfast; the words after COMMAND end with NULL.  Options that every such
 * call of the command needs in this rig are added. */
void rig_holdfast(struct rig *rig, struct rig_run *run, const char *command,
                  ...) __attribute__((sentinel));

/* `register FILE` as a test usually means it. */
void rig_register(struct rig *rig, struct rig_run *run, const char *file);

/* `register -` with FILE as standard input, and OPTION, which may be "". */
void rig_register_input(struct rig *rig, struct rig_run *run, const char *file,
                        const char *option);

/* Have PROGRAM do the work of HELPER from now on, of all others the real ones;
 * NULL: all are the real ones.  The second is for holdfast-net. */
void rig_use_helper(struct rig *rig, const char *helper, const char *program);
void rig_use_net(struct rig *rig, const char *program);

/* Have PROGRAM in holdfast's place, and of the helpers the real ones. */
void rig_use_holdfast(struct rig *rig, const char *program);

/* Have the token of a PKCS#11 rig behind this module, in which it is the same
 * token. */
void rig_use_module(struct rig *rig, const char *module);

/* The last run's output as JSON; the caller releases it. */
json_t *rig_json(const struct rig_run *run);

/* The vault's records and its access log, each an array of objects. */
json_t *rig_records(struct rig *rig);
json_t *rig_access_log(struct rig *rig);

/* Whether anything is at PATH. */
bool rig_exists(const char *path);

/* What pkcs11-tool says of the private keys on the rig's token. */
void rig_list_keys(struct rig *rig, struct rig_run *run);

/* How many private keys are on the PKCS#11 token or, of other kinds, key files
 * in the state. */
size_t rig_count_keys(struct rig *rig);

/* A file's whole content, with a NUL behind; the caller frees it. */
char *rig_read(const char *path, size_t *ret_length);

/* Have these bytes, and no others, in a file that nobody else may read. */
void rig_write(const char *path, const void *bytes, size_t length);

#endif
