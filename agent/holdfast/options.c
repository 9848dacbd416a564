/* SPDX-License-Identifier: Apache-2.0 */
/* The table of options: what each is called, where it goes, which commands take
 * it. */
#include "agent/holdfast/options.h"

#include <argp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "agent/holdfast/policy/host_port.h"
#include "agent/holdfast/policy/pcr_list.h"
#include "agent/statement/attestation.h"

#define SHOW OPTIONS_SHOW
#define REGISTER OPTIONS_REGISTER
#define RECONFIGURE OPTIONS_RECONFIGURE
#define STATUS OPTIONS_STATUS
#define UNREGISTER OPTIONS_UNREGISTER
#define TOKEN_LIST OPTIONS_TOKEN_LIST
#define BACKUP OPTIONS_BACKUP
#define RESTORE OPTIONS_RESTORE
#define SNAPSHOTS OPTIONS_SNAPSHOTS
#define PASSPHRASE OPTIONS_PASSPHRASE
#define RELAY OPTIONS_RELAY
#define ATTEST OPTIONS_ATTEST
#define DATA (BACKUP | RESTORE | SNAPSHOTS)

enum kind {
    TEXT, /* const char * */
    FLAG, /* bool */
    HOST, /* one more of struct endpoint_hosts */
    LIST, /* one more of struct options_list */
    MODE, /* const char *, of attestation */
    PCRS, /* const char *, a list of them */
};

/* Without a short form a key is beyond the characters. */
#define LONG_ONLY 256

static const struct row {
    struct argp_option option;
    enum kind kind;
    size_t offset;
    unsigned commands;
} rows[] = {
#define ROW(name, key, argument, help, kind, member, commands)                 \
    {                                                                          \
        {name, key, argument, 0, help, 0}, kind,                               \
            offsetof(struct options, member), (unsigned)(commands)             \
    }
    ROW("token", 't', "URI",
        "Token for the keys: tpm2:..., pkcs11:... (RFC 7512), soft:", TEXT,
        token_uri, REGISTER | RECONFIGURE | TOKEN_LIST | ATTEST),
    ROW("pin-file", 'p', "SOURCE",
        "Where the PIN is: PATH, fd:N or systemd:NAME", TEXT, pin_source,
        REGISTER | RECONFIGURE | UNREGISTER | ATTEST | DATA | RELAY),
    ROW("passphrase-file", 'P', "SOURCE",
        "Where the backup's passphrase is: PATH, fd:N or systemd:NAME", TEXT,
        passphrase_source, DATA),
    ROW("exclude", 'x', "PATTERN", "Leave out what matches, as restic has it",
        LIST, excludes, BACKUP),
    ROW("target", 'd', "DIR", "Restore into this directory", TEXT, target,
        RESTORE),
    ROW("out", 'o', "FILE", "The new file to write it to", TEXT, out,
        PASSPHRASE),
    ROW("expect-vault", 'e', "NAME",
        "Go on without asking if the file is for this vault, else stop", TEXT,
        expect_vault, REGISTER),
    ROW("ca-file", LONG_ONLY + 0, "PATH",
        "Trust these issuers (PEM) for the vault's server", TEXT, ca_file,
        REGISTER | RECONFIGURE | UNREGISTER | ATTEST | DATA | RELAY),
    ROW("crl-file", LONG_ONLY + 17, "PATH",
        "Refuse the vault's server where a CRL in this file revokes it; or "
        "none",
        TEXT, crl_file,
        REGISTER | RECONFIGURE | UNREGISTER | ATTEST | DATA | RELAY),
    ROW("proxy", LONG_ONLY + 9, "URL",
        "Reach the vault through this HTTP proxy: http://HOST:PORT, env or "
        "none",
        TEXT, proxy, REGISTER | RECONFIGURE | UNREGISTER),
    ROW("vault-host", LONG_ONLY + 1, "HOST[:PORT]",
        "A host the file may name besides Azure's own", HOST, hosts,
        SHOW | REGISTER),
    ROW("token-endpoint", LONG_ONLY + 2, "URL",
        "Ask for the access token here, not where the file says", TEXT,
        token_endpoint, REGISTER),
    ROW("attest", LONG_ONLY + 18, "MODE",
        "Prove to the vault where the key lives: require, try (the default) "
        "or off",
        MODE, attest, REGISTER),
    ROW("attest-pcrs", LONG_ONLY + 19, "LIST",
        "Have the TPM quote these PCRs (0 to 23, such as 0,7); or none", PCRS,
        attest_pcrs, REGISTER | ATTEST),
    ROW("rs256", LONG_ONLY + 3, NULL,
        "Sign the assertion with RS256 and x5t, not PS256 and x5t#S256", FLAG,
        rs256, REGISTER),
    ROW("keep-credential-key", LONG_ONLY + 4, NULL,
        "Leave the imported key on the token", FLAG, keep_credential_key,
        REGISTER),
    ROW("allow-emulation", LONG_ONLY + 5, NULL,
        "Accept a token that is software, for tests", FLAG, allow_emulation,
        REGISTER | RECONFIGURE | UNREGISTER | TOKEN_LIST),
    ROW("allow-residue", LONG_ONLY + 6, NULL,
        "Accept a file on a medium that cannot be wiped honestly", FLAG,
        allow_residue, REGISTER),
    ROW("strict-wipe", LONG_ONLY + 7, NULL,
        "Exit with 11 if a copy of the file may remain", FLAG, strict_wipe,
        REGISTER),
    ROW("offline", LONG_ONLY + 8, NULL,
        "Remove the local side only; the vault is not told", FLAG, offline,
        UNREGISTER),
    ROW("token-lost", LONG_ONLY + 16, NULL,
        "Give up a token that is gone: it is not asked", FLAG, token_lost,
        UNREGISTER),
    ROW("module", 'm', "PATH", "Look at this PKCS#11 module", TEXT, module,
        TOKEN_LIST),
    ROW("state-dir", 's', "DIR", "Where the registration is recorded", TEXT,
        state_directory,
        REGISTER | RECONFIGURE | STATUS | UNREGISTER | ATTEST | DATA | RELAY),
    ROW("report-fd", LONG_ONLY + 10, "N",
        "Report a failure there: 'holdfast backup' and its like give this",
        TEXT, report_fd, RELAY),
    ROW("submit", LONG_ONLY + 20, NULL,
        "Give the vault evidence of the registered machine's key anew", FLAG,
        submit, ATTEST),
    ROW("json", 'j', NULL, "Print JSON", FLAG, json,
        SHOW | REGISTER | RECONFIGURE | STATUS | UNREGISTER | TOKEN_LIST |
            ATTEST | DATA),
#undef ROW
};

