/* SPDX-License-Identifier: Apache-2.0 */
/* Starts and stops real processes; readiness is what they say, never a pause.
 */
#include "tests/support/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/tpm2/swtpm.h"
#include "tests/support/tpm2/tap.h"

#define WORDS_MAX 48

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

void
rig_vaultlever(struct rig *rig, const char *name, const char *value)
{
    static struct rig_run run;
    const char *argv[] = {VAULTLEVER, name, rig->vault, value, NULL};

    must(&run, argv);
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
    rig_write(path, text, strlen(text));
    assert_int_equal(setenv("SOFTHSM2_CONF", path, 1), 0);
    must(&run, argv);
    snprintf(rig->token, sizeof rig->token, "pkcs11:token=rig?module-path=%s",
             SOFTHSM_MODULE);
    rig_write(rig->pin_file, RIG_PIN "\n", strlen(RIG_PIN "\n"));
}

static void
use_tpm(struct rig *rig, const char *socket)
{
    snprintf(rig->token, sizeof rig->token, "tpm2:swtpm=%s", socket);
}

static void
start_swtpm(struct rig *rig)
{
    rig->tpm = swtpm_new(rig->directory);
    assert_non_null(rig->tpm);
    use_tpm(rig, swtpm_socket(rig->tpm));
}

static void
start_endorsed(struct rig *rig)
{
    snprintf(rig->maker, sizeof rig->maker, "%s/maker", rig->directory);
    rig->tpm = swtpm_new_endorsed(rig->directory, rig->maker);
    assert_non_null(rig->tpm);
    use_tpm(rig, swtpm_socket(rig->tpm));
}

void
rig_tap(struct rig *rig)
{
    assert_int_equal(rig->kind, RIG_TPM2);
    rig->tap = tap_new(swtpm_socket(rig->tpm), rig->directory);
    assert_non_null(rig->tap);
    use_tpm(rig, tap_socket(rig->tap));
}

static void
start_soft(struct rig *rig)
{
    snprintf(rig->token, sizeof rig->token, "soft:");
}

static const struct {
    const char *name;
    enum rig_kind kind;
    void (*start)(struct rig *rig);
} kinds[] = {
    {"soft", RIG_SOFT, start_soft},
    {"pkcs11", RIG_PKCS11, start_softhsm},
    {"tpm2", RIG_TPM2, start_swtpm},
    {"endorsed", RIG_TPM2, start_endorsed},
};

static void
start_token(struct rig *rig, const char *kind)
{
    size_t i = 0;

    while (i < sizeof kinds / sizeof kinds[0] &&
           strcmp(kinds[i].name, kind) != 0)
        i++;
    if (i == sizeof kinds / sizeof kinds[0])
        fail_msg("no kind of token: %s", kind);
    rig->kind = kinds[i].kind;
    kinds[i].start(rig);
}

void
rig_start(struct rig *rig, const char *kind)
{
    memset(rig, 0, sizeof *rig);
    assert_true(fresh_directory("holdfast", rig->directory));
    snprintf(rig->bin, sizeof rig->bin, "%s", HOLDFAST_BIN);
    snprintf(rig->vault, sizeof rig->vault, "%.100s/vault", rig->directory);
    snprintf(rig->state, sizeof rig->state, "%.100s/state", rig->directory);
    snprintf(rig->pin_file, sizeof rig->pin_file, "%.100s/pin", rig->directory);
    start_token(rig, kind);
    start_vault(rig);
}

void
rig_stop(struct rig *rig)
{
    static struct rig_run run;
    const char *remove[] = {"/bin/rm", "-rf", rig->directory, NULL};

    tap_free(&rig->tap);
    swtpm_free(&rig->tpm);
    rig_vaultctl(rig, &run, "stop", NULL, NULL);
    must(&run, remove);
}

static void
download(struct rig *rig, const char *machines, const char *key,
         char ret[static RIG_PATH])
{
    static struct rig_run run;
    const char *argv[] = {VAULTCTL,     "download",     rig->vault, "lab1",
                          "--machines", machines,       "--key",    key,
                          "--out",      rig->directory, NULL};

    must(&run, argv);
    run.out[strcspn(run.out, "\n")] = '\0';
    snprintf(ret, RIG_PATH, "%.*s", RIG_PATH - 1, run.out);
}

