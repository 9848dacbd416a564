/* SPDX-License-Identifier: Apache-2.0 */
/* The error table of docs/protocol.md, as the customer reads it. */
#include "tests/vault/rules/rules.h"

#include <string.h>
#include <time.h>

static const struct word {
    const char *word;
    long status[3];
} table[] = {
    {"superseded", {401}},
    {"expired", {401}},
    {"retired", {401}},
    {"revoked", {401, 403}},
    {"unknown-certificate", {401}},
    {"certificate-mismatch", {401}},
    {"clock", {401}},
    {"assertion", {401}},
    {"token", {401}},
    {"proof", {403}},
    {"nonce", {403}},
    {"policy", {403}},
    {"endorsement", {403}},
    {"evidence", {403}},
    {"duplicate", {403}},
    {"request", {400, 501, 505}},
    {"method", {405}},
    {"large", {413, 414, 431}},
    {"type", {415}},
    {"range", {416}},
    {"absent", {404}},
    {"content", {400}},
    {"exists", {403}},
    {"grant", {403}},
    {"retained", {403}},
    {"quota", {507}},
};

static const char *
error_for(long status, const char *step)
{
    if (status == 401)
        return strcmp(step, "M2") == 0 ? "invalid_client" : "invalid_token";
    if (status == 403)
        return "access_denied";
    if (status == 404)
        return "not_found";
    if (status == 507)
        return "insufficient_storage";
    return "invalid_request";
}

/* A word's statuses end with the first 0, or the third. */
static bool
has_status(const struct word *word, long status)
{
    for (size_t i = 0; i < 3 && word->status[i] != 0; i++)
        if (word->status[i] == status)
            return true;
    return false;
}

/* Where the agent has no advice of its own but to ask somebody, the sentence
 * has it, behind a semicolon. */
static bool
must_advise(const struct word *word, long status)
{
    static const char *const words[] = {"token",  "nonce",    "grant",
                                        "quota",  "retained", "revoked",
                                        "policy", "duplicate"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(word->word, words[i]) == 0)
            return strcmp(word->word, "revoked") != 0 || status == 403;
    return false;
}

static void
fail_reply(const struct reply *reply, const char *wanted, const char *file,
           int line)
{
    print_error("%s: wanted %s, got %ld: %s\n", reply->step, wanted,
                reply->status, reply->body);
    _fail(file, line);
}

/* The word that DESCRIPTION begins with, if it is one of WORDS. */
static const struct word *
find_word(const char *description, const char *words)
{
    size_t length = strcspn(description, ":");

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *word = table[i].word;
        const char *at = strstr(words, word);

        if (at != NULL && strlen(word) == length &&
            strncmp(word, description, length) == 0)
            return &table[i];
    }
    return NULL;
}

void
expect_refused_at(const struct reply *reply, const char *words,
                  const char *file, int line)
{
    const char *error = json_string_value(
        json_object_get(reply->json, "error"));
    const char *description = json_string_value(
        json_object_get(reply->json, "error_description"));
    const char *type = reply_header(reply, "Content-Type");
    const struct word *word;

    if (error == NULL || description == NULL || type == NULL ||
        strncmp(type, "application/json", 16) != 0)
        fail_reply(reply, words, file, line);
    word = find_word(description, words);
    if (word == NULL || !has_status(word, reply->status))
        fail_reply(reply, words, file, line);
    if (strcmp(error, error_for(reply->status, reply->step)) != 0)
        fail_reply(reply, error_for(reply->status, reply->step), file, line);
    if (must_advise(word, reply->status) && strstr(description, "; ") == NULL)
        fail_reply(reply, "a sentence that says what to do", file, line);
    if (strlen(description) < strlen(word->word) + strlen(": a b"))
        fail_reply(reply, "a sentence for people", file, line);
}

void
expect_said_at(const struct reply *reply, const char *text, const char *file,
               int line)
{
    if (strstr(reply_text(reply, "error_description"), text) == NULL)
        fail_reply(reply, text, file, line);
}

/* WHEN in one of the two ways a sentence may write it: seconds, or ISO 8601. */
static bool
says_time(const char *sentence, long when)
{
    const time_t seconds = when;
    struct tm tm;
    char iso[32];

    assert_non_null(gmtime_r(&seconds, &tm));
    assert_true(strftime(iso, sizeof iso, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
    return strstr(sentence, iso) != NULL ||
           strstr(sentence, kept_format("%ld", when)) != NULL;
}

void
expect_clock_at(const struct reply *reply, long stated, const char *file,
                int line)
{
    const char *sentence;
    bool said_now = false;

    expect_refused_at(reply, "clock", file, line);
    sentence = reply_text(reply, "error_description");
    for (long i = -5; i <= 5 && !said_now; i++)
        said_now = says_time(sentence, service_now() + i);
    if (!said_now)
        fail_reply(reply, "the vault's own time", file, line);
    if (!says_time(sentence, stated))
        fail_reply(reply, "the time that was stated", file, line);
}

void
expect_status_at(const struct reply *reply, long status, const char *file,
                 int line)
{
    if (reply->status != status)
        fail_reply(reply, kept_format("%ld", status), file, line);
}
