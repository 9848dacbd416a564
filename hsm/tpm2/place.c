/* SPDX-License-Identifier: Apache-2.0 */
/* A file that is not named like a key's is passed over. */
#include "hsm/tpm2/place.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID_DIGITS (2 * (size_t)KEYSTORE_ID_LENGTH)

void
tpm2_place_file(const struct tpm2_place *place, const char *suffix,
                char ret[static TPM2_PLACE_FILE])
{
    (void)snprintf(ret, TPM2_PLACE_FILE, "%s.%s", place->id, suffix);
}

bool
tpm2_place_has(const struct tpm2_place *place, const char *suffix)
{
    char name[TPM2_PLACE_FILE];
    struct stat status;

    tpm2_place_file(place, suffix, name);
    return fstatat(place->directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Take the id out of FILE, if it is named like a key's. */
static bool
take_id(struct tpm2_place *place, const char *file)
{
    if (strspn(file, "0123456789abcdef") != ID_DIGITS ||
        (strcmp(file + ID_DIGITS, ".pem") != 0 &&
         strcmp(file + ID_DIGITS, ".handle") != 0))
        return false;
    (void)snprintf(place->id, sizeof place->id, "%.*s", (int)ID_DIGITS, file);
    return true;
}

bool
tpm2_place_find(int directory,
                bool (*is_wanted)(const struct tpm2_place *place,
                                  const void *context),
                const void *context, struct tpm2_place *ret)
{
    struct tpm2_place place = {.directory = directory};
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *files = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    bool found = false;

    if (files == NULL && fd >= 0)
        (void)close(fd);
    while (files != NULL && !found && (entry = readdir(files)) != NULL)
        found = take_id(&place, entry->d_name) && is_wanted(&place, context);
    if (files != NULL)
        (void)closedir(files);
    if (found)
        *ret = place;
    return found;
}
