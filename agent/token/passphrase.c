/* SPDX-License-Identifier: Apache-2.0 */
/* A backup's passphrase, read or made in a run that opens no token: whoever has
 * it reads the backup, so it is nobody else's to see. */
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "agent/token/token.h"
#include "keystore/base/write_all.h"

#define LEAST 16 /* characters */
#define GROUPS 8
#define GROUP 4

/* Thirty-two that nobody takes for one another: five bits each. */
static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";

/* Anybody may have chosen the passphrase of a repository that is there
 * already. */
static enum ks_err
check(const struct secret *passphrase, bool new, struct err_cause *cause)
{
    const uint8_t *bytes = secret_bytes(passphrase);
    size_t length = secret_length(passphrase);

    if (length == 0)
        return err_set(cause, KS_ERR_PASSPHRASE_NEEDED,
                       "the one given is empty; put the passphrase where it is "
                       "read from");
    if (!new)
        return KS_OK;
    if (length < LEAST)
        return err_set(cause, KS_ERR_PASSPHRASE,
                       "it is shorter than %d characters", LEAST);
    for (size_t i = 0; i < length; i++)
        if (bytes[i] < ' ' || bytes[i] > '~')
            return err_set(cause, KS_ERR_PASSPHRASE,
                           "it is not printable ASCII");
    /* restic would take them off. */
    if (bytes[0] == ' ' || bytes[length - 1] == ' ')
        return err_set(cause, KS_ERR_PASSPHRASE,
                       "a space stands at its beginning or its end");
    return KS_OK;
}

/* A typing error would lock its owner out, so a new one is typed twice. */
static enum ks_err
ask_again(const struct secret *passphrase, struct err_cause *cause)
{
    struct secret *again = NULL;
    enum ks_err rc = token_read_secret("The same again: ", &again, cause);

    if (rc == KS_OK &&
        (secret_length(again) != secret_length(passphrase) ||
         CRYPTO_memcmp(secret_bytes(again), secret_bytes(passphrase),
                       secret_length(again)) != 0))
        rc = err_set(cause, KS_ERR_PASSPHRASE,
                     "the two are not the same; enter the same twice");
    secret_free(&again);
    return rc;
}

enum ks_err
token_read_passphrase(const char *prompt, bool new, struct err_cause *cause)
{
    struct secret *passphrase = NULL;
    enum ks_err rc = token_read_secret(prompt, &passphrase, cause);

    if (rc == KS_OK)
        rc = check(passphrase, new, cause);
    if (rc == KS_OK && new &&isatty(CHANNEL_FD_INPUT) == 1)
        rc = ask_again(passphrase, cause);
    if (rc == KS_OK)
        rc = secret_seal(passphrase, CHANNEL_FD_PIN, cause);
    secret_free(&passphrase);
    return rc == KS_ERR_PIN_NEEDED ? KS_ERR_PASSPHRASE_NEEDED : rc;
}

/* GROUPS of GROUP characters with hyphens between, and a newline. */
static bool
fill(struct secret *text)
{
    uint8_t *to = secret_space(text);
    size_t length = 0;

    for (size_t i = 0; i < GROUPS * GROUP; i++) {
        uint8_t random;

        if (RAND_priv_bytes(&random, 1) != 1)
            return false;
        to[length++] = (uint8_t)alphabet[random % (sizeof alphabet - 1)];
        OPENSSL_cleanse(&random, 1);
        if (i % GROUP == GROUP - 1)
            to[length++] = i + 1 < GROUPS * GROUP ? '-' : '\n';
    }
    secret_set_length(text, length);
    return true;
}

enum ks_err
token_make_passphrase(struct err_cause *cause)
{
    struct secret *text = NULL;
    enum ks_err rc = KS_OK;

    _Static_assert(sizeof alphabet - 1 == 32, "no bias in the remainder");
    if (secret_new(GROUPS * (GROUP + 1), &text) != KS_OK)
        return err_set(cause, KS_ERR_MEMORY_LOCK, "passphrase");
    if (!fill(text))
        rc = err_set_openssl(cause, KS_ERR_INTERNAL, "random bytes");
    else if (!write_all(CHANNEL_FD_PIN, secret_bytes(text),
                        secret_length(text)) ||
             fsync(CHANNEL_FD_PIN) != 0)
        rc = err_set_errno(cause, KS_ERR_PASSPHRASE_FILE, "writing it");
    secret_free(&text);
    return rc;
}
