/* SPDX-License-Identifier: Apache-2.0 */
/* usage: NAME DIRECTORY
 * Where there is no libFuzzer: each file of the corpus, once. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

#define INPUT_MAX 65536

/* In memory of just its size, so that a sanitizer sees the byte behind. */
static bool
replay(const char *directory, const char *name)
{
    static uint8_t buffer[INPUT_MAX];
    char path[4096];
    uint8_t *bytes;
    size_t length;
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    file = fopen(path, "rb");
    if (file == NULL)
        return false;
    length = fread(buffer, 1, sizeof buffer, file);
    (void)fclose(file);
    bytes = malloc(length > 0 ? length : 1);
    if (bytes == NULL)
        return false;
    for (size_t i = 0; i < length; i++)
        bytes[i] = buffer[i];
    (void)LLVMFuzzerTestOneInput(bytes, length);
    free(bytes);
    return true;
}

int
main(int argc, char **argv)
{
    DIR *directory = argc == 2 ? opendir(argv[1]) : NULL;
    const struct dirent *entry;
    unsigned count = 0;

    if (directory == NULL) {
        (void)fputs("usage: NAME DIRECTORY\n", stderr);
        return 64;
    }
    while ((entry = readdir(directory)) != NULL)
        if (entry->d_name[0] != '.' && replay(argv[1], entry->d_name))
            count++;
    (void)closedir(directory);
    (void)printf("%u inputs\n", count);
    return count > 0 ? 0 : 1;
}
