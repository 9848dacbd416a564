/* SPDX-License-Identifier: Apache-2.0 */
/* A file that cannot be read stops everything: an owner who has installed a
 * root would not notice that it is passed over. */
#include "tests/vault/attestation/ek_roots.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#define PATH_SIZE 4096

/* Puts the certificates of one file behind the others; false where there are
 * none, or something else. */
static bool
read_file(const char *path, STACK_OF(X509) * ret)
{
    FILE *file = fopen(path, "re");
    int before = sk_X509_num(ret);
    X509 *certificate;
    bool at_end;

    if (file == NULL)
        return false;
    while ((certificate = PEM_read_X509(file, NULL, NULL, NULL)) != NULL)
        if (sk_X509_push(ret, certificate) == 0) {
            X509_free(certificate);
            break;
        }
    at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    (void)fclose(file);
    return at_end && sk_X509_num(ret) > before;
}

static bool
is_pem(const char *name)
{
    size_t length = strlen(name);

    return length > 4 && strcmp(name + length - 4, ".pem") == 0;
}

STACK_OF(X509) * ek_roots_read(const char *directory)
{
    STACK_OF(X509) *roots = sk_X509_new_null();
    DIR *open = directory != NULL ? opendir(directory) : NULL;
    bool good = roots != NULL &&
                (open != NULL || directory == NULL || errno == ENOENT);
    const struct dirent *entry;
    char path[PATH_SIZE];

    while (good && open != NULL && (entry = readdir(open)) != NULL) {
        int length;

        if (!is_pem(entry->d_name))
            continue;
        length = snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        good = length > 0 && (size_t)length < sizeof path &&
               read_file(path, roots);
    }
    if (open != NULL)
        (void)closedir(open);
    if (good)
        return roots;
    sk_X509_pop_free(roots, X509_free);
    return NULL;
}
