/* SPDX-License-Identifier: Apache-2.0 */
/* A path that is no TPM's device or socket must never reach the TSS: its device
 * transport opens whatever file it is given. */
#include "hsm/tpm2/uri.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCHEME "tpm2:"
#define HANDLE ";handle="
#define ROOT ";root="
#define MANAGED "/dev/tpmrm"
#define UNMANAGED "/dev/tpm"

/* Persistent objects of the owner (TPM 2.0 Part 2, 7.5: 0x81000000 to
 * 0x817fffff), without the storage root keys' own. */
#define HANDLE_FIRST 0x81000100u
#define HANDLE_LAST 0x817ffff0u

/* Storage primary keys (TCG Registry of Reserved TPM 2.0 Handles, 2.3) */
#define ROOT_FIRST 0x81000001u
#define ROOT_LAST 0x8100ffffu

#define NUMBER_MAX 16 /* a handle's text, with its NUL */

static enum ks_err
malformed(struct err_cause *cause, const char *what)
{
    return err_set(cause, KS_ERR_TOKEN_URI, "%s", what);
}

static bool
is_plain(const char *path)
{
    return path[0] == '/' &&
           path[strspn(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvw"
                             "xyz0123456789/._-+")] == '\0';
}

static bool
is_numbered(const char *path, const char *prefix)
{
    size_t length = strlen(prefix);

    return strncmp(path, prefix, length) == 0 && path[length] != '\0' &&
           path[length + strspn(path + length, "0123456789")] == '\0';
}

static enum ks_err
parse_device(struct tpm2_uri *uri, struct err_cause *cause)
{
    if (is_numbered(uri->path, UNMANAGED))
        return err_set(cause, KS_ERR_TOKEN_URI,
                       "%s is without the kernel's resource manager; use "
                       "%s%s",
                       uri->path, MANAGED, uri->path + strlen(UNMANAGED));
    if (!is_numbered(uri->path, MANAGED))
        return malformed(cause, "device= wants /dev/tpmrm0 or the like");
    (void)snprintf(uri->tcti, sizeof uri->tcti, "device:%s", uri->path);
    return KS_OK;
}

static enum ks_err
parse_swtpm(struct tpm2_uri *uri, struct err_cause *cause)
{
    if (!is_plain(uri->path))
        return malformed(cause, "swtpm= wants the absolute path of a socket");
    uri->swtpm = true;
    (void)snprintf(uri->tcti, sizeof uri->tcti, "swtpm:path=%s", uri->path);
    return KS_OK;
}

/* TEXT up to its end or the next option: a handle from FIRST to LAST. */
static bool
parse_number(const char *text, uint32_t first, uint32_t last, uint32_t *ret)
{
    char number[NUMBER_MAX];
    size_t length = strcspn(text, ";");
    char *end;
    unsigned long handle;

    if (length >= sizeof number || strncmp(text, "0x81", 4) != 0)
        return false;
    (void)snprintf(number, sizeof number, "%.*s", (int)length, text);
    errno = 0;
    handle = strtoul(number, &end, 16);
    if (*end != '\0' || errno != 0 || handle < first || handle > last)
        return false;
    *ret = (uint32_t)handle;
    return true;
}

static bool
parse_root(const char *text, uint32_t *ret)
{
    static const char transient[] = "transient";
    size_t length = strcspn(text, ";");

    if (length == strlen(transient) && strncmp(text, transient, length) == 0) {
        *ret = TPM2_URI_TRANSIENT;
        return true;
    }
    return parse_number(text, ROOT_FIRST, ROOT_LAST, ret);
}