void
rig_download(struct rig *rig, const char *machines, char ret[static RIG_PATH])
{
    download(rig, machines, "rsa2048", ret);
}

void
rig_download_key(struct rig *rig, const char *kind, char ret[static RIG_PATH])
{
    download(rig, "several", kind, ret);
}

static void
add(const char **words, size_t *count, const char *word)
{
    assert_true(*count + 1 < WORDS_MAX);
    words[(*count)++] = word;
}

static bool
is_one_of(const char *command, const char *const *commands)
{
    while (*commands != NULL && strcmp(*commands, command) != 0)
        commands++;
    return *commands != NULL;
}

static void
add_option(const char **words, size_t *count, const char *option,
           const char *value)
{
    add(words, count, option);
    add(words, count, value);
}

static void
add_options(struct rig *rig, const char *command, const char **words,
            size_t *count)
{
    static const char *const stateless[] = {"show", "passphrase", NULL};
    static const char *const data[] = {"backup", "restore", "snapshots", NULL};
    static const char *const without_pin[] = {"show", "passphrase", "status",
                                              NULL};
    bool registers = strcmp(command, "register") == 0;

    if (!is_one_of(command, stateless))
        add_option(words, count, "--state-dir", rig->state);
    if (registers || strcmp(command, "show") == 0)
        add_option(words, count, "--vault-host", rig->host);
    if (registers) {
        add_option(words, count, "--token", rig->token);
        add_option(words, count, "--ca-file", rig->ca_file);
        add(words, count, "--allow-emulation");
    }
    if (rig->kind == RIG_PKCS11 && !is_one_of(command, without_pin))
        add_option(words, count, "--pin-file", rig->pin_file);
    if (*rig->passphrase != '\0' && is_one_of(command, data))
        add_option(words, count, "--passphrase-file", rig->passphrase);
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

/* SOURCE as NAME in the rig's own tree of programs. */
static void
copy_program(struct rig *rig, const char *source, const char *name)
{
    static struct rig_run run;
    char to[RIG_PATH + 64];
    const char *argv[] = {"/bin/cp", source, to, NULL};

    snprintf(to, sizeof to, "%s/%s", rig->directory, name);
    must(&run, argv);
}

void
rig_use_helper(struct rig *rig, const char *helper, const char *program)
{
    static const char *const helpers[] = {"holdfast-credential",
                                          "holdfast-token", "holdfast-inspect",
                                          "holdfast-net"};
    static struct rig_run run;
    char bin[RIG_PATH + 32], libexec[RIG_PATH + 32], from[RIG_PATH + 64],
        name[64];
    const char *argv[] = {"/bin/mkdir", "-p", bin, libexec, NULL};

    snprintf(bin, sizeof bin, "%s/bin", rig->directory);
    snprintf(libexec, sizeof libexec, "%s/libexec/holdfast", rig->directory);
    must(&run, argv);
    copy_program(rig, HOLDFAST_BIN "/holdfast", "bin/holdfast");
    for (size_t i = 0; i < sizeof helpers / sizeof helpers[0]; i++) {
        snprintf(from, sizeof from, "%s/%s", HOLDFAST_LIBEXEC, helpers[i]);
        snprintf(name, sizeof name, "libexec/holdfast/%s", helpers[i]);
        copy_program(rig, from, name);
    }
    if (program != NULL) {
        snprintf(name, sizeof name, "libexec/holdfast/%s", helper);
        copy_program(rig, program, name);
    }
    snprintf(rig->bin, sizeof rig->bin, "%.180s", bin);
}

void
rig_use_holdfast(struct rig *rig, const char *program)
{
    rig_use_helper(rig, NULL, NULL);
    copy_program(rig, program, "bin/holdfast");
}

void
rig_use_net(struct rig *rig, const char *program)
{
    rig_use_helper(rig, "holdfast-net", program);
}

void
rig_use_module(struct rig *rig, const char *module)
{
    snprintf(rig->token, sizeof rig->token, "pkcs11:token=rig?module-path=%s",
             module);
}
