/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that are no text, in JSON. */
#include "agent/holdfast/state/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keystore/base/hex.h"

#define HEX "hex"

static json_t *
encode_text(const char *text)
{
    size_t length = strlen(text);
    json_t *value = json_string(text); /* NULL: no UTF-8, or no memory */
    char *hex = value == NULL ? malloc(2 * length + 1) : NULL;

    if (hex == NULL)
        return value;
    hex_write(hex, (const uint8_t *)text, length);
    value = json_pack("{s:s}", HEX, hex);
    free(hex);
    return value;
}

static json_t *
encode_object(json_t *object)
{
    json_t *encoded = json_object();
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        if (json_object_set_new(encoded, key, state_json_encode(value)) != 0) {
            json_decref(encoded);
            return NULL;
        }
    }
    return encoded;
}

static json_t *
encode_array(json_t *array)
{
    json_t *encoded = json_array();
    json_t *value;
    size_t i;

    json_array_foreach(array, i, value)
    {
        if (json_array_append_new(encoded, state_json_encode(value)) != 0) {
            json_decref(encoded);
            return NULL;
        }
    }
    return encoded;
}

json_t *
state_json_encode(json_t *json)
{
    if (json_is_object(json))
        return encode_object(json);
    if (json_is_array(json))
        return encode_array(json);
    return json_is_string(json) ? encode_text(json_string_value(json))
                                : json_incref(json);
}

/* The bytes of OBJECT, or NULL. */
static json_t *
decode_text(json_t *object)
{
    const char *hex = json_string_value(json_object_get(object, HEX));
    size_t length = hex != NULL ? strlen(hex) / 2 : 0;
    char *text = length > 0 && json_object_size(object) == 1
                     ? calloc(1, length + 1)
                     : NULL;
    json_t *value = NULL;

    if (text != NULL && hex_read(hex, (uint8_t *)text, length) &&
        strlen(text) == length)
        value = json_string_nocheck(text);
    free(text);
    return value;
}

static bool
decode_array(json_t *array)
{
    json_t *each;
    size_t i;

    json_array_foreach(array, i, each)
    {
        if (json_is_object(each) && !state_json_decode(each))
            return false;
    }
    return true;
}

bool
state_json_decode(json_t *object)
{
    const char *key;
    json_t *value;
    void *next;

    json_object_foreach_safe(object, next, key, value)
    {
        if (json_is_array(value)) {
            if (!decode_array(value))
                return false;
        } else if (json_is_object(value) &&
                   json_object_set_new(object, key, decode_text(value)) != 0) {
            return false;
        }
    }
    return true;
}
