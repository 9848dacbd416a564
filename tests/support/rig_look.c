/* SPDX-License-Identifier: Apache-2.0 */
/* What a test can see from outside: outputs, the vault's records, the token,
 * files. */
#include "tests/support/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

json_t *
rig_json(const struct rig_run *run)
{
    json_error_t error;
    json_t *json = json_loads(run->out, JSON_REJECT_DUPLICATES, &error);

    if (json == NULL)
        fail_msg("no JSON: %s\n%s%s", error.text, run->out, run->err);
    return json;
}

/* One JSON object a line. */
static json_t *
parse_lines(char *text)
{
    json_t *array = json_array();
    char *rest = text;
    char *line;

    while ((line = strsep(&rest, "\n")) != NULL) {
        json_error_t error;
        json_t *object;

        if (*line == '\0')
            continue;
        object = json_loads(line, 0, &error);
        if (object == NULL)
            fail_msg("no JSON: %s: %s", error.text, line);
        json_array_append_new(array, object);
    }
    return array;
}

json_t *
rig_records(struct rig *rig)
{
    static struct rig_run run;

    rig_vaultctl(rig, &run, "records", NULL, NULL);
    return parse_lines(run.out);
}

json_t *
rig_access_log(struct rig *rig)
{
    char path[RIG_PATH + 32];
    char *text;
    json_t *array;

    snprintf(path, sizeof path, "%s/log/access.log", rig->vault);
    text = rig_read(path, NULL);
    array = parse_lines(text);
    free(text);
    return array;
}

static size_t
count_key_files(struct rig *rig, const char *suffix)
{
    char path[RIG_PATH + 16];
    DIR *directory;
    struct dirent *entry;
    size_t count = 0;

    snprintf(path, sizeof path, "%s/keys", rig->state);
    directory = opendir(path);
    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL)
        count += strstr(entry->d_name, suffix) != NULL;
    closedir(directory);
    return count;
}

void
rig_list_keys(struct rig *rig, struct rig_run *run)
{
    const char *argv[] = {"/usr/bin/pkcs11-tool",
                          "--module",
                          SOFTHSM_MODULE,
                          "--token-label",
                          "rig",
                          "--login",
                          "--pin",
                          RIG_PIN,
                          "--list-objects",
                          "--type",
                          "privkey",
                          NULL};

    assert_int_equal(rig->kind, RIG_PKCS11);
    rig_run(run, argv);
    rig_expect(run, 0, "");
}

size_t
rig_count_keys(struct rig *rig)
{
    static struct rig_run run;
    size_t count = 0;

    if (rig->kind == RIG_TPM2)
        return count_key_files(rig, ".pem") + count_key_files(rig, ".handle");
    if (rig->kind == RIG_SOFT)
        return count_key_files(rig, ".key");
    rig_list_keys(rig, &run);
    for (const char *at = run.out;
         (at = strstr(at, "Private Key Object")) != NULL; at++)
        count++;
    return count;
}

bool
rig_exists(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

char *
rig_read(const char *path, size_t *ret_length)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *text;
    size_t length = 0;
    ssize_t n;

    if (fd < 0 || fstat(fd, &status) != 0)
        fail_msg("%s: %s", path, strerror(errno));
    text = malloc((size_t)status.st_size + 1);
    assert_non_null(text);
    while ((n = read(fd, text + length, (size_t)status.st_size - length)) > 0)
        length += (size_t)n;
    close(fd);
    text[length] = '\0';
    if (ret_length != NULL)
        *ret_length = length;
    return text;
}

void
rig_write(const char *path, const void *bytes, size_t length)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    assert_int_equal(close(fd), 0);
}
