/* SPDX-License-Identifier: Apache-2.0 */
/* Each field under its name in the JSON object. */
#include "agent/holdfast/state/fields.h"

#include <string.h>

#include "agent/holdfast/state/internal.h"
#include "keystore/base/hex.h"

static const char *const phases[] = {
    [STATE_NONE] = "none",
    [STATE_IMPORTING] = "importing",
    [STATE_IMPORTED] = "imported",
    [STATE_REGISTERING] = "registering",
    [STATE_REGISTERED] = "registered",
    [STATE_WIPE_PENDING] = "wipe-pending",
    [STATE_DONE] = "done",
};

static const char *const texts[] = {
#define X(name, key) [STATE_##name] = key,
    STATE_TEXTS(X)
#undef X
};

static const char *const numbers[] = {
#define X(name, key) [STATE_##name] = key,
    STATE_NUMBERS(X)
#undef X
};

_Static_assert(sizeof phases / sizeof phases[0] == STATE__MAX,
               "every phase has its name");

const char *
state_text_key(enum state_text which)
{
    return texts[which];
}

const char *
state_number_key(enum state_number which)
{
    return numbers[which];
}

bool
state_phase_find(const char *name, enum state_phase *ret)
{
    for (int i = 0; name != NULL && i < STATE__MAX; i++)
        if (strcmp(name, phases[i]) == 0) {
            *ret = (enum state_phase)i;
            return true;
        }
    return false;
}

bool
state_has_right_kinds(json_t *object)
{
    json_t *value;

    for (size_t i = 0; i < STATE_TEXT__MAX; i++) {
        value = json_object_get(object, texts[i]);
        if (value != NULL && !json_is_string(value))
            return false;
    }
    for (size_t i = 0; i < STATE_NUMBER__MAX; i++) {
        value = json_object_get(object, numbers[i]);
        if (value != NULL && !json_is_integer(value))
            return false;
    }
    return true;
}

enum state_phase
state_phase(const struct state *state)
{
    return state->phase;
}

const char *
state_phase_name(enum state_phase phase)
{
    return phases[phase];
}

const char *
state_text(const struct state *state, enum state_text which)
{
    const char *text = json_string_value(
        json_object_get(state->json, texts[which]));

    return text != NULL ? text : "";
}

const struct keystore_kind *
state_kind(const struct state *state)
{
    return keystore_kind_of(state_text(state, STATE_TOKEN_SCHEME));
}

uint64_t
state_number(const struct state *state, enum state_number which)
{
    return (uint64_t)json_integer_value(
        json_object_get(state->json, numbers[which]));
}

void
state_set_text(struct state *state, enum state_text which, const char *text)
{
    if (json_object_set_new(state->json, texts[which],
                            json_string_nocheck(text)) != 0)
        state->spoilt = true;
}

void
state_set_number(struct state *state, enum state_number which, uint64_t number)
{
    if (json_object_set_new(state->json, numbers[which],
                            json_integer((json_int_t)number)) != 0)
        state->spoilt = true;
}

void
state_set_bytes(struct state *state, enum state_text which,
                const uint8_t *bytes, size_t length)
{
    char text[STATE_HEX_MAX];

    if (2 * length >= sizeof text) {
        state->spoilt = true;
        return;
    }
    hex_write(text, bytes, length);
    state_set_text(state, which, text);
}

bool
state_bytes(const struct state *state, enum state_text which, uint8_t *bytes,
            size_t length)
{
    return hex_read(state_text(state, which), bytes, length);
}
