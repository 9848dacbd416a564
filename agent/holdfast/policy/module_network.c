/* SPDX-License-Identifier: Apache-2.0 */
/* Read by holdfast, which tells the helper that loads the module.  A user who
 * starts holdfast may run any code of his own on the network anyway: the file
 * is root's so that nobody else lets his modules out. */
#include "agent/holdfast/policy/module_network.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hsm/pkcs11/path.h"

#define LINE_SIZE (PKCS11_PATH_SIZE + SANDBOX_NETWORK_WORDS)

/* The line's module is the one with the real path MODULE. */
static bool
is_named(const char *name, const char *module)
{
    char *real = *name == '/' ? realpath(name, NULL) : NULL;
    bool is = real != NULL && strcmp(real, module) == 0;

    free(real);
    return is;
}

/* True where LINE is MODULE's: *RET_WORDS points into it, at its words. */
static bool
take_line(char *line, const char *module, const char **ret_words)
{
    char *name;

    line[strcspn(line, "#\n")] = '\0';
    line += strspn(line, " \t");
    name = strsep(&line, " \t");
    *ret_words = line != NULL ? line : "";
    return is_named(name, module);
}

static enum ks_err
put_words(const char *words, char ret[static SANDBOX_NETWORK_WORDS],
          struct err_cause *cause)
{
    struct sandbox_network network;
    enum ks_err rc = sandbox_network_parse(words, &network, cause);

    if (rc == KS_OK)
        (void)snprintf(ret, SANDBOX_NETWORK_WORDS, "%s", words);
    return rc;
}

static enum ks_err
search(FILE *file, const char *module, char ret[static SANDBOX_NETWORK_WORDS],
       struct err_cause *cause)
{
    char line[LINE_SIZE];
    const char *words;

    for (unsigned number = 1; fgets(line, sizeof line, file) != NULL;
         number++) {
        struct err_cause why = {""};
        enum ks_err rc;

        if (strchr(line, '\n') == NULL && feof(file) == 0)
            return err_set(cause, KS_ERR_TOKEN_NETWORK,
                           "line %u is longer than %d bytes; have root mend it",
                           number, LINE_SIZE - 2);
        if (!take_line(line, module, &words))
            continue;
        rc = put_words(words, ret, &why);
        return rc == KS_OK ? rc
                           : err_set(cause, rc,
                                     "line %u: %s; have root mend it, see "
                                     "holdfast(8)",
                                     number, why.text);
    }
    return ferror(file) == 0
               ? KS_OK
               : err_set_errno(cause, KS_ERR_TOKEN_NETWORK, "reading it");
}

/* Each step of the real path PATH is root's, or OWNER's: what others than the
 * caller could have changed is refused before. */
static enum ks_err
check_owner(const char *path, uid_t owner, struct err_cause *cause)
{
    char step[PKCS11_PATH_SIZE];

    for (size_t i = 1; path[i - 1] != '\0'; i++) {
        struct stat status;

        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(step, path, i);
        step[i] = '\0';
        if (lstat(step, &status) != 0)
            return err_set_errno(cause, KS_ERR_TOKEN_NETWORK, step);
        if (status.st_uid != 0 && status.st_uid != owner)
            return err_set(cause, KS_ERR_TOKEN_NETWORK,
                           "others than root may change %s; have root own it",
                           step);
    }
    return KS_OK;
}

/* *RET NULL: there is no such file. */
static enum ks_err
open_file(FILE **ret, struct err_cause *cause)
{
    const struct module_network_place place = module_network_place();
    char path[PKCS11_PATH_SIZE];
    struct err_cause why = {""};

    *ret = NULL;
    if (access(place.path, F_OK) != 0 && errno == ENOENT)
        return KS_OK;
    if (pkcs11_path_resolve(place.path, path, &why) != KS_OK)
        return err_pass(cause, KS_ERR_TOKEN_NETWORK, "%s", why.text);
    if (check_owner(path, place.owner, &why) != KS_OK)
        return err_pass(cause, KS_ERR_TOKEN_NETWORK, "%s", why.text);
    *ret = fopen(path, "re");
    return *ret != NULL ? KS_OK
                        : err_set_errno(cause, KS_ERR_TOKEN_NETWORK, path);
}

enum ks_err
module_network_find(const char *module, char ret[static SANDBOX_NETWORK_WORDS],
                    struct err_cause *cause)
{
    char *real = NULL;
    FILE *file = NULL;
    struct err_cause why = {""};
    enum ks_err rc = open_file(&file, cause);

    *ret = '\0';
    if (rc != KS_OK || file == NULL)
        return rc;
    /* A module that is not there is the helper's to tell. */
    real = realpath(module, NULL);
    if (real != NULL)
        rc = search(file, real, ret, &why);
    (void)fclose(file);
    free(real);
    return rc == KS_OK ? rc
                       : err_pass(cause, rc, "%s: %s",
                                  module_network_place().path, why.text);
}