#define ROWS (sizeof rows / sizeof rows[0])

struct parse {
    const struct options_command *command;
    struct options *options;
    const char **words; /* the array that options->words is */
};

static void
add_host(struct endpoint_hosts *hosts, const char *host,
         struct argp_state *state)
{
    struct host_port at;

    if (!host_port_read(host, strlen(host), &at))
        argp_error(state, "no file can name this --vault-host: give it as "
                          "HOST or HOST:PORT, an IPv6 address in brackets");
    else if (hosts->count == ENDPOINT_HOSTS_MAX)
        argp_error(state, "more than %d hosts", ENDPOINT_HOSTS_MAX);
    else
        hosts->host[hosts->count++] = host;
}

static void
add_text(struct options_list *list, const char *text, struct argp_state *state)
{
    if (list->count == OPTIONS_LIST_MAX)
        argp_error(state, "more than %d of them", OPTIONS_LIST_MAX);
    else
        list->text[list->count++] = text;
}

static void
check_mode(const char *word, struct argp_state *state)
{
    enum attestation_mode mode;

    if (!attestation_mode_find(word, &mode))
        argp_error(state, "--attest is require, try or off");
}

static void
check_pcrs(const char *list, struct argp_state *state)
{
    uint32_t pcrs;

    if (!pcr_list_read(list, &pcrs))
        argp_error(state, "--attest-pcrs has numbers from 0 to 23, each once, "
                          "with commas between them: 0,7");
}

static void
set(const struct row *row, struct options *options, const char *value,
    struct argp_state *state)
{
    void *member = (char *)options + row->offset;

    switch (row->kind) {
    case TEXT:
        *(const char **)member = value;
        break;
    case FLAG:
        *(bool *)member = true;
        break;
    case HOST:
        add_host(member, value, state);
        break;
    case LIST:
        add_text(member, value, state);
        break;
    case MODE:
        check_mode(value, state);
        *(const char **)member = value;
        break;
    case PCRS:
        check_pcrs(value, state);
        *(const char **)member = value;
        break;
    }
}

static error_t
parse_option(int key, char *value, struct argp_state *state)
{
    struct parse *parse = state->input;
    struct options *options = parse->options;

    if (key == ARGP_KEY_ARG &&
        options->word_count < parse->command->most_words) {
        if (options->word_count == 0)
            options->file = value;
        parse->words[options->word_count++] = value;
        return 0;
    }
    if (key == ARGP_KEY_END &&
        options->word_count < parse->command->least_words)
        argp_error(state, "which %s?", parse->command->arguments);
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].option.key == key) {
            set(&rows[i], options, value, state);
            return 0;
        }
    return ARGP_ERR_UNKNOWN;
}

/* Are the words at the end of ARGV the command's tail?  Their number, or 0. */
static int
count_tail(const struct options_command *command, int argc, char **argv)
{
    int length = 0;

    while (command->tail != NULL && command->tail[length] != NULL)
        length++;
    if (argc <= length)
        return 0;
    for (int i = 0; i < length; i++)
        if (strcmp(argv[argc - length + i], command->tail[i]) != 0)
            return 0;
    return length;
}

void
options_parse(const struct options_command *command, int argc, char **argv,
              struct options *ret)
{
    struct argp_option taken[ROWS + 1] = {{0}};
    struct argp argp = {.options = taken,
                        .parser = parse_option,
                        .args_doc = command->arguments,
                        .doc = command->summary};
    struct parse parse = {command, ret,
                          calloc((size_t)argc + 1, sizeof *parse.words)};
    static char name[64]; /* argp keeps it as the program's name */
    size_t count = 0;
    int tail;

    if (parse.words == NULL)
        exit(EX_OSERR);
    ret->words = parse.words;
    for (size_t i = 0; i < ROWS; i++)
        if ((rows[i].commands & command->options) != 0)
            taken[count++] = rows[i].option;
    (void)snprintf(name, sizeof name, "holdfast %s", command->name);
    argv[0] = name;
    argp_err_exit_status = EX_USAGE;
    tail = count_tail(command, argc, argv);
    if (argp_parse(&argp, argc - tail, argv, 0, NULL, &parse) != 0)
        exit(EX_USAGE);
    if (command->tail != NULL && tail == 0)
        argp_failure(NULL, EX_USAGE, 0,
                     "restic starts this, with words of its own at the end");
}

void
options_free(struct options *options)
{
    free((void *)(uintptr_t)options->words);
    options->words = NULL;
    options->word_count = 0;
}
