/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the tables policy and allowed.  The roots are files: an owner gets
 * them as files from the makers, and openssl looks at them as they are. */
#include "tests/vault/service/policy.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "tests/vault/attestation/verifier.h"
#include "tests/vault/service/fault.h"
#include "tests/vault/service/store.h"

static const char *const words[] = {[POLICY_ANY] = "any",
                                    [POLICY_BORN] = "born",
                                    [POLICY_EK_VERIFIED] = "EK-verified"};

const char *
policy_word(enum policy_level level)
{
    return words[level];
}

bool
policy_find_word(const char *word, enum policy_level *ret)
{
    for (int i = 0; i < POLICY__MAX; i++)
        if (strcmp(word, words[i]) == 0) {
            *ret = (enum policy_level)i;
            return true;
        }
    return fault("%.40s: no policy; there are any, born and EK-verified", word);
}

bool
policy_read(struct store *store, const char *vault, struct policy *ret)
{
    struct sqlite3_stmt *rows = store_rows(
        store, "SELECT level, pcrs FROM policy WHERE vault = $1", "s", vault);
    bool known = true;

    *ret = (struct policy){.level = POLICY_ANY};
    if (store_next(rows)) {
        known = policy_find_word(store_peek(rows, 0), &ret->level);
        store_text(rows, 1, ret->pcrs, sizeof ret->pcrs);
    }
    /* A row that cannot be read is not a vault without a policy. */
    return store_done(&rows) && known;
}

bool
policy_set_level(struct store *store, const char *vault,
                 enum policy_level level)
{
    return store_run(store,
                     "INSERT INTO policy (vault, level, pcrs)"
                     " VALUES ($1, $2, '')"
                     " ON CONFLICT (vault) DO UPDATE SET level = $2",
                     "ss", vault, words[level]);
}

bool
policy_set_pcrs(struct store *store, const char *vault, const char *pcrs)
{
    uint32_t numbers;

    if (*pcrs != '\0' && (strlen(pcrs) >= POLICY_PCRS_MAX ||
                          !attestation_pcr_policy(pcrs, &numbers)))
        return fault("%.40s: no list of PCRs; it has the form 0=HEX,7=HEX, "
                     "each with the 64 digits of its SHA-256 value",
                     pcrs);
    return store_run(store,
                     "INSERT INTO policy (vault, level, pcrs)"
                     " VALUES ($1, 'any', $2)"
                     " ON CONFLICT (vault) DO UPDATE SET pcrs = $2",
                     "ss", vault, pcrs);
}

static bool
is_hash(const char *ek)
{
    uint8_t bytes[32];

    return encoding_from_hex(ek, bytes, sizeof bytes) ||
           fault("%.80s: no EK; it is named by the 64 lower-case digits of its "
                 "key's SHA-256, as 'holdfast attest' prints it",
                 ek);
}

bool
policy_allow(struct store *store, const char *vault, const char *ek)
{
    return is_hash(ek) && store_run(store,
                                    "INSERT INTO allowed (vault, ek)"
                                    " VALUES ($1, $2) ON CONFLICT DO NOTHING",
                                    "ss", vault, ek);
}

bool
policy_disallow(struct store *store, const char *vault, const char *ek)
{
    return is_hash(ek) &&
           store_run(store, "DELETE FROM allowed WHERE vault = $1 AND ek = $2",
                     "ss", vault, ek);
}

bool
policy_each_allowed(struct store *store, const char *vault,
                    void (*use)(void *context, const char *ek), void *context)
{
    struct sqlite3_stmt *rows = store_rows(
        store, "SELECT ek FROM allowed WHERE vault = $1 ORDER BY ek", "s",
        vault);

    while (store_next(rows))
        use(context, store_peek(rows, 0));
    return store_done(&rows);
}

void
policy_roots(const struct place *place, const char *vault,
             char ret[static POLICY_ROOTS_MAX])
{
    (void)snprintf(ret, POLICY_ROOTS_MAX, "%s/%s", place->path[PLACE_EK_ROOTS],
                   vault);
}

static int
is_pem(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return dot != NULL && strcmp(dot, ".pem") == 0 ? 1 : 0;
}

static void
name_root(const char *directory, const char *name,
          void (*use)(void *context, const char *subject), void *context)
{
    char path[POLICY_ROOTS_MAX + NAME_MAX + 2];
    char subject[1024] = "";
    FILE *file;
    X509 *root = NULL;
    BIO *text = BIO_new(BIO_s_mem());

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    file = fopen(path, "re");
    if (file != NULL) {
        root = PEM_read_X509(file, NULL, NULL, NULL);
        (void)fclose(file);
    }
    if (root != NULL && text != NULL &&
        X509_NAME_print_ex(text, X509_get_subject_name(root), 0,
                           XN_FLAG_RFC2253) >= 0)
        (void)BIO_gets(text, subject, sizeof subject);
    if (subject[0] == '\0')
        (void)snprintf(subject, sizeof subject, "%.255s (unreadable)", name);
    use(context, subject);
    ERR_clear_error();
    X509_free(root);
    (void)BIO_free(text);
}

bool
policy_each_root(const struct place *place, const char *vault,
                 void (*use)(void *context, const char *subject), void *context)
{
    char directory[POLICY_ROOTS_MAX];
    struct dirent **entries = NULL;
    int count;

    policy_roots(place, vault, directory);
    count = scandir(directory, &entries, is_pem, alphasort);
    if (count < 0)
        return errno == ENOENT || fault("%s: %m", directory);
    for (int i = 0; i < count; i++) {
        name_root(directory, entries[i]->d_name, use, context);
        free(entries[i]);
    }
    free(entries);
    return true;
}
