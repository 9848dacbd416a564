/* SPDX-License-Identifier: Apache-2.0 */
/* The TPM is never spoken to here: a record is a matter of files. */
#include "hsm/tpm2/record.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "hsm/tpm2/pem.h"
#include "hsm/tpm2/public.h"
#include "keystore/base/hex.h"
#include "keystore/store/key_file.h"

#define HANDLE_TEXT_MAX 128

/* Persistent objects (TPM 2.0 Part 2, 7.2) */
#define HANDLE_FIRST 0x81000000u
#define HANDLE_LAST 0x81ffffffu

static bool
look_at(const struct tpm2_place *place, const struct tpm2_record *record,
        struct stat *ret)
{
    char name[TPM2_PLACE_FILE];

    tpm2_place_file(place, record->handle != 0 ? "handle" : "pem", name);
    return fstatat(place->directory, name, ret, AT_SYMLINK_NOFOLLOW) == 0;
}

static enum ks_err
stamp(const struct tpm2_place *place, struct tpm2_record *record,
      struct err_cause *cause)
{
    return look_at(place, record, &record->file)
               ? KS_OK
               : err_set_errno(cause, KS_ERR_KEY_MISSING, "key file");
}

bool
tpm2_record_is_current(const struct tpm2_place *place,
                       const struct tpm2_record *record)
{
    const struct stat *then = &record->file;
    struct stat now;

    return look_at(place, record, &now) && now.st_dev == then->st_dev &&
           now.st_ino == then->st_ino &&
           now.st_ctim.tv_sec == then->st_ctim.tv_sec &&
           now.st_ctim.tv_nsec == then->st_ctim.tv_nsec;
}

static enum ks_err
read_pem(const struct tpm2_place *place, struct tpm2_record *ret,
         struct err_cause *cause)
{
    char name[TPM2_PLACE_FILE];
    struct secret *text = NULL;
    struct tpm2_pem pem;
    enum ks_err rc;

    tpm2_place_file(place, "pem", name);
    rc = key_file_read(place->directory, name, TPM2_PEM_MAX, &text, cause);
    if (rc == KS_OK)
        rc = tpm2_pem_decode(secret_bytes(text), secret_length(text), &pem,
                             cause);
    secret_free(&text);
    if (rc != KS_OK)
        return rc;
    ret->parent = pem.parent;
    ret->public = pem.public;
    ret->private = pem.private;
    ret->empty_auth = pem.empty_auth;
    return tpm2_public_name(&ret->public, &ret->name, cause);
}

/* "0x81000100 NAME" in hexadecimal digits */
static enum ks_err
read_handle(const struct tpm2_place *place, struct tpm2_record *ret,
            struct err_cause *cause)
{
    char file[TPM2_PLACE_FILE], text[HANDLE_TEXT_MAX + 1] = "", hex[75];
    struct secret *content = NULL;
    unsigned handle = 0;
    enum ks_err rc;

    tpm2_place_file(place, "handle", file);
    rc = key_file_read(place->directory, file, HANDLE_TEXT_MAX, &content,
                       cause);
    if (rc != KS_OK)
        return rc;
    memcpy(text, secret_bytes(content), secret_length(content));
    secret_free(&content);
    if (sscanf(text, "0x%8x %74[0-9a-f]", &handle, hex) != 2 ||
        !hex_read(hex, ret->name.name, strlen(hex) / 2) ||
        handle < HANDLE_FIRST || handle > HANDLE_LAST)
        return err_set(cause, KS_ERR_TOKEN_FAILED,
                       "%s names no handle; put it back from a copy, or have "
                       "the key evicted and remove the file",
                       file);
    ret->handle = handle;
    ret->name.size = (UINT16)(strlen(hex) / 2);
    return KS_OK;
}

enum ks_err
tpm2_record_read(const struct tpm2_place *place, struct tpm2_record *ret,
                 struct err_cause *cause)
{
    enum ks_err rc;

    *ret = (struct tpm2_record){.handle = 0};
    rc = tpm2_place_has(place, "handle") ? read_handle(place, ret, cause)
                                         : read_pem(place, ret, cause);
    return rc == KS_OK ? stamp(place, ret, cause) : rc;
}

static enum ks_err
encode_handle(const struct tpm2_record *record, struct secret **ret,
              struct err_cause *cause)
{
    char hex[2 * sizeof record->name.name + 1], text[HANDLE_TEXT_MAX];
    int length;

    hex_write(hex, record->name.name, record->name.size);
    length = snprintf(text, sizeof text, "0x%08x %s\n", record->handle, hex);
    if (length >= (int)sizeof text || secret_new((size_t)length, ret) != KS_OK)
        return err_set(cause, KS_ERR_INTERNAL, "handle file");
    memcpy(secret_space(*ret), text, (size_t)length);
    secret_set_length(*ret, (size_t)length);
    return KS_OK;
}

enum ks_err
tpm2_record_write(const struct tpm2_place *place, struct tpm2_record *record,
                  const char *label, struct err_cause *cause)
{
    const struct tpm2_pem pem = {.empty_auth = record->empty_auth,
                                 .parent = record->parent,
                                 .public = record->public,
                                 .private = record->private};
    char name[TPM2_PLACE_FILE];
    struct secret *content = NULL;
    enum ks_err rc = record->handle != 0
                         ? encode_handle(record, &content, cause)
                         : tpm2_pem_encode(&pem, label, &content, cause);

    tpm2_place_file(place, record->handle != 0 ? "handle" : "pem", name);
    if (rc == KS_OK)
        rc = key_file_write(place->directory, name, content, cause);
    secret_free(&content);
    return rc == KS_OK ? stamp(place, record, cause) : rc;
}

enum ks_err
tpm2_record_drop_pem(const struct tpm2_place *place, struct err_cause *cause)
{
    char name[TPM2_PLACE_FILE];

    if (!tpm2_place_has(place, "pem"))
        return KS_OK;
    tpm2_place_file(place, "pem", name);
    return key_file_remove(place->directory, name, cause);
}

enum ks_err
tpm2_record_remove(const struct tpm2_place *place, struct err_cause *cause)
{
    static const char *const suffixes[] = {"handle", "pem", "auth"};
    enum ks_err rc = KS_OK;
    bool any = tpm2_place_has(place, "handle") || tpm2_place_has(place, "pem");
    char name[TPM2_PLACE_FILE];

    /* A value that cannot be overwritten can still be removed. */
    tpm2_place_file(place, "auth", name);
    (void)!key_file_overwrite(place->directory, name, NULL);
    for (size_t i = 0; rc == KS_OK && i < 3; i++) {
        tpm2_place_file(place, suffixes[i], name);
        rc = key_file_remove(place->directory, name, cause);
        if (rc == KS_ERR_KEY_MISSING)
            rc = KS_OK;
    }
    if (rc == KS_OK && !any)
        rc = err_set(cause, KS_ERR_KEY_MISSING, "no file of this id");
    return rc;
}

enum ks_err
tpm2_record_clear(const struct tpm2_place *place, struct err_cause *cause)
{
    enum ks_err rc = tpm2_record_remove(place, cause);

    return rc == KS_ERR_KEY_MISSING ? KS_OK : rc;
}
