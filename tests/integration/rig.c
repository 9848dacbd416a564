/* SPDX-License-Identifier: Apache-2.0 */
/* Starts and stops real processes; readiness is what they say, never a pause.
 */
#include "tests/integration/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 48

/* Both pipes to their ends, without waiting on one while the other fills. */
static void
drain(int out, int err, struct rig_run *run)
{
    struct pollfd items[] = {{.fd = out, .events = POLLIN},
                             {.fd = err, .events = POLLIN}};
    char *to[] = {run->out, run->err};
    size_t room[] = {sizeof run->out - 1, sizeof run->err - 1};

    while (items[0].fd >= 0 || items[1].fd >= 0) {
        assert_true(poll(items, 2, 120000) > 0);
        for (int i = 0; i < 2; i++) {
            ssize_t n;

            if (items[i].fd < 0 || items[i].revents == 0)
                continue;
            n = read(items[i].fd, to[i], room[i]);
            assert_true(n >= 0 && room[i] > 0);
            if (n == 0)
                items[i].fd = -1;
            to[i] += n;
            room[i] -= (size_t)n;
        }
    }
    *to[0] = *to[1] = '\0';
}

void
rig_run(struct rig_run *run, const char *const *argv)
{
    int out[2], err[2], status;
    pid_t pid;

    memset(run, 0, sizeof *run);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(err, O_CLOEXEC), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int null = open("/dev/null", O_RDONLY);

        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (dup2(null, 0) == 0 && dup2(out[1], 1) == 1 && dup2(err[1], 2) == 2)
            execv(argv[0], (char *const *)(const void *)argv);
        _exit(127);
    }
    close(out[1]);
    close(err[1]);
    drain(out[0], err[0], run);
    close(out[0]);
    close(err[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    run->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* A step of the rig itself, which must succeed. */
static void
must(struct rig_run *run, const char *const *argv)
{
    rig_run(run, argv);
    if (run->status != 0)
        fail_msg("%s: %d\n%s%s", argv[0], run->status, run->out, run->err);
}

void
rig_vaultctl(struct rig *rig, struct rig_run *run, const char *first,
             const char *second, const char *third)
{
    const char *argv[] = {VAULTCTL, first, rig->vault, second, third, NULL};

    must(run, argv);
}

static void
start_vault(struct rig *rig)
{
    static struct rig_run run;
    json_t *ready;
    const char *url;

    rig_vaultctl(rig, &run, "start", "--vault", "lab1");
    ready = rig_json(&run);
    url = json_string_value(json_object_get(ready, "url"));
    assert_non_null(url);
    snprintf(rig->host, sizeof rig->host, "%s", url + strlen("https://"));
    snprintf(rig->ca_file, sizeof rig->ca_file, "%s",
             json_string_value(json_object_get(ready, "ca_file")));
    json_decref(ready);
}

static void
write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
}

static void
start_softhsm(struct rig *rig)
{
    static struct rig_run run;
    const char *argv[] = {"/usr/bin/softhsm2-util",
                          "--init-token",
                          "--free",
                          "--label",
                          "rig",
                          "--so-pin",
                          "12345678",
                          "--pin",
                          RIG_PIN,
                          NULL};
    char path[RIG_PATH + 32], text[2 * RIG_PATH + 128];

    snprintf(path, sizeof path, "%s/tokens", rig->directory);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(text, sizeof text,
             "directories.tokendir = %s\nobjectstore.backend = file\n"
             "log.level = ERROR\nslots.removable = false\n",
             path);
    snprintf(path, sizeof path, "%s/softhsm2.conf", rig->directory);
    write_file(path, text);
    assert_int_equal(setenv("SOFTHSM2_CONF", path, 1), 0);
    must(&run, argv);
    snprintf(rig->token, sizeof rig->token, "pkcs11:token=rig?module-path=%s",
             SOFTHSM_MODULE);
    write_file(rig->pin_file, RIG_PIN "\n");
}

void
rig_start(struct rig *rig, const char *kind)
{
    const char *bin = getenv("HOLDFAST_BIN");

    memset(rig, 0, sizeof *rig);
    snprintf(rig->directory, sizeof rig->directory, "/tmp/holdfast-XXXXXX");
    assert_non_null(mkdtemp(rig->directory));
    rig->pkcs11 = strcmp(kind, "pkcs11") == 0;
    snprintf(rig->bin, sizeof rig->bin, "%s", bin != NULL ? bin : HOLDFAST_BIN);
    snprintf(rig->vault, sizeof rig->vault, "%.100s/vault", rig->directory);
    snprintf(rig->state, sizeof rig->state, "%.100s/state", rig->directory);
    snprintf(rig->pin_file, sizeof rig->pin_file, "%.100s/pin", rig->directory);
    snprintf(rig->token, sizeof rig->token, "soft:");
    if (rig->pkcs11)
        start_softhsm(rig);
    start_vault(rig);
}

void
rig_stop(struct rig *rig)
{
    static struct rig_run run;
    const char *remove[] = {"/bin/rm", "-rf", rig->directory, NULL};

    rig_vaultctl(rig, &run, "stop", NULL, NULL);
    must(&run, remove);
}

void
rig_download(struct rig *rig, const char *machines, char ret[static RIG_PATH])
{
    static struct rig_run run;
    const char *argv[] = {VAULTCTL, "download",     rig->vault,
                          "lab1",   "--machines",   machines,
                          "--out",  rig->directory, NULL};

    must(&run, argv);
    run.out[strcspn(run.out, "\n")] = '\0';
    snprintf(ret, RIG_PATH, "%.*s", RIG_PATH - 1, run.out);
}

static void
add(const char **words, size_t *count, const char *word)
{
    assert_true(*count + 1 < WORDS_MAX);
    words[(*count)++] = word;
}

static void
add_options(struct rig *rig, const char *command, const char **words,
            size_t *count)
{
    bool registers = strcmp(command, "register") == 0;
    bool leaves = strcmp(command, "unregister") == 0;

    if (strcmp(command, "show") != 0) {
        add(words, count, "--state-dir");
        add(words, count, rig->state);
    }
    if (registers || strcmp(command, "show") == 0) {
        add(words, count, "--vault-host");
        add(words, count, rig->host);
    }
    if (registers) {
        add(words, count, "--token");
        add(words, count, rig->token);
        add(words, count, "--ca-file");
        add(words, count, rig->ca_file);
        add(words, count, "--allow-emulation");
    }
    if (rig->pkcs11 && (registers || leaves)) {
        add(words, count, "--pin-file");
        add(words, count, rig->pin_file);
    }
}

void
rig_holdfast(struct rig *rig, struct rig_run *run, const char *command, ...)
{
    const char *words[WORDS_MAX] = {NULL};
    char program[RIG_PATH + 16];
    const char *word;
    size_t count = 0;
    va_list args;

    snprintf(program, sizeof program, "%s/holdfast", rig->bin);
    add(words, &count, program);
    add(words, &count, command);
    add_options(rig, command, words, &count);
    va_start(args, command);
    while ((word = va_arg(args, const char *)) != NULL)
        add(words, &count, word);
    va_end(args);
    rig_run(run, words);
}

void
rig_register(struct rig *rig, struct rig_run *run, const char *file)
{
    rig_holdfast(rig, run, "register", "--expect-vault", "lab1", "--json", file,
                 NULL);
}

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
count_soft_keys(struct rig *rig)
{
    char path[RIG_PATH + 16];
    DIR *directory;
    struct dirent *entry;
    size_t count = 0;

    snprintf(path, sizeof path, "%s/keys", rig->state);
    directory = opendir(path);
    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL)
        count += strstr(entry->d_name, ".key") != NULL;
    closedir(directory);
    return count;
}

size_t
rig_count_keys(struct rig *rig)
{
    static struct rig_run run;
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
    size_t count = 0;

    if (!rig->pkcs11)
        return count_soft_keys(rig);
    must(&run, argv);
    for (const char *at = run.out;
         (at = strstr(at, "Private Key Object")) != NULL; at++)
        count++;
    return count;
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