/* Options stand in any order, each at most once. */
static enum ks_err
parse_options(const char *text, struct tpm2_uri *uri, struct err_cause *cause)
{
    for (; *text != '\0'; text += 1 + strcspn(text + 1, ";")) {
        if (strncmp(text, ROOT, strlen(ROOT)) == 0) {
            if (uri->root != 0 || !parse_root(text + strlen(ROOT), &uri->root))
                return err_set(cause, KS_ERR_TOKEN_URI,
                               "root= wants transient, or 0x%08x to 0x%08x",
                               ROOT_FIRST, ROOT_LAST);
        } else if (strncmp(text, HANDLE, strlen(HANDLE)) != 0 ||
                   uri->handle != 0 ||
                   !parse_number(text + strlen(HANDLE), HANDLE_FIRST,
                                 HANDLE_LAST, &uri->handle)) {
            return err_set(cause, KS_ERR_TOKEN_URI,
                           "handle= wants 0x%08x to 0x%08x", HANDLE_FIRST,
                           HANDLE_LAST);
        }
    }
    return KS_OK;
}

/* The first of URI's options, or its end. */
static const char *
find_options(const char *uri)
{
    const char *handle = strstr(uri, HANDLE);
    const char *root = strstr(uri, ROOT);

    if (handle == NULL || (root != NULL && root < handle))
        handle = root;
    return handle != NULL ? handle : uri + strlen(uri);
}

enum ks_err
tpm2_uri_parse(const char *uri, struct tpm2_uri *ret, struct err_cause *cause)
{
    struct tpm2_uri parsed = {.path = ""};
    char transport[sizeof parsed.tcti];
    const char *options = find_options(uri);
    size_t length = strlen(SCHEME);
    char *value;
    enum ks_err rc = KS_OK;

    if (strncmp(uri, SCHEME, length) != 0)
        return malformed(cause, "it does not begin with " SCHEME);
    uri += length;
    length = (size_t)(options - uri);
    if (length >= sizeof transport)
        return malformed(cause, "it is too long");
    (void)snprintf(transport, sizeof transport, "%.*s", (int)length, uri);
    value = strchr(transport, '=');
    if (value != NULL)
        *value++ = '\0';
    if (value != NULL && strlen(value) > TPM2_URI_PATH_MAX)
        return malformed(cause, "its path is too long");
    (void)snprintf(parsed.path, sizeof parsed.path, "%s",
                   value != NULL ? value : "");
    if (value != NULL && strcmp(transport, "device") == 0)
        rc = parse_device(&parsed, cause);
    else if (value != NULL && strcmp(transport, "swtpm") == 0)
        rc = parse_swtpm(&parsed, cause);
    else if (value == NULL && strcmp(transport, "tabrmd") == 0)
        (void)snprintf(parsed.tcti, sizeof parsed.tcti, "tabrmd");
    else
        rc = malformed(cause, "tpm2: wants device=/dev/tpmrm0, tabrmd or "
                              "swtpm=/PATH");
    if (rc == KS_OK)
        rc = parse_options(options, &parsed, cause);
    if (rc == KS_OK)
        *ret = parsed;
    return rc;
}

static enum ks_err
forbidden(const char *path, const struct stat *status, struct err_cause *cause)
{
    const struct group *group = getgrgid(status->st_gid);

    if (group == NULL || (status->st_mode & S_IWGRP) == 0)
        return err_set(cause, KS_ERR_PERMISSION, "%s", path);
    return err_set(cause, KS_ERR_PERMISSION, "%s is for members of group %.32s",
                   path, group->gr_name);
}

enum ks_err
tpm2_uri_check_access(const struct tpm2_uri *uri, struct err_cause *cause)
{
    struct stat status;

    if (uri->path[0] == '\0')
        return KS_OK;
    if (stat(uri->path, &status) != 0)
        return errno == EACCES
                   ? err_set_errno(cause, KS_ERR_PERMISSION, uri->path)
                   : err_set_errno(cause, KS_ERR_TOKEN_MISSING, uri->path);
    if (uri->swtpm ? !S_ISSOCK(status.st_mode) : !S_ISCHR(status.st_mode))
        return err_set(cause, KS_ERR_TOKEN_MISSING, "%s is no %s", uri->path,
                       uri->swtpm ? "socket" : "device");
    if (access(uri->path, R_OK | W_OK) != 0)
        return forbidden(uri->path, &status, cause);
    return KS_OK;
}
