/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line (GNU argp): what every command may be given, once, so that
 * an option means the same everywhere.
 */
#ifndef AGENT_HOLDFAST_OPTIONS_H
#define AGENT_HOLDFAST_OPTIONS_H

#include <stdbool.h>

#include "agent/holdfast/policy/endpoint.h"

/* Values of an option that may be given several times. */
#define OPTIONS_LIST_MAX 32
struct options_list {
    const char *text[OPTIONS_LIST_MAX];
    size_t count;
};

struct options {
    const char *file; /* the first word: the credential file, "-" for stdin */
    const char *const *words; /* all of them, NULL at the end */
    size_t word_count;
    const char *token_uri;
    const char *pin_source;        /* PATH, fd:N or systemd:NAME; NULL */
    const char *passphrase_source; /* the same */
    const char *target;            /* directory to restore into */
    const char *out;               /* file to make */
    struct options_list excludes;
    const char *state_directory;
    const char *expect_vault;
    const char *ca_file;
    const char *crl_file; /* "none": no lists; NULL: those recorded */
    const char *proxy;    /* as proxy_choose() takes it */
    const char *token_endpoint;
    const char *attest;      /* a word of attestation_mode_find(), or NULL */
    const char *attest_pcrs; /* as pcr_list_read() takes it, or NULL */
    const char *module;
    const char *report_fd; /* a number (agent/holdfast/restic/relay_report.h),
                              or NULL */
    struct endpoint_hosts hosts;
    bool rs256;
    bool allow_emulation;
    bool allow_residue;
    bool strict_wipe;
    bool keep_credential_key;
    bool offline;
    bool token_lost;
    bool submit;
    bool json;
};

/* A bit for each command: which options it takes is in the table of
 * options.c. */
enum options_for {
    OPTIONS_SHOW = 1 << 0,
    OPTIONS_REGISTER = 1 << 1,
    OPTIONS_STATUS = 1 << 2,
    OPTIONS_UNREGISTER = 1 << 3,
    OPTIONS_TOKEN_LIST = 1 << 4,
    OPTIONS_BACKUP = 1 << 5,
    OPTIONS_RESTORE = 1 << 6,
    OPTIONS_SNAPSHOTS = 1 << 7,
    OPTIONS_PASSPHRASE = 1 << 8,
    OPTIONS_RELAY = 1 << 9,
    OPTIONS_RECONFIGURE = 1 << 10,
    OPTIONS_ATTEST = 1 << 11,
};

struct options_command {
    const char *name; /* "register", "token list" */
    const char *arguments;
    const char *summary; /* one line, for the list of commands */
    enum options_for options;
    size_t least_words;
    size_t most_words;
    const char *const *tail; /* words that must stand at the end, or NULL */
    enum ks_err (*run)(const struct options *options, struct err_cause *cause);
};

/* Parse ARGC and ARGV, whose first is the command's last word.  Prints help or
 * usage errors itself and ends the process then, with 64 for an error.  A tail
 * is taken off first.  options_free() afterwards. */
void options_parse(const struct options_command *command, int argc, char **argv,
                   struct options *ret);
void options_free(struct options *options);

#endif
