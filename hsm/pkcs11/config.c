/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which configuration counts, as p11-kit has it: the user's before the
 * machine's before the packages', setting by setting, as far as "user-config"
 * lets it.  A name of which one file is refused is refused whole: that file
 * might have said that the module is not to be loaded.
 */
#include "hsm/pkcs11/config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hsm/pkcs11/config_file.h"
#include "hsm/pkcs11/config_module.h"

#define MODULES_MAX 64
#define SUFFIX ".module"
#define ALPHANUMERIC                                                           \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* A name, and what all its files say. */
struct entry {
    char name[PKCS11_PATH_SIZE];
    struct pkcs11_config_file settings;
    bool refused;
    struct err_cause why;
};

struct reading {
    struct entry entries[MODULES_MAX];
    size_t count;
};

static bool
is_missing(const char *path)
{
    return *path == '\0' ||
           (access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR));
}

static enum ks_err
find_entry(struct reading *reading, const char *name, int length,
           struct entry **ret, struct err_cause *cause)
{
    size_t i = 0;

    while (i < reading->count &&
           (strncmp(reading->entries[i].name, name, (size_t)length) != 0 ||
            reading->entries[i].name[length] != '\0'))
        i++;
    if (i == MODULES_MAX)
        return err_set(cause, KS_ERR_TOKEN_MODULE,
                       "p11-kit has more than %d modules configured; name the "
                       "token's own with module-path",
                       MODULES_MAX);
    *ret = &reading->entries[i];
    if (i == reading->count) {
        (void)snprintf((*ret)->name, sizeof(*ret)->name, "%.*s", length, name);
        reading->count++;
    }
    return KS_OK;
}

static void
refuse(struct entry *entry, const struct err_cause *why)
{
    entry->refused = true;
    entry->why = *why;
}

