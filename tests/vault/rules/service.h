/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault service under test, one for each test program: started in a fresh
 * directory with vaultctl, ended and removed whatever becomes of the program.
 */
#ifndef TESTS_VAULT_RULES_SERVICE_H
#define TESTS_VAULT_RULES_SERVICE_H

#include <stdbool.h>

#include <jansson.h>

struct vault {
    const char *name;
    const char *id; /* ResourceId, decimal */
};

/* Fixtures of the whole program, and what runs after each test. */
int service_start(void **state);
int service_stop(void **state);
int service_after_test(void **state);

const char *service_url(void);
const char *service_ca_file(void);
const char *service_directory(void);
const char *service_user(void);
const char *service_password(void);

/* End the service and start it again in the same place, if not at the same
 * port. */
void service_restart(void);

/* A vault that no other test has touched. */
struct vault service_fresh_vault(void);

/* A new credentials file of that vault, in a directory of its own; MACHINES is
 * "one" or "several", KEY as in `vaultctl download --key`.  Returns the path.
 */
const char *service_download(struct vault vault, const char *machines,
                             const char *key);

/* One for several machines whose certificate is good for DAYS, not for two. */
const char *service_download_days(struct vault vault, const char *days);

/* Move the vault's clock to OFFSET seconds from the real one, until the test
 * ends, and read it. */
void service_set_clock(long offset);
long service_now(void);

/* What the machines of a vault may back up together. */
void service_set_quota(struct vault vault, long bytes);

/* `vaultctl WORD DIR VAULT VALUE`; those that the owner has for the vault's
 * policy are in service_policy.c. */
void service_set(struct vault vault, const char *word, const char *value);
void service_set_policy(struct vault vault, const char *level);
void service_set_pcrs(struct vault vault, const char *list);
void service_trust(struct vault vault, const char *path);
void service_allow(struct vault vault, const char *ek);
void service_disallow(struct vault vault, const char *ek);

/* `vaultctl machines`: an array of objects. */
json_t *service_machines(struct vault vault);

/* The vault's one machine among them. */
const json_t *service_only_machine(struct vault vault);

/* The directory of this program, which goes with it; short enough for sockets
 * below it. */
const char *service_work(void);

void service_revoke_machine(const char *uuid);
void service_revoke_credential(const char *thumbprint_hex);

/* The vault's records and its access log: an array of objects. */
json_t *service_records(void);
json_t *service_access_log(void);

/* A file's content from its beginning, with a NUL behind it; the first is for a
 * file that is open. */
char *service_read_open(int fd, size_t *ret_length);
char *service_read_file(const char *path, size_t *ret_length);

#endif
