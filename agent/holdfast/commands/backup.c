/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast backup, restore and snapshots: restic with the words that this
 * machine's vault needs.  What it shows while it works stays its own. */
#include <stdlib.h>

#include "agent/holdfast/commands/commands.h"
#include "agent/holdfast/session/passphrase.h"
#include "agent/holdfast/restic/restic.h"
#include "agent/holdfast/restic/source.h"

#define OWN_WORDS 8 /* at most, besides what the options list */

struct words {
    const char **word;
    size_t count;
};

static enum ks_err
words_open(struct words *words, const struct options *options,
           struct err_cause *cause)
{
    size_t most = OWN_WORDS + 2 * options->excludes.count + options->word_count;

    *words = (struct words){.word = calloc(most, sizeof *words->word)};
    return words->word != NULL ? KS_OK
                               : err_set(cause, KS_ERR_RESOURCES, "no memory");
}

static void
add(struct words *words, const char *word)
{
    words->word[words->count++] = word;
}

static void
add_backup(struct words *words, const struct options *options)
{
    add(words, "backup");
    if (options->json)
        add(words, "--json");
    for (size_t i = 0; i < options->excludes.count; i++) {
        add(words, "--exclude");
        add(words, options->excludes.text[i]);
    }
    add(words, "--");
    for (size_t i = 0; i < options->word_count; i++)
        add(words, options->words[i]);
}

enum ks_err
command_backup(const struct options *options, struct err_cause *cause)
{
    struct words words = {NULL, 0};
    struct restic restic;
    bool new = false;
    enum ks_err rc = restic_open(&restic, options, &new, cause);

    if (rc == KS_OK)
        rc = source_check(options->words, options->word_count, cause);
    if (rc == KS_OK)
        rc = words_open(&words, options, cause);
    if (rc == KS_OK)
        rc = passphrase_open(options->passphrase_source,
                             new ? PASSPHRASE_NEW : PASSPHRASE_OLD,
                             &restic.passphrase, cause);
    if (rc == KS_OK && new)
        rc = restic_prepare(&restic, cause);
    if (rc == KS_OK) {
        source_warn_links(options);
        add_backup(&words, options);
        rc = restic_run(&restic, words.word, words.count, cause);
    }
    free(words.word);
    restic_close(&restic);
    return rc;
}

/* Run a command that only reads the repository, with COUNT words, `--no-lock`
 * among them: a vault that is full, or a lock that was left there, must not
 * keep anybody from his data. */
static enum ks_err
read_with(const struct options *options, const char *const *words, size_t count,
          struct err_cause *cause)
{
    struct restic restic;
    bool new = false;
    enum ks_err rc = restic_open(&restic, options, &new, cause);

    if (rc == KS_OK)
        rc = passphrase_open(options->passphrase_source, PASSPHRASE_OLD,
                             &restic.passphrase, cause);
    if (rc == KS_OK)
        rc = restic_run(&restic, words, count, cause);
    restic_close(&restic);
    return rc;
}

enum ks_err
command_restore(const struct options *options, struct err_cause *cause)
{
    const char *const words[] = {"--json",
                                 "restore",
                                 "--no-lock",
                                 "--target",
                                 options->target,
                                 "--",
                                 options->word_count > 0 ? options->words[0]
                                                         : "latest"};
    size_t first = options->json ? 0 : 1;

    if (options->target == NULL)
        return err_set(cause, KS_ERR_USAGE, "where to? Give --target DIR");
    return read_with(options, words + first,
                     sizeof words / sizeof words[0] - first, cause);
}

enum ks_err
command_snapshots(const struct options *options, struct err_cause *cause)
{
    static const char *const words[] = {"snapshots", "--no-lock", "--json"};

    return read_with(options, words, options->json ? 3 : 2, cause);
}
