/* SPDX-License-Identifier: Apache-2.0 */
/* Sources, repositories, and processes while they are at work. */
#include "tests/support/rig_data.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct rig_run run;

/* A script with the rig's directory as its first argument. */
static void
shell(const struct rig *rig, const char *script, const char *second)
{
    const char *argv[] = {"/bin/sh",      "-euc", script, "sh",
                          rig->directory, second, NULL};

    rig_run(&run, argv);
    rig_expect(&run, 0, "");
}

void
rig_data_prepare(struct rig *rig)
{
    char file[RIG_PATH];

    rig_download(rig, "several", file);
    rig_register(rig, &run, file);
    rig_expect(&run, 0, "");
    snprintf(rig->passphrase, sizeof rig->passphrase, "%.100s/passphrase",
             rig->directory);
    snprintf(rig->source, sizeof rig->source, "%.100s/source", rig->directory);
    rig_holdfast(rig, &run, "passphrase", "generate", "--out", rig->passphrase,
                 NULL);
    rig_expect(&run, 0, "");
    shell(rig,
          "mkdir -p \"$1/source/inner\"; cd \"$1/source\"; "
          "head -c 3000000 /dev/urandom >noise; "
          "yes '" RIG_DATA_MARKER "' | head -n 5000 >inner/text; "
          "printf x >'a name with spaces'; ln -s noise link; : >empty",
          NULL);
}

void
rig_data_back_up(struct rig *rig)
{
    rig_holdfast(rig, &run, "backup", rig->source, NULL);
    rig_expect(&run, 0, "");
}

void
rig_data_add_machine(const struct rig *rig, const char *state, struct rig *ret)
{
    char file[RIG_PATH];

    *ret = *rig;
    snprintf(ret->state, sizeof ret->state, "%.100s/%s", rig->directory, state);
    rig_download(ret, "several", file);
    rig_register(ret, &run, file);
    rig_expect(&run, 0, "");
}

void
rig_data_expect_restored(struct rig *rig)
{
    char target[RIG_PATH + 16];

    snprintf(target, sizeof target, "%s/restored", rig->directory);
    rig_holdfast(rig, &run, "restore", "--target", target, NULL);
    rig_expect(&run, 0, "");
    shell(rig,
          "cd \"$1/restored\"; diff -r --no-dereference \"$1/source\" "
          "\"$(find . -name source)\"; rm -rf \"$1/restored\"",
          NULL);
}

/* What matches, relative to where the vault keeps data. */
static size_t
count_matches(const struct rig *rig, const char *pattern, glob_t *found)
{
    char path[RIG_PATH + 96];

    snprintf(path, sizeof path, "%s/data/%s", rig->vault, pattern);
    return glob(path, 0, NULL, found) == 0 ? found->gl_pathc : 0;
}

size_t
rig_data_count(const struct rig *rig, const char *type)
{
    char pattern[64];
    glob_t found = {.gl_pathc = 0};
    size_t count;

    snprintf(pattern, sizeof pattern, "*/*/%s/*", type);
    count = count_matches(rig, pattern, &found);
    globfree(&found);
    return count;
}

void
rig_data_repository(const struct rig *rig, char ret[static RIG_PATH])
{
    glob_t found = {.gl_pathc = 0};

    assert_int_equal(count_matches(rig, "*/*", &found), 1);
    snprintf(ret, RIG_PATH, "%s", found.gl_pathv[0]);
    globfree(&found);
}

void
rig_data_write(const struct rig *rig, const char *name, const char *text,
               char ret[static RIG_PATH])
{
    snprintf(ret, RIG_PATH, "%.100s/%s", rig->directory, name);
    rig_write(ret, text, strlen(text));
}

void
rig_data_machine(struct rig *rig, char ret[static 64])
{
    json_t *status;

    rig_holdfast(rig, &run, "status", "--json", NULL);
    status = rig_json(&run);
    snprintf(ret, 64, "%s",
             json_string_value(
                 json_object_get(json_object_get(status, "machine"), "id")));
    json_decref(status);
}

void
rig_data_replace(struct rig *rig, const char *machine,
                 char ret[static RIG_PATH])
{
    const char *argv[] = {"/bin/sh", REPLACE, rig->directory,
                          rig->host, machine, NULL};

    rig_run(&run, argv);
    rig_expect(&run, 0, "");
    run.out[strcspn(run.out, "\n")] = '\0';
    (void)snprintf(ret, RIG_PATH, "%.*s", RIG_PATH - 1, run.out);
}

pid_t
rig_data_spawn(const struct rig *rig, const char *command, const char *word)
{
    bool pin = rig->kind == RIG_PKCS11;
    const char *argv[] = {"holdfast",
                          command,
                          "--state-dir",
                          rig->state,
                          "--passphrase-file",
                          rig->passphrase,
                          pin ? "--pin-file" : "--",
                          pin ? rig->pin_file : word,
                          pin ? "--" : NULL,
                          word,
                          NULL};
    char program[RIG_PATH + 16];
    pid_t pid = fork();

    snprintf(program, sizeof program, "%s/holdfast", rig->bin);
    assert_true(pid >= 0);
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)dup2(null, STDIN_FILENO);
        (void)dup2(null, STDOUT_FILENO);
        (void)dup2(null, STDERR_FILENO);
        (void)execv(program, (char *const *)(const void *)argv);
        _exit(127);
    }
    return pid;
}

int
rig_data_wait(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void
rig_data_until(bool (*is_so)(void *context), void *context)
{
    const struct timespec pause = {0, 5000000};

    for (unsigned i = 0; !is_so(context); i++) {
        assert_true(i < 12000);
        (void)nanosleep(&pause, NULL);
    }
}

/* Name and parent of a process that may be gone. */
static bool
look_at(pid_t pid, char name[static 32], pid_t *ret_parent)
{
    char path[64], text[512];
    FILE *file;
    size_t length;
    char *end;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    file = fopen(path, "re");
    if (file == NULL)
        return false;
    length = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[length] = '\0';
    end = strrchr(text, ')');
    if (end == NULL)
        return false;
    *end = '\0';
    snprintf(name, 32, "%s", strchr(text, '(') + 1);
    return sscanf(end + 1, " %*c %d", ret_parent) == 1;
}

static bool
descends(pid_t pid, pid_t root)
{
    char name[32];

    while (pid > 1 && pid != root)
        if (!look_at(pid, name, &pid))
            return false;
    return pid == root;
}

pid_t
rig_data_find(pid_t root, const char *name, const char *parent)
{
    glob_t found = {.gl_pathc = 0};
    pid_t result = 0;

    assert_int_equal(glob("/proc/[0-9]*", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc && result == 0; i++) {
        pid_t pid = atoi(found.gl_pathv[i] + strlen("/proc/"));
        char its_name[32], parents_name[32];
        pid_t its_parent, other;

        if (look_at(pid, its_name, &its_parent) &&
            strncmp(its_name, name, 15) == 0 && strlen(its_name) <= 15 &&
            (parent == NULL || (look_at(its_parent, parents_name, &other) &&
                                strcmp(parents_name, parent) == 0)) &&
            descends(pid, root))
            result = pid;
    }
    globfree(&found);
    return result;
}