static bool
is_directory(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static enum ks_err
read_module(struct reading *reading, const char *directory, const char *name,
            struct err_cause *cause)
{
    int length = (int)(strlen(name) - strlen(SUFFIX));
    char path[2 * PKCS11_PATH_SIZE];
    struct entry *entry;
    struct err_cause why = {.text = ""};
    enum ks_err rc;

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    if (is_directory(path)) /* as p11-kit has it */
        return KS_OK;
    rc = find_entry(reading, name, length, &entry, cause);
    if (rc != KS_OK || entry->refused)
        return rc;
    rc = pkcs11_config_file_read(path, &entry->settings, &why);
    if (rc == KS_ERR_RESOURCES)
        return err_pass(cause, rc, "%s", why.text);
    if (rc != KS_OK)
        refuse(entry, &why);
    return KS_OK;
}

/* pkcs11.conf(5): other names are no modules'. */
static int
is_module_file(const struct dirent *file)
{
    size_t length = strlen(file->d_name);

    return length > strlen(SUFFIX) && length < PKCS11_PATH_SIZE &&
           strcmp(file->d_name + length - strlen(SUFFIX), SUFFIX) == 0 &&
           strchr(ALPHANUMERIC, file->d_name[0]) != NULL &&
           strspn(file->d_name, ALPHANUMERIC "_,-.") == length;
}

static enum ks_err
refuse_directory(struct reading *reading, const char *directory,
                 const struct err_cause *why, struct err_cause *cause)
{
    struct entry *entry;
    enum ks_err rc = find_entry(reading, directory, (int)strlen(directory),
                                &entry, cause);

    if (rc == KS_OK) {
        err_quote(entry->name);
        refuse(entry, why);
    }
    return rc;
}

static enum ks_err
read_directory(struct reading *reading, const char *directory,
               struct err_cause *cause)
{
    char real[PKCS11_PATH_SIZE];
    struct dirent **files = NULL;
    struct err_cause why = {.text = ""};
    enum ks_err rc = KS_OK;
    int count;

    if (is_missing(directory))
        return KS_OK;
    if (pkcs11_path_directory(directory, real, &why) != KS_OK)
        return refuse_directory(reading, directory, &why, cause);
    count = scandir(real, &files, is_module_file, alphasort);
    if (count < 0) {
        (void)err_set_errno(&why, KS_ERR_TOKEN_MODULE, real);
        return refuse_directory(reading, directory, &why, cause);
    }
    for (int i = 0; i < count; i++) {
        if (rc == KS_OK)
            rc = read_module(reading, real, files[i]->d_name, cause);
        free(files[i]);
    }
    free(files);
    return rc;
}

enum users {
    USERS_NONE,
    USERS_MERGED,
    USERS_ONLY,
};

/* What PATH says of the user's configuration; RET stays where it does not. */
static enum ks_err
read_users(const char *path, enum users *ret, struct err_cause *cause)
{
    static const struct {
        const char *text;
        enum users users;
    } values[] = {
        {"none", USERS_NONE},
        {"merge", USERS_MERGED},
        {"only", USERS_ONLY},
        {"override", USERS_ONLY},
    };
    struct pkcs11_config_file file = {{NULL}};
    const char *value;
    enum ks_err rc = KS_OK;
    size_t i = 0;

    if (!is_missing(path))
        rc = pkcs11_config_file_read(path, &file, cause);
    value = file.value[PKCS11_CONFIG_USER_CONFIG];
    while (value != NULL && i < sizeof values / sizeof values[0] &&
           strcmp(values[i].text, value) != 0)
        i++;
    if (value != NULL && i == sizeof values / sizeof values[0])
        rc = err_set(cause, KS_ERR_TOKEN_MODULE,

                     "%s: user-config is none, merge, only or override; "
                     "correct it",
                     path);
    else if (value != NULL)
        *ret = values[i].users;
    pkcs11_config_file_free(&file);
    return rc;
}

static enum ks_err
read_all(struct reading *reading, const struct pkcs11_config_places *places,
         struct err_cause *cause)
{
    enum users users = USERS_MERGED;
    enum ks_err rc = read_users(places->system_file, &users, cause);

    if (rc == KS_OK && users != USERS_NONE)
        rc = read_users(places->user_file, &users, cause);
    if (rc == KS_OK && users != USERS_NONE)
        rc = read_directory(reading, places->user_modules, cause);
    if (rc == KS_OK && users != USERS_ONLY)
        rc = read_directory(reading, places->system_modules, cause);
    if (rc == KS_OK && users != USERS_ONLY)
        rc = read_directory(reading, places->package_modules, cause);
    return rc;
}

static void
answer(struct entry *entry, const char *libraries, struct pkcs11_config *ret)
{
    struct pkcs11_config_module *module = &ret->modules[ret->count];

    if (!entry->refused && !pkcs11_config_module_is_ours(&entry->settings))
        return;
    memcpy(module->name, entry->name, sizeof module->name);
    if (entry->refused) {
        module->fault = KS_ERR_TOKEN_MODULE;
        module->why = entry->why;
    } else {
        module->fault = pkcs11_config_module_judge(&entry->settings, libraries,
                                                   module);
    }
    ret->count++;
}

static int
compare(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name,
                  ((const struct entry *)b)->name);
}

enum ks_err
pkcs11_config_read(const struct pkcs11_config_places *places,
                   struct pkcs11_config *ret, struct err_cause *cause)
{
    struct reading *reading = calloc(1, sizeof *reading);
    enum ks_err rc;

    ret->count = 0;
    ret->modules = calloc(MODULES_MAX, sizeof *ret->modules);
    if (reading == NULL || ret->modules == NULL) {
        rc = err_set(cause, KS_ERR_RESOURCES, "no memory");
        goto out;
    }
    rc = read_all(reading, places, cause);
    qsort(reading->entries, reading->count, sizeof reading->entries[0],
          compare);
    for (size_t i = 0; i < reading->count; i++) {
        if (rc == KS_OK)
            answer(&reading->entries[i], places->libraries, ret);
        pkcs11_config_file_free(&reading->entries[i].settings);
    }
out:
    if (rc != KS_OK)
        pkcs11_config_free(ret);
    free(reading);
    return rc;
}

void
pkcs11_config_free(struct pkcs11_config *config)
{
    free(config->modules);
    *config = (struct pkcs11_config){.modules = NULL};
}

bool
pkcs11_config_is_called(const struct pkcs11_config_module *module,
                        const char *name)
{
    const char *slash = strrchr(module->path, '/');
    const char *library = slash != NULL ? slash + 1 : module->path;
    const char *end;

    if (*module->path == '\0' || strcmp(module->name, name) == 0)
        return true;
    if (strncmp(library, "lib", strlen("lib")) == 0)
        library += strlen("lib");
    end = strstr(library, ".so");
    return end != NULL && end != library &&
           strlen(name) == (size_t)(end - library) &&
           strncmp(name, library, (size_t)(end - library)) == 0;
}
