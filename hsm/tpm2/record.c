/* SPDX-License-Identifier: Apache-2.0 */
/* Files only: must never speak to the TPM.  An authorisation value is in the
 * secure heap from its making or reading on. */
#include "hsm/tpm2/record.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "hsm/tpm2/pem.h"
#include "hsm/tpm2/public.h"
#include "keystore/base/hex.h"
#include "keystore/store/key_file.h"

#define NAME_SIZE (2 * KEYSTORE_ID_LENGTH + sizeof ".handle")
#define AUTH_LENGTH 32 /* of the digest of a Name: the most a TPM takes */
#define HANDLE_TEXT_MAX 128

/* Persistent objects (TPM 2.0 Part 2, 7.2) */
#define HANDLE_FIRST 0x81000000u
#define HANDLE_LAST 0x81ffffffu

static int
directory_of(const struct tpm2_key *key)
{
    return tpm2_key_store(key)->keys;
}

static const struct secret *
pin_of(const struct tpm2_key *key)
{
    return tpm2_key_store(key)->pin;
}

static void
file_name(char ret[static NAME_SIZE], const struct tpm2_key *key,
          const char *suffix)
{
    (void)snprintf(ret, NAME_SIZE, "%s.%s", key->id, suffix);
}

static bool
exists(const struct tpm2_key *key, const char *suffix)
{
    char name[NAME_SIZE];
    struct stat status;

    file_name(name, key, suffix);
    return fstatat(directory_of(key), name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

static enum ks_err
stamp(struct tpm2_key *key, struct err_cause *cause)
{
    char name[NAME_SIZE];

    file_name(name, key, key->handle != 0 ? "handle" : "pem");
    return fstatat(directory_of(key), name, &key->record,
                   AT_SYMLINK_NOFOLLOW) == 0
               ? KS_OK
               : err_set_errno(cause, KS_ERR_KEY_MISSING, "key file");
}

bool
tpm2_record_is_current(const struct tpm2_key *key)
{
    char name[NAME_SIZE];
    struct stat now;

    file_name(name, key, key->handle != 0 ? "handle" : "pem");
    return fstatat(directory_of(key), name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
           now.st_dev == key->record.st_dev &&
           now.st_ino == key->record.st_ino &&
           now.st_ctim.tv_sec == key->record.st_ctim.tv_sec &&
           now.st_ctim.tv_nsec == key->record.st_ctim.tv_nsec;
}

static enum ks_err
read_pem(struct tpm2_key *key, bool *ret_empty_auth, struct err_cause *cause)
{
    char name[NAME_SIZE];
    struct secret *text = NULL;
    struct tpm2_pem pem;
    enum ks_err rc;

    file_name(name, key, "pem");
    rc = key_file_read(directory_of(key), name, TPM2_PEM_MAX, &text, cause);
    if (rc == KS_OK)
        rc = tpm2_pem_decode(secret_bytes(text), secret_length(text), &pem,
                             cause);
    secret_free(&text);
    if (rc != KS_OK)
        return rc;
    if (pem.parent != tpm2_key_store(key)->srk_parent)
        return err_set(cause, KS_ERR_KEY_OTHER,
                       "its parent is 0x%x and not the storage root key, 0x%x; "
                       "give the token's URI the root= of the registration",
                       pem.parent, tpm2_key_store(key)->srk_parent);
    key->public = pem.public;
    key->private = pem.private;
    *ret_empty_auth = pem.empty_auth;
    return tpm2_public_name(&key->public, &key->name, cause);
}

/* "0x81000100 NAME" in hexadecimal digits */
static enum ks_err
read_handle(struct tpm2_key *key, struct err_cause *cause)
{
    char file[NAME_SIZE], text[HANDLE_TEXT_MAX + 1] = "", hex[75];
    struct secret *content = NULL;
    unsigned handle = 0;
    enum ks_err rc;

    file_name(file, key, "handle");
    rc = key_file_read(directory_of(key), file, HANDLE_TEXT_MAX, &content,
                       cause);
    if (rc != KS_OK)
        return rc;
    memcpy(text, secret_bytes(content), secret_length(content));
    secret_free(&content);
    if (sscanf(text, "0x%8x %74[0-9a-f]", &handle, hex) != 2 ||
        strlen(hex) % 2 != 0 || handle < HANDLE_FIRST || handle > HANDLE_LAST)
        return err_set(cause, KS_ERR_TOKEN_FAILED,
                       "%s names no handle; put it back from a copy, or have "
                       "the key evicted and remove the file",
                       file);
    key->handle = handle;
    key->name.size = (UINT16)(strlen(hex) / 2);
    for (size_t i = 0; i < key->name.size; i++)
        (void)sscanf(hex + 2 * i, "%2hhx", &key->name.name[i]);
    return KS_OK;
}

static enum ks_err
copy_auth(struct tpm2_key *key, const struct secret *from,
          struct err_cause *cause)
{
    size_t length = from != NULL ? secret_length(from) : 0;

    if (secret_new(AUTH_LENGTH, &key->auth) != KS_OK)
        return err_set(cause, KS_ERR_MEMORY_LOCK, "authorisation value");
    if (length > 0)
        memcpy(secret_space(key->auth), secret_bytes(from), length);
    secret_set_length(key->auth, length);
    return KS_OK;
}

/* A file of ours, an empty value by the key's own word, or the PIN. */
static enum ks_err
read_auth(struct tpm2_key *key, bool empty, struct err_cause *cause)
{
    char name[NAME_SIZE];
    enum ks_err rc;

    file_name(name, key, "auth");
    rc = key_file_read(directory_of(key), name, AUTH_LENGTH, &key->auth, cause);
    if (rc != KS_ERR_KEY_MISSING)
        return rc;
    if (empty)
        return copy_auth(key, NULL, cause);
    if (pin_of(key) == NULL)
        return err_set(cause, KS_ERR_PIN_NEEDED, "for key %s", key->id);
    key->auth_is_pin = true;
    return copy_auth(key, pin_of(key), cause);
}

bool
tpm2_record_has_handle(const struct tpm2_key *key)
{
    return exists(key, "handle");
}

enum ks_err
tpm2_record_read(struct tpm2_key *key, struct err_cause *cause)
{
    bool empty = false;
    enum ks_err rc = tpm2_record_has_handle(key) ? read_handle(key, cause)
                                                 : read_pem(key, &empty, cause);

    if (rc == KS_OK)
        rc = stamp(key, cause);
    if (rc == KS_OK)
        rc = read_auth(key, empty, cause);
    return rc;
}

/* Without bytes that end a line or a text, so that the file serves other
 * software as a file of a passphrase. */
static bool
fill_random(uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        if (RAND_priv_bytes(bytes + i, 1) != 1)
            return false;
        i += bytes[i] != '\0' && bytes[i] != '\n' && bytes[i] != '\r';
    }
    return true;
}

static enum ks_err
write_auth(const struct tpm2_key *key, struct err_cause *cause)
{
    char name[NAME_SIZE];

    file_name(name, key, "auth");
    return key_file_write(directory_of(key), name, key->auth, cause);
}

enum ks_err
tpm2_record_new_auth(struct tpm2_key *key, struct err_cause *cause)
{
    if (pin_of(key) != NULL) {
        key->auth_is_pin = true;
        return copy_auth(key, pin_of(key), cause);
    }
    if (secret_new(AUTH_LENGTH, &key->auth) != KS_OK)
        return err_set(cause, KS_ERR_MEMORY_LOCK, "authorisation value");
    if (!fill_random(secret_space(key->auth), AUTH_LENGTH))
        return err_set_openssl(cause, KS_ERR_INTERNAL, "authorisation value");
    secret_set_length(key->auth, AUTH_LENGTH);
    return write_auth(key, cause);
}

static enum ks_err
encode_handle(const struct tpm2_key *key, struct secret **ret,
              struct err_cause *cause)
{
    char hex[2 * sizeof key->name.name + 1], text[HANDLE_TEXT_MAX];
    int length;

    hex_write(hex, key->name.name, key->name.size);
    length = snprintf(text, sizeof text, "0x%08x %s\n", key->handle, hex);
    if (length >= (int)sizeof text || secret_new((size_t)length, ret) != KS_OK)
        return err_set(cause, KS_ERR_INTERNAL, "handle file");
    memcpy(secret_space(*ret), text, (size_t)length);
    secret_set_length(*ret, (size_t)length);
    return KS_OK;
}

enum ks_err
tpm2_record_write(struct tpm2_key *key, const char *label,
                  struct err_cause *cause)
{
    const struct tpm2_pem pem = {.empty_auth = secret_length(key->auth) == 0,
                                 .parent = tpm2_key_store(key)->srk_parent,
                                 .public = key->public,
                                 .private = key->private};
    char name[NAME_SIZE];
    struct secret *content = NULL;
    enum ks_err rc = key->handle != 0
                         ? encode_handle(key, &content, cause)
                         : tpm2_pem_encode(&pem, label, &content, cause);

    file_name(name, key, key->handle != 0 ? "handle" : "pem");
    if (rc == KS_OK)
        rc = key_file_write(directory_of(key), name, content, cause);
    secret_free(&content);
    if (rc == KS_OK)
        rc = stamp(key, cause);
    return rc;
}

enum ks_err
tpm2_record_drop_pem(const struct tpm2_key *key, struct err_cause *cause)
{
    char name[NAME_SIZE];

    if (!exists(key, "pem"))
        return KS_OK;
    file_name(name, key, "pem");
    return key_file_remove(directory_of(key), name, cause);
}

enum ks_err
tpm2_record_remove(const struct tpm2_key *key, struct err_cause *cause)
{
    static const char *const suffixes[] = {"handle", "pem", "auth"};
    enum ks_err rc = KS_OK;
    bool any = exists(key, "handle") || exists(key, "pem");
    char name[NAME_SIZE];

    /* What cannot be overwritten can still be removed. */
    file_name(name, key, "auth");
    (void)!key_file_overwrite(directory_of(key), name, NULL);
    for (size_t i = 0; rc == KS_OK && i < 3; i++) {
        file_name(name, key, suffixes[i]);
        rc = key_file_remove(directory_of(key), name, cause);
        if (rc == KS_ERR_KEY_MISSING)
            rc = KS_OK;
    }
    if (rc == KS_OK && !any)
        rc = err_set(cause, KS_ERR_KEY_MISSING, "no file of this id");
    return rc;
}

enum ks_err
tpm2_record_clear(const struct tpm2_key *key, struct err_cause *cause)
{
    enum ks_err rc = tpm2_record_remove(key, cause);

    return rc == KS_ERR_KEY_MISSING ? KS_OK : rc;
}
