/* SPDX-License-Identifier: Apache-2.0 */
/* Stores for tests, made with the tools that their users have. */
#include "tests/support/store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/nss_token.h"
#include "tests/support/tpm2/swtpm.h"
#include "tests/support/tool.h"
#include "tests/support/fresh_directory.h"

#define PATH_SIZE 160
#define TOKEN_LABEL "holdfast contract"
#define USER_PIN "sesame-1357"
#define SO_PIN "officer-2468"

struct kind;

struct store_fixture {
    const struct kind *kind;
    char directory[FRESH_DIRECTORY];
    char uri[2 * PATH_SIZE];
    char missing_uri[2 * PATH_SIZE];
    int keys;            /* or -1 */
    struct swtpm *swtpm; /* or NULL */
};

struct kind {
    const char *name;
    const char *pin;
    int (*make)(struct store_fixture *fixture);
    int (*make_twin)(void); /* NULL: stores of this kind have no names */
};

static int
make_directory(char ret[static PATH_SIZE], const char *parent, const char *name)
{
    int length = snprintf(ret, PATH_SIZE, "%s/%s", parent, name);

    return length > 0 && length < PATH_SIZE ? mkdir(ret, S_IRWXU) : -1;
}

static int
make_soft(struct store_fixture *fixture)
{
    char keys[PATH_SIZE];

    if (make_directory(keys, fixture->directory, "keys") != 0)
        return -1;
    (void)snprintf(fixture->uri, sizeof fixture->uri, "soft:%s", keys);
    (void)snprintf(fixture->missing_uri, sizeof fixture->missing_uri,
                   "soft:%s/absent", fixture->directory);
    return 0;
}

static int
make_token(void)
{
    const char *argv[] = {
        "softhsm2-util", "--init-token", "--free", "--label", TOKEN_LABEL,
        "--so-pin",      SO_PIN,         "--pin",  USER_PIN,  NULL};

    return tool_run(argv);
}

static int
write_softhsm_conf(const char *path, const char *tokens)
{
    FILE *file = fopen(path, "we");
    int written;

    if (file == NULL)
        return -1;
    written = fprintf(file,
                      "directories.tokendir = %s\n"
                      "objectstore.backend = file\n"
                      "log.level = ERROR\n"
                      "slots.removable = false\n",
                      tokens);
    return fclose(file) == 0 && written > 0 ? 0 : -1;
}

static int
make_pkcs11(struct store_fixture *fixture)
{
    char tokens[PATH_SIZE];
    char conf[PATH_SIZE + sizeof "/softhsm2.conf"];

    (void)snprintf(conf, sizeof conf, "%s/softhsm2.conf", fixture->directory);
    if (make_directory(tokens, fixture->directory, "tokens") != 0 ||
        write_softhsm_conf(conf, tokens) != 0 ||
        setenv("SOFTHSM2_CONF", conf, 1) != 0 || make_token() != 0)
        return -1;
    (void)snprintf(fixture->uri, sizeof fixture->uri,
                   "pkcs11:token=holdfast%%20contract?module-path=%s",
                   SOFTHSM_MODULE);
    (void)snprintf(fixture->missing_uri, sizeof fixture->missing_uri,
                   "pkcs11:token=absent?module-path=%s", SOFTHSM_MODULE);
    return 0;
}

/* On a TPM that is made already. */
static int
use_tpm2(struct store_fixture *fixture)
{
    char keys[PATH_SIZE];

    if (make_directory(keys, fixture->directory, "keys") != 0)
        return -1;
    fixture->keys = open(keys, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fixture->keys < 0 || fixture->swtpm == NULL)
        return -1;
    (void)snprintf(fixture->uri, sizeof fixture->uri, "tpm2:swtpm=%s",
                   swtpm_socket(fixture->swtpm));
    (void)snprintf(fixture->missing_uri, sizeof fixture->missing_uri,
                   "tpm2:swtpm=%s/absent", fixture->directory);
    return 0;
}

static int
make_tpm2(struct store_fixture *fixture)
{
    fixture->swtpm = swtpm_new(fixture->directory);
    return use_tpm2(fixture);
}

static int
make_endorsed(struct store_fixture *fixture)
{
    char maker[PATH_SIZE];

    (void)snprintf(maker, sizeof maker, "%s/" STORE_FIXTURE_MAKER,
                   fixture->directory);
    fixture->swtpm = swtpm_new_endorsed(fixture->directory, maker);
    return use_tpm2(fixture);
}

static int
make_nss(struct store_fixture *fixture)
{
    (void)snprintf(fixture->uri, sizeof fixture->uri,
                   "pkcs11:manufacturer=Mozilla%%20Foundation;"
                   "token=NSS%%20FIPS%%20140-2%%20Certificate%%20DB"
                   "?module-path=%s",
                   NSS_MODULE);
    (void)snprintf(fixture->missing_uri, sizeof fixture->missing_uri,
                   "pkcs11:token=absent?module-path=%s", NSS_MODULE);
    return nss_token_make(fixture->directory);
}

static const struct kind kinds[] = {
    {"soft", NULL, make_soft, NULL},
    {"pkcs11", USER_PIN, make_pkcs11, make_token},
    {"tpm2", NULL, make_tpm2, NULL},
    {"endorsed", NULL, make_endorsed, NULL},
    {"nss", NSS_TOKEN_PIN, make_nss, NULL},
};

static const struct kind *
find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

struct store_fixture *
store_fixture_new(const char *kind)
{
    struct store_fixture *fixture = calloc(1, sizeof *fixture);

    if (fixture == NULL)
        return NULL;
    fixture->keys = -1;
    fixture->kind = find_kind(kind);
    if (fixture->kind == NULL ||
        !fresh_directory("holdfast", fixture->directory) ||
        fixture->kind->make(fixture) != 0) {
        (void)fprintf(stderr, "no store for %s: %s\n", kind, strerror(errno));
        store_fixture_free(&fixture);
    }
    return fixture;
}

static int
remove_entry(const char *path, const struct stat *status, int type,
             struct FTW *ftw)
{
    (void)status;
    (void)type;
    (void)ftw;
    return remove(path);
}

void
store_fixture_free(struct store_fixture **fixture)
{
    if (*fixture == NULL)
        return;
    swtpm_free(&(*fixture)->swtpm);
    if ((*fixture)->keys >= 0)
        (void)close((*fixture)->keys);
    (void)nftw((*fixture)->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(*fixture);
    *fixture = NULL;
}

int
store_fixture_add_twin(const struct store_fixture *fixture)
{
    return fixture->kind->make_twin != NULL ? fixture->kind->make_twin() : -1;
}

const char *
store_fixture_uri(const struct store_fixture *fixture)
{
    return fixture->uri;
}

const char *
store_fixture_missing_uri(const struct store_fixture *fixture)
{
    return fixture->missing_uri;
}

const char *
store_fixture_directory(const struct store_fixture *fixture)
{
    return fixture->directory;
}

int
store_fixture_keys(const struct store_fixture *fixture)
{
    return fixture->keys;
}

struct swtpm *
store_fixture_swtpm(const struct store_fixture *fixture)
{
    return fixture->swtpm;
}

const char *
store_fixture_pin(const char *kind)
{
    const struct kind *of = find_kind(kind);

    return of != NULL ? of->pin : NULL;
}

struct secret *
store_fixture_secret(const char *text)
{
    struct secret *secret = NULL;

    if (text == NULL || secret_new(strlen(text) + 1, &secret) != KS_OK)
        return NULL;
    memcpy(secret_space(secret), text, strlen(text));
    secret_set_length(secret, strlen(text));
    return secret;
}
