/* SPDX-License-Identifier: Apache-2.0 */
/* Runs vaultctl and nothing else of the service; never looks into its data. */
#include "tests/support/fresh_directory.h"
#include "tests/vault/rules/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

#define VAULTS 40
#define WORDS_MAX (2 * VAULTS + 8)

static struct {
    char directory[FRESH_DIRECTORY];
    char data[80];  /* vaultctl's DIR */
    json_t *ready;  /* what `vaultctl start` said */
    size_t used;    /* vaults handed out */
    size_t counter; /* names of download directories */
    long clock;
    pid_t caretaker;
    int caretaker_fd; /* the caretaker goes to work when this is closed */
} service;

/* Run a program, its output going to a new memory file, which it returns. */
static int
run(const char *const *argv, int *ret_status)
{
    int out = memfd_create("out", MFD_CLOEXEC);
    pid_t pid = fork();

    if (pid == 0) {
        if (dup2(out, STDOUT_FILENO) == STDOUT_FILENO)
            (void)execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
        ;
    return out;
}

/* PROGRAM COMMAND DIR WORDS..., which must succeed; returns what it said. */
static char *
steer(const char *program, const char *command, const char *const *words)
{
    const char *argv[WORDS_MAX] = {program, command, service.data};
    int status = -1;
    int out;
    char *text;

    for (size_t i = 3; *words != NULL; i++)
        argv[i] = *words++;
    out = run(argv, &status);
    text = service_read_open(out, NULL);
    (void)close(out);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("%s %s ended with status 0x%x: %s", program, command,
                 (unsigned)status, text);
    return text;
}

static char *
vaultctl(const char *command, const char *const *words)
{
    return steer(VAULTCTL, command, words);
}

/* Ends the service once this program has ended, however it ended. */
static void
start_caretaker(void)
{
    const char *stop[] = {VAULTCTL, "stop", service.data, NULL};
    const char *rm[] = {"/bin/rm", "-rf", service.directory, NULL};
    int status[2] = {-1, -1};
    int ends[2];
    char byte;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    service.caretaker = fork();
    assert_true(service.caretaker >= 0);
    if (service.caretaker > 0) {
        (void)close(ends[0]);
        service.caretaker_fd = ends[1];
        return;
    }
    (void)close(ends[1]);
    while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
        ;
    (void)run(stop, &status[0]);
    (void)run(rm, &status[1]);
    _exit(status[0] == 0 && status[1] == 0 ? 0 : 1);
}

int
service_start(void **state)
{
    const char *words[WORDS_MAX] = {NULL};
    json_error_t error;

    (void)state;
    assert_true(fresh_directory("vr", service.directory));
    (void)snprintf(service.data, sizeof service.data, "%s/v",
                   service.directory);
    assert_int_equal(curl_global_init(CURL_GLOBAL_DEFAULT), CURLE_OK);
    start_caretaker();
    for (size_t i = 0; i < VAULTS; i++) {
        words[2 * i] = "--vault";
        words[2 * i + 1] = kept_format("vault-%02zu", i);
    }
    service.ready = json_loads(vaultctl("start", words), 0, &error);
    assert_non_null(service.ready);
    kept_release();
    return 0;
}

int
service_stop(void **state)
{
    int status = -1;

    (void)state;
    kept_release();
    json_decref(service.ready);
    curl_global_cleanup();
    (void)close(service.caretaker_fd);
    while (waitpid(service.caretaker, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    return status;
}

int
service_after_test(void **state)
{
    (void)state;
    if (service.clock != 0)
        service_set_clock(0);
    kept_release();
    return 0;
}

void
service_restart(void)
{
    const char *words[] = {NULL};
    json_error_t error;

    (void)vaultctl("stop", words);
    (void)kept_json(service.ready);
    service.ready = json_loads(vaultctl("start", words), 0, &error);
    assert_non_null(service.ready);
}

static const char *
ready(const char *name)
{
    const char *text = json_string_value(json_object_get(service.ready, name));

    assert_non_null(text);
    return text;
}

const char *
service_url(void)
{
    return ready("url");
}

const char *
service_ca_file(void)
{
    return ready("ca_file");
}

const char *
service_user(void)
{
    return ready("user");
}

const char *
service_password(void)
{
    char *text = service_read_file(ready("password_file"), NULL);

    text[strcspn(text, "\n")] = '\0';
    return text;
}

const char *
service_directory(void)
{
    return service.data;
}

struct vault
service_fresh_vault(void)
{
    json_t *vault = json_array_get(json_object_get(service.ready, "vaults"),
                                   service.used);

    service.used++;
    assert_non_null(vault);
    return (struct vault){json_string_value(json_object_get(vault, "name")),
                          json_string_value(json_object_get(vault, "id"))};
}

/* `vaultctl download` of VAULT with these options behind. */
static const char *
download(struct vault vault, const char *machines, const char *option,
         const char *value)
{
    const char *directory = kept_format("%s/d%zu", service.directory,
                                        service.counter++);
    const char *words[] = {vault.name, "--machines", machines, "--out",
                           directory,  option,       value,    NULL};
    char *path;

    assert_int_equal(mkdir(directory, 0700), 0);
    path = vaultctl("download", words);
    path[strcspn(path, "\n")] = '\0';
    return path;
}

const char *
service_download(struct vault vault, const char *machines, const char *key)
{
    return download(vault, machines, "--key", key);
}

const char *
service_download_days(struct vault vault, const char *days)
{
    const char *longer[] = {days, NULL};
    const char *usual[] = {"2", NULL};
    const char *path;

    (void)steer(VAULTLEVER, "days", longer);
    path = service_download(vault, "several", "rsa2048");
    (void)steer(VAULTLEVER, "days", usual);
    return path;
}

void
service_set_clock(long offset)
{
    const char *words[] = {kept_format("%ld", offset), NULL};

    (void)steer(VAULTLEVER, "clock", words);
    service.clock = offset;
}

long
service_now(void)
{
    return (long)time(NULL) + service.clock;
}

void
service_set_quota(struct vault vault, long bytes)
{
    const char *words[] = {vault.name, "--bytes", kept_format("%ld", bytes),
                           NULL};

    (void)vaultctl("quota", words);
}

void
service_set(struct vault vault, const char *word, const char *value)
{
    const char *words[] = {vault.name, value, NULL};

    (void)vaultctl(word, words);
}

json_t *
service_machines(struct vault vault)
{
    const char *words[] = {vault.name, NULL};

    return kept_lines(vaultctl("machines", words));
}

const json_t *
service_only_machine(struct vault vault)
{
    json_t *machines = service_machines(vault);

    assert_int_equal(json_array_size(machines), 1);
    return json_array_get(machines, 0);
}

const char *
service_work(void)
{
    return service.directory;
}

void
service_revoke_machine(const char *uuid)
{
    const char *words[] = {uuid, NULL};

    (void)vaultctl("revoke", words);
}

void
service_revoke_credential(const char *thumbprint_hex)
{
    const char *words[] = {thumbprint_hex, NULL};

    (void)vaultctl("revoke-credential", words);
}

json_t *
service_records(void)
{
    const char *words[] = {NULL};

    return kept_lines(vaultctl("records", words));
}

json_t *
service_access_log(void)
{
    return kept_lines(service_read_file(
        kept_format("%s/log/access.log", service.data), NULL));
}
