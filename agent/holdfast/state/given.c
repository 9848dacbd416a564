/* SPDX-License-Identifier: Apache-2.0 */
/* Number 0 is in the members that a state with one file has always had; the
 * others are objects of an array, whose members are called the same. */
#include "agent/holdfast/state/given.h"

#include <string.h>

#include "agent/holdfast/state/internal.h"
#include "keystore/base/hex.h"

#define EARLIER "earlier_files"

static const enum state_text texts[] = {
    STATE_FILE_PATH,    STATE_FILE_SHA256, STATE_FILE_MARK,
    STATE_WIPE_OUTCOME, STATE_WIPE_DETAIL,
};

static const enum state_number numbers[] = {STATE_FILE_DEVICE, STATE_FILE_INODE,
                                            STATE_FILE_SIZE};

bool
state_given_is_ours(json_t *json)
{
    json_t *earlier = json_object_get(json, EARLIER);
    json_t *file;
    size_t i;

    if (earlier == NULL)
        return true;
    if (!json_is_array(earlier) ||
        json_array_size(earlier) > STATE_GIVEN_EARLIER_MAX)
        return false;
    json_array_foreach(earlier, i, file)
    {
        if (!json_is_object(file) || !state_has_right_kinds(file))
            return false;
    }
    return true;
}

static json_t *
find(const struct state *state, size_t number)
{
    return number == 0 ? state->json
                       : json_array_get(json_object_get(state->json, EARLIER),
                                        number - 1);
}

size_t
state_given_count(const struct state *state)
{
    return 1 + json_array_size(json_object_get(state->json, EARLIER));
}

const char *
state_given_text(const struct state *state, size_t number,
                 enum state_text which)
{
    const char *text = json_string_value(
        json_object_get(find(state, number), state_text_key(which)));

    return text != NULL ? text : "";
}

uint64_t
state_given_number(const struct state *state, size_t number,
                   enum state_number which)
{
    return (uint64_t)json_integer_value(
        json_object_get(find(state, number), state_number_key(which)));
}

void
state_given_set_text(struct state *state, size_t number, enum state_text which,
                     const char *text)
{
    if (json_object_set_new(find(state, number), state_text_key(which),
                            json_string_nocheck(text)) != 0)
        state->spoilt = true;
}

void
state_given_set_bytes(struct state *state, size_t number, enum state_text which,
                      const uint8_t *bytes, size_t length)
{
    char hex[STATE_HEX_MAX];

    if (2 * length >= sizeof hex) {
        state->spoilt = true;
        return;
    }
    hex_write(hex, bytes, length);
    state_given_set_text(state, number, which, hex);
}

bool
state_given_bytes(const struct state *state, size_t number,
                  enum state_text which, uint8_t *bytes, size_t length)
{
    return hex_read(state_given_text(state, number, which), bytes, length);
}

/* The file itself, or another copy on standard input: by content, and where
 * it lies. */
static bool
is_same(const struct state *state, size_t number,
        const struct state_given *given)
{
    uint8_t sha256[32];

    return state_given_bytes(state, number, STATE_FILE_SHA256, sha256,
                             sizeof sha256) &&
           memcmp(sha256, given->sha256, sizeof sha256) == 0 &&
           state_given_number(state, number, STATE_FILE_DEVICE) ==
               given->device &&
           state_given_number(state, number, STATE_FILE_INODE) == given->inode;
}

/* Number 0 as an object of its own, or NULL. */
static json_t *
copy_last(const struct state *state)
{
    json_t *copy = json_object();

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (json_object_set_new(
                copy, state_text_key(texts[i]),
                json_string_nocheck(state_given_text(state, 0, texts[i]))) != 0)
            goto fail;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (json_object_set_new(
                copy, state_number_key(numbers[i]),
                json_integer((json_int_t)state_number(state, numbers[i]))) != 0)
            goto fail;
    return copy;
fail:
    json_decref(copy);
    return NULL;
}

/* Record what is known of a file, and that no wipe of it has begun. */
static void
record(struct state *state, size_t number, const struct state_given *given)
{
    json_t *file = find(state, number);
    const uint64_t values[] = {given->device, given->inode, given->size};

    state_given_set_text(state, number, STATE_FILE_PATH, given->path);
    state_given_set_bytes(state, number, STATE_FILE_SHA256, given->sha256, 32);
    state_given_set_text(state, number, STATE_FILE_MARK, "");
    state_given_set_text(state, number, STATE_WIPE_OUTCOME, "");
    state_given_set_text(state, number, STATE_WIPE_DETAIL, "");
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (json_object_set_new(file, state_number_key(numbers[i]),
                                json_integer((json_int_t)values[i])) != 0)
            state->spoilt = true;
}

/* Have FILE, which is taken, as number 1. */
static enum ks_err
insert(struct state *state, json_t *file, struct err_cause *cause)
{
    json_t *earlier = json_object_get(state->json, EARLIER);

    if (json_array_size(earlier) == STATE_GIVEN_EARLIER_MAX) {
        json_decref(file);
        return err_set(cause, KS_ERR_UNFINISHED,
                       "%d other files were given before and are to be wiped "
                       "at its end; give one of them, or 'holdfast "
                       "unregister' first",
                       STATE_GIVEN_EARLIER_MAX + 1);
    }
    if (earlier == NULL) {
        earlier = json_array();
        if (json_object_set_new(state->json, EARLIER, earlier) != 0) {
            json_decref(file);
            state->spoilt = true;
            return KS_OK;
        }
    }
    if (json_array_insert_new(earlier, 0, file) != 0)
        state->spoilt = true;
    return KS_OK;
}

enum ks_err
state_given_put(struct state *state, const struct state_given *given,
                struct err_cause *cause)
{
    json_t *earlier = json_object_get(state->json, EARLIER);
    bool none = *state_text(state, STATE_FILE_SHA256) == '\0';
    enum ks_err rc = KS_OK;

    for (size_t i = json_array_size(earlier); i > 0; i--)
        if (is_same(state, i, given))
            (void)json_array_remove(earlier, i - 1);
    if (!none && !is_same(state, 0, given))
        rc = insert(state, copy_last(state), cause);
    if (rc == KS_OK)
        record(state, 0, given);
    return rc;
}

enum ks_err
state_given_add(struct state *state, const struct state_given *given,
                struct err_cause *cause)
{
    size_t count = state_given_count(state);
    size_t number = 0;
    enum ks_err rc = KS_OK;

    while (number < count && !is_same(state, number, given))
        number++;
    if (number == count) {
        rc = insert(state, json_object(), cause);
        number = 1;
    }
    if (rc == KS_OK)
        record(state, number, given);
    return rc;
}
