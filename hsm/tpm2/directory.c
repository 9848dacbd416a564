/* SPDX-License-Identifier: Apache-2.0 */
/* Looks through the files of keys; what is none of ours is passed over. */
#include "hsm/tpm2/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hsm/tpm2/pem.h"
#include "hsm/tpm2/public.h"
#include "keystore/base/hex.h"
#include "keystore/store/key_file.h"

#define ID_DIGITS (2 * (size_t)KEYSTORE_ID_LENGTH)

static bool
file_has_name(const struct tpm2_store *store, const char *file, void *wanted)
{
    struct secret *text = NULL;
    struct tpm2_pem pem;
    TPM2B_NAME name;
    bool same = key_file_read(store->keys, file, TPM2_PEM_MAX, &text, NULL) ==
                    KS_OK &&
                tpm2_pem_decode(secret_bytes(text), secret_length(text), &pem,
                                NULL) == KS_OK &&
                tpm2_public_name(&pem.public, &name, NULL) == KS_OK &&
                tpm2_public_same_name(&name, wanted);

    secret_free(&text);
    return same;
}

/* A file that names a handle and, behind it, the Name in digits. */
static bool
record_has_name(const struct tpm2_store *store, const char *file, void *wanted)
{
    const TPM2B_NAME *name = wanted;
    char hex[2 * sizeof name->name + 1];
    struct secret *text = NULL;
    bool same;

    hex_write(hex, name->name, name->size);
    same = key_file_read(store->keys, file, TPM2_PEM_MAX, &text, NULL) ==
               KS_OK &&
           memmem(secret_bytes(text), secret_length(text), hex, strlen(hex)) !=
               NULL;
    secret_free(&text);
    return same;
}

/* Call VISIT with each file of SUFFIX until it answers true. */
static bool
visit(const struct tpm2_store *store, const char *suffix,
      bool (*visit_file)(const struct tpm2_store *, const char *, void *),
      void *context)
{
    int fd = openat(store->keys, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    bool found = false;

    if (directory == NULL && fd >= 0)
        (void)close(fd);
    while (directory != NULL && !found &&
           (entry = readdir(directory)) != NULL) {
        const char *dot = strchr(entry->d_name, '.');

        found = dot != NULL && strcmp(dot + 1, suffix) == 0 &&
                visit_file(store, entry->d_name, context);
    }
    if (directory != NULL)
        (void)closedir(directory);
    return found;
}

bool
tpm2_directory_has_name(const struct tpm2_store *store, const TPM2B_NAME *name)
{
    TPM2B_NAME wanted = *name;

    /* An object without a hash for its Name has none, and is none of ours. */
    if (name->size == 0)
        return false;
    return visit(store, "pem", file_has_name, &wanted) ||
           visit(store, "handle", record_has_name, &wanted);
}

/* FILE is ID.pem or ID.handle; is there no ID.auth? */
static bool
wants_pin(const struct tpm2_store *store, const char *file, void *id)
{
    char auth[ID_DIGITS + sizeof ".auth"];
    struct stat status;

    if (strspn(file, "0123456789abcdef") != ID_DIGITS)
        return false;
    (void)snprintf(auth, sizeof auth, "%.*s.auth", (int)ID_DIGITS, file);
    if (fstatat(store->keys, auth, &status, AT_SYMLINK_NOFOLLOW) == 0)
        return false;
    for (size_t i = 0; i < KEYSTORE_ID_LENGTH; i++)
        (void)sscanf(file + 2 * i, "%2hhx", (uint8_t *)id + i);
    return true;
}

bool
tpm2_directory_find_with_pin(const struct tpm2_store *store,
                             uint8_t ret[static KEYSTORE_ID_LENGTH])
{
    return visit(store, "pem", wants_pin, ret) ||
           visit(store, "handle", wants_pin, ret);
}
