/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holdfast: options, state, and the starting of helpers.  Must never read a
 * credential file, a PIN or a key, or speak to the network itself.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "agent/holdfast/child.h"
#include "agent/holdfast/commands/commands.h"
#include "agent/holdfast/restic/words.h"

#define READER_TRIES 200
#define READER_WAIT_NS 10000000 /* two seconds in all */

/* As restic has it, whatever remote it thinks it speaks to. */
static const char *const relay_tail[] = {
    "serve", "restic", "--stdio", "--b2-hard-delete", "vault", NULL};

static const struct options_command commands[] = {
    {"show", "FILE",
     "Say what a vault credentials file holds and whether it could register "
     "now; nothing is imported.  FILE may be - for standard input.",
     OPTIONS_SHOW, 1, 1, NULL, command_show},
    {"register", "[FILE]",
     "Register this machine: import the file's key into a token, enrol a key "
     "born there, and wipe the file.  FILE may be - for standard input; it is "
     "not needed to finish what was cut short after the enrolment.",
     OPTIONS_REGISTER, 0, 1, NULL, command_register},
    {"reconfigure", "",
     "Change what is recorded of the way to the token and the vault: the URI "
     "of the same token, the PIN's file, the trusted issuers, the proxy.",
     OPTIONS_RECONFIGURE, 0, 0, NULL, command_reconfigure},
    {"status", "", "Say how this machine is registered.", OPTIONS_STATUS, 0, 0,
     NULL, command_status},
    {"unregister", "", "Leave the vault and remove the keys from the token.",
     OPTIONS_UNREGISTER, 0, 0, NULL, command_unregister},
    {"token list", "",
     "List this machine's TPMs and the tokens of the PKCS#11 modules that "
     "p11-kit is set up with, or of one module, or one TPM.",
     OPTIONS_TOKEN_LIST, 0, 0, NULL, command_token_list},
    {"attest", "",
     "Say what this machine's TPM could prove of its keys: its endorsement "
     "keys, their hashes for a vault's list, and their certificates; nothing "
     "is changed, and no registration needed.  Or give a vault evidence anew.",
     OPTIONS_ATTEST, 0, 0, NULL, command_attest},
    {"backup", "PATH...",
     "Back up files and directories to the vault, encrypted with a passphrase "
     "that never reaches it.",
     OPTIONS_BACKUP, 1, SIZE_MAX, NULL, command_backup},
    {"restore", "[SNAPSHOT]",
     "Restore a snapshot, the latest one by default, into --target.",
     OPTIONS_RESTORE, 0, 1, NULL, command_restore},
    {"snapshots", "", "List this machine's snapshots in the vault.",
     OPTIONS_SNAPSHOTS, 0, 0, NULL, command_snapshots},
    {"passphrase generate", "",
     "Make a passphrase for backups in a new file.  Nobody can recover it.",
     OPTIONS_PASSPHRASE, 0, 0, NULL, command_passphrase},
    {"relay", "WORD...",
     "Carry restic's requests to the vault as this machine; restic starts it "
     "with words of its own.",
     OPTIONS_RELAY, 0, 0, relay_tail, command_relay},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static void
print_help(void)
{
    (void)puts(
        "Usage: holdfast COMMAND [OPTION...]\n"
        "Register this server with a backup vault, its key in a token.\n");
    for (size_t i = 0; i < COMMANDS; i++)
        (void)printf("  holdfast %s%s%s\n", commands[i].name,
                     *commands[i].arguments != '\0' ? " " : "",
                     commands[i].arguments);
    (void)puts("\n'holdfast COMMAND --help' lists a command's options.\n"
               "The manual is holdfast(8).");
}

/* Answer --help and --version without a command.  Says whether it was
 * answered. */
static bool
answer_itself(int argc, char **argv)
{
    if (argc != 2)
        return false;
    if (strcmp(argv[1], "--version") == 0)
        (void)puts("holdfast " HOLDFAST_VERSION);
    else if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0)
        print_help();
    else
        return false;
    return true;
}

/* The command that the first words name; *RET_WORDS is how many they are. */
static const struct options_command *
find(int argc, char **argv, int *ret_words)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        const char *second = strchr(commands[i].name, ' ');
        size_t first = second != NULL ? (size_t)(second - commands[i].name)
                                      : strlen(commands[i].name);

        if (argc < 2 || strlen(argv[1]) != first ||
            strncmp(argv[1], commands[i].name, first) != 0)
            continue;
        if (second == NULL || (argc > 2 && strcmp(argv[2], second + 1) == 0)) {
            *ret_words = second != NULL ? 2 : 1;
            return &commands[i];
        }
    }
    return NULL;
}

/* A failure is one line: what failed, the cause, what to do. */
static int
fail(const char *name, enum ks_err rc, struct err_cause *cause)
{
    const char *remedy = err_remedy_after(rc, cause);

    err_escape(cause->text);
    (void)fflush(stdout);
    (void)fprintf(stderr, "holdfast: %s: %s%s%s%s%s\n", name, err_phrase(rc),
                  cause->text[0] != '\0' ? ": " : "", cause->text,
                  *remedy != '\0' ? "; " : "", remedy);
    return err_exit_status(rc);
}

/* restic reads nothing more of what its program said once that has ended. */
static void
wait_for_reader(void)
{
    const struct timespec pause = {0, READER_WAIT_NS};
    int unread = 0;

    for (unsigned i = 0; i < READER_TRIES; i++) {
        if (ioctl(STDERR_FILENO, FIONREAD, &unread) != 0 || unread == 0)
            return;
        (void)nanosleep(&pause, NULL);
    }
}

int
main(int argc, char **argv)
{
    const struct rlimit no_core = {0, 0};
    struct options options = {.file = NULL};
    struct err_cause cause = {""};
    const struct options_command *command;
    int words = 0, status;
    enum ks_err rc;

    (void)setrlimit(RLIMIT_CORE, &no_core);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (!child_prepare())
        return fail("start",
                    err_set_errno(&cause, KS_ERR_INTERNAL, "/dev/null"),
                    &cause);
    /* Verification is not for the caller's environment to choose. */
    if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
        return fail("start", KS_ERR_INTERNAL, &cause);
    if (answer_itself(argc, argv))
        return 0;
    command = find(argc, argv, &words);
    if (command == NULL)
        return fail("command line",
                    argc < 2 ? err_set(&cause, KS_ERR_USAGE, "no command")
                             : err_set(&cause, KS_ERR_USAGE,
                                       "there is no command '%.40s'", argv[1]),
                    &cause);
    options_parse(command, argc - words, argv + words, &options);
    rc = command->run(&options, &cause);
    options_free(&options);
    if (fflush(stdout) != 0 && rc == KS_OK)
        rc = err_set_errno(&cause, KS_ERR_OUTPUT, "standard output");
    status = rc == KS_OK ? 0 : fail(command->name, rc, &cause);
    restic_words_show();
    if (command->tail != NULL && rc != KS_OK)
        wait_for_reader();
    return status;
}
