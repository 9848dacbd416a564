/* SPDX-License-Identifier: Apache-2.0 */
/* vaultctl: starts, stops and administers a local vault service. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/vault/service/fault.h"
#include "tests/vault/ctl/vaultctl.h"

#define EXIT_USAGE 64

static const struct command {
    const char *name;
    int arguments; /* behind the directory */
    bool (*run)(const struct vaultctl_options *options);
} commands[] = {
    {"start", 0, vaultctl_start},
    {"stop", 0, vaultctl_stop},
    {"download", 1, vaultctl_download},
    {"revoke", 1, vaultctl_revoke},
    {"revoke-credential", 1, vaultctl_revoke_credential},
    {"quota", 1, vaultctl_quota},
    {"records", 0, vaultctl_records},
    {"machines", 1, vaultctl_machines},
    {"policy", 2, vaultctl_policy},
    {"pcrs", 2, vaultctl_pcrs},
    {"trust", 2, vaultctl_trust},
    {"allow", 2, vaultctl_allow},
    {"disallow", 2, vaultctl_disallow},
    {"attestation", 1, vaultctl_attestation},
};

static const char usage[] =
    "usage: vaultctl start DIR [--vault NAME]...\n"
    "       vaultctl stop DIR\n"
    "       vaultctl download DIR VAULT --machines one|several --out DIR2\n"
    "                [--key rsa2048|rsa3072|rsa4096|p256|p384]\n"
    "       vaultctl revoke DIR UUID\n"
    "       vaultctl revoke-credential DIR SHA256\n"
    "       vaultctl quota DIR VAULT --bytes N\n"
    "       vaultctl records DIR\n"
    "       vaultctl machines DIR VAULT\n"
    "Which machines a vault lets in, by how well their keys are attested:\n"
    "       vaultctl policy DIR VAULT any|born|EK-verified\n"
    "       vaultctl pcrs DIR VAULT NUMBER=SHA256[,NUMBER=SHA256]...|none\n"
    "       vaultctl trust DIR VAULT FILE.pem (roots of TPM makers)\n"
    "       vaultctl allow DIR VAULT SHA256 (of an EK, as 'holdfast attest'\n"
    "                prints it)\n"
    "       vaultctl disallow DIR VAULT SHA256\n"
    "       vaultctl attestation DIR VAULT (shows all of these)\n";

static bool
set_option(struct vaultctl_options *options, const char *name,
           const char *value)
{
    if (strcmp(name, "--vault") == 0)
        options->vaults[options->vault_count++] = value;
    else if (strcmp(name, "--machines") == 0)
        options->machines = value;
    else if (strcmp(name, "--out") == 0)
        options->out = value;
    else if (strcmp(name, "--key") == 0)
        options->key = value;
    else if (strcmp(name, "--bytes") == 0)
        options->bytes = value;
    else
        return false;
    return true;
}

/* What follows the command: options with a value, the directory and up to two
 * arguments, the options anywhere. */
static bool
parse(char **words, struct vaultctl_options *options, int *ret_count)
{
    *ret_count = -1;
    for (; *words != NULL; words++) {
        if (strncmp(*words, "--", 2) == 0) {
            if (words[1] == NULL || !set_option(options, words[0], words[1]))
                return false;
            words++;
        } else if (*ret_count < 0) {
            options->directory = *words;
            *ret_count = 0;
        } else if (*ret_count == 0) {
            options->argument = *words;
            *ret_count = 1;
        } else if (*ret_count == 1) {
            options->value = *words;
            *ret_count = 2;
        } else
            return false;
    }
    return *ret_count >= 0;
}

static const struct command *
find_command(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

int
main(int argc, char **argv)
{
    const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;
    struct vaultctl_options options = {0};
    int count;
    bool good;

    fault_program("vaultctl");
    options.vaults = calloc((size_t)argc, sizeof *options.vaults);
    if (command == NULL || options.vaults == NULL ||
        !parse(argv + 2, &options, &count) || count != command->arguments) {
        (void)fputs(usage, stderr);
        free(options.vaults);
        return EXIT_USAGE;
    }
    (void)umask(077);
    good = command->run(&options);
    free(options.vaults);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
