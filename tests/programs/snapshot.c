/* SPDX-License-Identifier: Apache-2.0 */
/* Symbolic links are not followed, and only plain files are read. */
#include "tests/programs/snapshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#include "tests/support/rig.h"

static void
write_hash(FILE *out, const char *path)
{
    uint8_t hash[32];
    size_t length = 0;
    char *bytes = rig_read(path, &length);

    assert_int_equal(
        EVP_Q_digest(NULL, "SHA256", NULL, bytes, length, hash, NULL), 1);
    for (size_t i = 0; i < sizeof hash; i++)
        (void)fprintf(out, "%02x", hash[i]);
    free(bytes);
}

static void write_tree(FILE *out, const char *path);

static void
write_entries(FILE *out, const char *path)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, NULL, alphasort);

    assert_true(count >= 0);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        char *below = NULL;

        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
            assert_true(asprintf(&below, "%s/%s", path, name) > 0);
            write_tree(out, below);
        }
        free(below);
        free(entries[i]);
    }
    free(entries);
}

static void
write_tree(FILE *out, const char *path)
{
    struct stat status;

    if (lstat(path, &status) != 0)
        fail_msg("%s: %s", path, strerror(errno));
    (void)fprintf(out, "%s inode %lu mode %o owner %u links %lu", path,
                  (unsigned long)status.st_ino, status.st_mode, status.st_uid,
                  (unsigned long)status.st_nlink);
    (void)fprintf(out, " size %ld changed %ld.%09ld ", (long)status.st_size,
                  (long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    if (S_ISREG(status.st_mode))
        write_hash(out, path);
    (void)fputc('\n', out);
    if (S_ISDIR(status.st_mode))
        write_entries(out, path);
}

char *
snapshot_take(const char *path)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    assert_non_null(out);
    write_tree(out, path);
    assert_int_equal(fclose(out), 0);
    return text;
}
