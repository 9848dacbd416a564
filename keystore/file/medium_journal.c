/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the driver, not the mount: data=journal can be a default that is kept
 * in the superblock (tune2fs -o), and mountinfo does not show defaults. */
#include "keystore/file/medium_journal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_SIZE 32

/* The kernel's name of DEVICE, from "DEVNAME=" in its uevent. */
static bool
read_name(int device, char ret[static NAME_SIZE])
{
    static const char key[] = "DEVNAME=";
    int fd = openat(device, "uevent", O_RDONLY | O_CLOEXEC);
    FILE *uevent = fd >= 0 ? fdopen(fd, "r") : NULL;
    char line[128];
    bool found = false;

    if (uevent == NULL) {
        if (fd >= 0)
            (void)close(fd);
        return false;
    }
    while (!found && fgets(line, sizeof line, uevent) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        found = strncmp(line, key, sizeof key - 1) == 0 &&
                strlen(line) - (sizeof key - 1) < NAME_SIZE;
        if (found)
            (void)strcpy(ret, line + sizeof key - 1);
    }
    (void)fclose(uevent);
    return found;
}

enum medium_journal
medium_journal_read(FILE *options)
{
    enum medium_journal ret = MEDIUM_JOURNAL_UNKNOWN;
    char *line = NULL;
    size_t size = 0;

    while (ret != MEDIUM_JOURNAL_DATA && getline(&line, &size, options) >= 0)
        ret = strcmp(line, "data=journal\n") == 0 ? MEDIUM_JOURNAL_DATA
                                                  : MEDIUM_JOURNAL_METADATA;
    free(line);
    return ret;
}

enum medium_journal
medium_journal_of(int device)
{
    char name[NAME_SIZE];
    char path[64];
    FILE *options;
    enum medium_journal ret;

    if (!read_name(device, name))
        return MEDIUM_JOURNAL_UNKNOWN;
    (void)snprintf(path, sizeof path, "/proc/fs/ext4/%s/options", name);
    options = fopen(path, "re");
    if (options == NULL)
        return MEDIUM_JOURNAL_UNKNOWN;
    ret = medium_journal_read(options);
    (void)fclose(options);
    return ret;
}
