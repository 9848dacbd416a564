/* SPDX-License-Identifier: Apache-2.0 */
/* A list of things and how each is released, the newest first. */
#include "tests/vault/rules/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct keep {
    void *thing;
    void (*release)(void *);
    struct keep *next;
};

static struct keep *kept_first;

void *
kept(void *thing, void (*release)(void *))
{
    struct keep *keep = malloc(sizeof *keep);

    assert_non_null(thing);
    assert_non_null(keep);
    *keep = (struct keep){thing, release, kept_first};
    kept_first = keep;
    return thing;
}

void
kept_release(void)
{
    while (kept_first != NULL) {
        struct keep *keep = kept_first;

        kept_first = keep->next;
        keep->release(keep->thing);
        free(keep);
    }
}

static void
release_key(void *thing)
{
    EVP_PKEY_free(thing);
}

static void
release_certificate(void *thing)
{
    X509_free(thing);
}

static void
release_json(void *thing)
{
    json_decref(thing);
}

void *
kept_memory(void *memory)
{
    return kept(memory, free);
}

EVP_PKEY *
kept_key(EVP_PKEY *key)
{
    return kept(key, release_key);
}

X509 *
kept_certificate(X509 *certificate)
{
    return kept(certificate, release_certificate);
}

json_t *
kept_json(json_t *json)
{
    return kept(json, release_json);
}

void *
kept_new(size_t size)
{
    return kept_memory(calloc(1, size));
}

char *
kept_format(const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    assert_true(vasprintf(&text, format, args) >= 0);
    va_end(args);
    return kept_memory(text);
}

json_t *
kept_lines(char *text)
{
    json_t *array = kept_json(json_array());
    json_error_t error;
    char *line;

    while ((line = strsep(&text, "\n")) != NULL) {
        json_t *object;

        if (*line == '\0')
            continue;
        object = json_loads(line, JSON_REJECT_DUPLICATES, &error);
        if (object == NULL)
            fail_msg("no JSON: %s: %s", error.text, line);
        (void)json_array_append_new(array, object);
    }
    return array;
}
