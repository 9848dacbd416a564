/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever may write to such a file chooses what code is loaded, so that it is
 * held to the rules of the module's file before it is opened.  p11-kit's own
 * reader is not used: p11-kit offers it only together with the loading. */
#include "hsm/pkcs11/config_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hsm/pkcs11/path.h"

#define SIZE_MAX_FILE 65536

static const char *const names[] = {
#define X(name, text) [PKCS11_CONFIG_##name] = text,
    PKCS11_CONFIG_SETTINGS(X)
#undef X
};

static char *
strip(char *text)
{
    size_t length;

    while (isspace((unsigned char)*text))
        text++;
    length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    text[length] = '\0';
    return text;
}

/* NAME and VALUE are stripped. */
static enum ks_err
set(struct pkcs11_config_file *file, const char *name, const char *value,
    struct err_cause *cause)
{
    size_t i = 0;
    char *copy;

    while (i < PKCS11_CONFIG_SETTING__MAX && strcmp(names[i], name) != 0)
        i++;
    if (i == PKCS11_CONFIG_SETTING__MAX)
        return KS_OK;
    copy = strdup(value);
    if (copy == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    free(file->value[i]);
    file->value[i] = copy;
    return KS_OK;
}

static enum ks_err
parse(char *text, const char *path, struct pkcs11_config_file *file,
      struct err_cause *cause)
{
    enum ks_err rc = KS_OK;
    char *line;

    for (unsigned number = 1;
         rc == KS_OK && (line = strsep(&text, "\n")) != NULL; number++) {
        char *colon;

        line = strip(line);
        if (*line == '\0' || *line == '#')
            continue;
        colon = strchr(line, ':');
        if (colon == NULL || *line == '[')
            return err_set(cause, KS_ERR_TOKEN_MODULE,

                           "%s: line %u is no \"name: value\"; correct it",
                           path, number);
        *colon = '\0';
        rc = set(file, strip(line), strip(colon + 1), cause);
    }
    return rc;
}

/* The whole of it as a string, in memory of SIZE_MAX_FILE + 1. */
static enum ks_err
load(const char *path, char *text, struct err_cause *cause)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    size_t length = 0;
    ssize_t got = -1;

    while (fd >= 0 && length <= SIZE_MAX_FILE &&
           (got = read(fd, text + length, SIZE_MAX_FILE + 1 - length)) > 0)
        length += (size_t)got;
    if (got < 0) {
        int error = errno;

        if (fd >= 0)
            (void)close(fd);
        errno = error;
        return err_set_errno(cause, KS_ERR_TOKEN_MODULE, path);
    }
    (void)close(fd);
    if (length > SIZE_MAX_FILE)
        return err_set(cause, KS_ERR_TOKEN_MODULE,
                       "%s is too large; correct it", path);
    if (memchr(text, '\0', length) != NULL)
        return err_set(cause, KS_ERR_TOKEN_MODULE, "%s is no text; correct it",
                       path);
    text[length] = '\0';
    return KS_OK;
}

/* Fields of LATER go into FILE where FILE does not have them yet. */
static void
merge(struct pkcs11_config_file *file, struct pkcs11_config_file *later)
{
    for (size_t i = 0; i < PKCS11_CONFIG_SETTING__MAX; i++)
        if (file->value[i] == NULL) {
            file->value[i] = later->value[i];
            later->value[i] = NULL; /* transferred */
        }
}

/* An empty file to p11-kit; the device itself anybody may write to. */
static bool
is_null(const char *path)
{
    static const char nothing[] = "/dev/null";
    char target[sizeof nothing];
    ssize_t length = readlink(path, target, sizeof target);

    return length == (ssize_t)strlen(nothing) &&
           memcmp(target, nothing, strlen(nothing)) == 0;
}

enum ks_err
pkcs11_config_file_read(const char *path, struct pkcs11_config_file *ret,
                        struct err_cause *cause)
{
    struct pkcs11_config_file file = {{NULL}};
    char real[PKCS11_PATH_SIZE];
    char *text;
    enum ks_err rc;

    if (is_null(path))
        return KS_OK;
    text = calloc(1, SIZE_MAX_FILE + 1);
    if (text == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    rc = pkcs11_path_resolve(path, real, cause);
    if (rc == KS_OK)
        rc = load(real, text, cause);
    if (rc == KS_OK)
        rc = parse(text, real, &file, cause);
    if (rc == KS_OK)
        merge(ret, &file);
    pkcs11_config_file_free(&file);
    free(text);
    if (rc != KS_OK && cause != NULL)
        err_escape(cause->text); /* names the path as it was given */
    return rc;
}

void
pkcs11_config_file_free(struct pkcs11_config_file *file)
{
    for (size_t i = 0; i < PKCS11_CONFIG_SETTING__MAX; i++) {
        free(file->value[i]);
        file->value[i] = NULL;
    }
}
