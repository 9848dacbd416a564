/* SPDX-License-Identifier: Apache-2.0 */
/* holdfast backup, restore, snapshots and passphrase: restic with the words
 * that this machine's vault needs.  What it shows while it works stays its own.
 */
#include <stdio.h>
#include <string.h>

#include "agent/commands.h"
#include "agent/passphrase.h"
#include "agent/restic.h"

struct words {
    const char *word[RESTIC_WORDS_MAX];
    size_t count;
    bool too_many;
};

static void
add(struct words *words, const char *word)
{
    if (words->count == RESTIC_WORDS_MAX)
        words->too_many = true;
    else
        words->word[words->count++] = word;
}

static enum ks_err
run(const struct restic *restic, const struct words *words,
    struct err_cause *cause)
{
    if (words->too_many)
        return err_set(cause, KS_ERR_USAGE, "too many paths: give directories");
    return restic_run(restic, words->word, words->count, false, cause);
}

enum ks_err
command_backup(const struct options *options, struct err_cause *cause)
{
    struct words words = {.count = 0};
    struct restic restic;
    bool new = false;
    enum ks_err rc = restic_open(&restic, options, &new, cause);

    add(&words, "backup");
    if (options->json)
        add(&words, "--json");
    for (size_t i = 0; i < options->excludes.count; i++) {
        add(&words, "--exclude");
        add(&words, options->excludes.text[i]);
    }
    add(&words, "--");
    for (size_t i = 0; i < options->word_count; i++)
        add(&words, options->words[i]);
    if (rc == KS_OK)
        rc = passphrase_open(options->passphrase_source,
                             new ? PASSPHRASE_NEW : PASSPHRASE_OLD,
                             &restic.passphrase, cause);
    if (rc == KS_OK && new)
        rc = restic_prepare(&restic, cause);
    if (rc == KS_OK)
        rc = run(&restic, &words, cause);
    restic_close(&restic);
    return rc;
}

/* What only reads the repository. */
static enum ks_err
read_with(const struct options *options, const struct words *words,
          struct err_cause *cause)
{
    struct restic restic;
    bool new = false;
    enum ks_err rc = restic_open(&restic, options, &new, cause);

    if (rc == KS_OK)
        rc = passphrase_open(options->passphrase_source, PASSPHRASE_OLD,
                             &restic.passphrase, cause);
    if (rc == KS_OK)
        rc = run(&restic, words, cause);
    restic_close(&restic);
    return rc;
}

enum ks_err
command_restore(const struct options *options, struct err_cause *cause)
{
    struct words words = {.count = 0};

    if (options->target == NULL)
        return err_set(cause, KS_ERR_USAGE, "where to? Give --target DIR");
    add(&words, "restore");
    add(&words, "--target");
    add(&words, options->target);
    if (options->json)
        add(&words, "--json");
    add(&words, "--");
    add(&words, options->word_count > 0 ? options->words[0] : "latest");
    return read_with(options, &words, cause);
}

enum ks_err
command_snapshots(const struct options *options, struct err_cause *cause)
{
    struct words words = {.count = 0};

    add(&words, "snapshots");
    if (options->json)
        add(&words, "--json");
    return read_with(options, &words, cause);
}

enum ks_err
command_passphrase(const struct options *options, struct err_cause *cause)
{
    enum ks_err rc;

    if (options->out == NULL)
        return err_set(cause, KS_ERR_USAGE, "into which file? Give --out FILE");
    rc = passphrase_generate(options->out, cause);
    if (rc == KS_OK)
        (void)printf("The passphrase is in %s.  Keep a copy where this machine "
                     "cannot lose it:\nwithout it nobody can read the backups, "
                     "and nobody can recover it.\n",
                     options->out);
    return rc;
}
