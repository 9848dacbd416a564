/* SPDX-License-Identifier: Apache-2.0 */
/* Commands on what a vault asks of its machines.  All work whether or not the
 * service runs, and count from the next request on. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "tests/vault/ctl/vaultctl.h"
#include "tests/vault/service/evidence.h"
#include "tests/vault/service/fault.h"
#include "tests/vault/service/founding.h"
#include "tests/vault/service/machine.h"
#include "tests/vault/service/policy.h"
#include "tests/vault/service/store.h"
#include "tests/vault/service/vault.h"

#define FILE_NAME_MAX (POLICY_ROOTS_MAX + ENCODING_HASH_HEX + 8)

/* The service's database and the vault that the options name; NULL after a
 * fault. */
static struct store *
open_vault(const struct vaultctl_options *options, struct vault *ret)
{
    struct store *store = founding_open(options->directory);

    if (store != NULL && !vault_find_name(store, options->argument, ret)) {
        fault("no vault %.60s", options->argument);
        store_close(&store);
    }
    return store;
}

bool
vaultctl_policy(const struct vaultctl_options *options)
{
    enum policy_level level;
    struct vault vault;
    struct store *store;
    bool done;

    if (!policy_find_word(options->value, &level))
        return false;
    store = open_vault(options, &vault);
    done = store != NULL && policy_set_level(store, vault.id, level);
    store_close(&store);
    return done;
}

bool
vaultctl_pcrs(const struct vaultctl_options *options)
{
    bool none = strcmp(options->value, "none") == 0;
    struct vault vault;
    struct store *store = open_vault(options, &vault);
    bool done = store != NULL &&
                policy_set_pcrs(store, vault.id, none ? "" : options->value);

    store_close(&store);
    return done;
}

bool
vaultctl_allow(const struct vaultctl_options *options)
{
    struct vault vault;
    struct store *store = open_vault(options, &vault);
    bool done = store != NULL && policy_allow(store, vault.id, options->value);

    store_close(&store);
    return done;
}

bool
vaultctl_disallow(const struct vaultctl_options *options)
{
    struct vault vault;
    struct store *store = open_vault(options, &vault);
    bool done = store != NULL &&
                policy_disallow(store, vault.id, options->value);

    store_close(&store);
    return done;
}

/* --- roots --- */

/* DIRECTORY/SHA256.pem: the same root twice is one file, and no file is seen
 * half written. */
static bool
save_root(const char *directory, X509 *root)
{
    char path[FILE_NAME_MAX], made[FILE_NAME_MAX + 8];
    char hash[ENCODING_HASH_HEX];
    uint8_t digest[32];
    FILE *file = NULL;
    bool done;

    if (X509_digest(root, EVP_sha256(), digest, NULL) != 1)
        return fault_openssl("the certificate");
    encoding_hex(digest, sizeof digest, hash);
    (void)snprintf(path, sizeof path, "%s/%s.pem", directory, hash);
    (void)snprintf(made, sizeof made, "%s.new", path);
    file = fopen(made, "we");
    done = file != NULL && PEM_write_X509(file, root) == 1;
    if (file != NULL && fclose(file) != 0)
        done = false;
    if (done && rename(made, path) == 0)
        return true;
    fault("%s: %m", path);
    (void)unlink(made);
    return false;
}

static bool
make_directory(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST || fault("%s: %m", path);
}

/* The certificates of the PEM file at PATH, one or more of them and nothing
 * unreadable between. */
static STACK_OF(X509) * read_roots(const char *path)
{
    STACK_OF(X509) *roots = sk_X509_new_null();
    FILE *file = fopen(path, "re");
    X509 *root;
    bool whole;

    if (file == NULL) {
        fault("%s: %m", path);
        sk_X509_free(roots);
        return NULL;
    }
    while ((root = PEM_read_X509(file, NULL, NULL, NULL)) != NULL)
        if (sk_X509_push(roots, root) <= 0)
            X509_free(root);
    whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    (void)fclose(file);
    if (whole && sk_X509_num(roots) > 0)
        return roots;
    fault("%s: no certificates in PEM; a maker's file in DER is converted with "
          "'openssl x509 -inform der -in FILE -out FILE.pem'",
          path);
    sk_X509_pop_free(roots, X509_free);
    return NULL;
}

bool
vaultctl_trust(const struct vaultctl_options *options)
{
    STACK_OF(X509) *roots = read_roots(options->value);
    struct store *store = NULL;
    struct vault vault;
    struct place place;
    char directory[POLICY_ROOTS_MAX];
    bool done = false;

    if (roots != NULL)
        store = open_vault(options, &vault);
    if (store != NULL && place_init(&place, options->directory)) {
        policy_roots(&place, vault.id, directory);
        done = make_directory(place.path[PLACE_EK_ROOTS]) &&
               make_directory(directory);
        for (int i = 0; done && i < sk_X509_num(roots); i++)
            done = save_root(directory, sk_X509_value(roots, i));
    }
    sk_X509_pop_free(roots, X509_free);
    store_close(&store);
    return done;
}

/* --- listing --- */

static bool
print_line(json_t *line)
{
    bool done = line != NULL && json_dumpf(line, stdout, JSON_COMPACT) == 0 &&
                putchar('\n') != EOF && fflush(stdout) == 0;

    json_decref(line);
    return done;
}

static void
add_ek(void *context, const char *ek)
{
    (void)json_array_append_new(context, json_string(ek));
}

static void
add_root(void *context, const char *subject)
{
    (void)json_array_append_new(context, json_string(subject));
}

bool
vaultctl_attestation(const struct vaultctl_options *options)
{
    struct vault vault;
    struct place place;
    struct policy policy;
    struct store *store = open_vault(options, &vault);
    json_t *allowed = json_array();
    json_t *roots = json_array();
    bool done = store != NULL && place_init(&place, options->directory) &&
                policy_read(store, vault.id, &policy) &&
                policy_each_allowed(store, vault.id, add_ek, allowed) &&
                policy_each_root(&place, vault.id, add_root, roots) &&
                print_line(json_pack(
                    "{s:s, s:s, s:O, s:O}", "policy", policy_word(policy.level),
                    "pcrs", policy.pcrs, "roots", roots, "allowed", allowed));

    json_decref(roots);
    json_decref(allowed);
    store_close(&store);
    return done;
}

struct machine_lines {
    struct store *store;
    bool done;
};

static void
print_machine(void *context, const struct machine *machine)
{
    struct machine_lines *lines = context;
    struct assurance assurance;

    evidence_assurance(lines->store, machine, &assurance);
    if (!print_line(json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:b, s:s}",
                              "machine", machine->uuid, "name", machine->name,
                              "state", machine_state_word(machine->state),
                              "registered", (json_int_t)machine->registered,
                              "origin", assurance.origin, "proof",
                              assurance.proof, "emulated",
                              (int)assurance.emulated, "ek", assurance.ek)))
        lines->done = false;
}

bool
vaultctl_machines(const struct vaultctl_options *options)
{
    struct vault vault;
    struct store *store = open_vault(options, &vault);
    struct machine_lines lines = {.store = store, .done = true};
    bool done = store != NULL &&
                machine_each(store, vault.id, print_machine, &lines) &&
                lines.done;

    store_close(&store);
    return done;
}
