/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/vault/attestation/tests/alter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/rand.h>

#include "tests/vault/service/encoding.h"

static size_t
draw(size_t below)
{
    uint32_t number;

    assert_int_equal(RAND_bytes((unsigned char *)&number, sizeof number), 1);
    return number % below;
}

/* The characters of all texts in VALUE; where *AT is within them, the text
 * that it is in goes to *RET, and *AT becomes its place there. */
static size_t
walk(json_t *value, size_t *at, json_t **ret)
{
    size_t all = 0;
    const char *name;
    json_t *each;
    size_t i;

    if (json_is_string(value)) {
        all = json_string_length(value);
        if (*ret == NULL && *at < all)
            *ret = value;
        else if (*ret == NULL)
            *at -= all;
    } else if (json_is_object(value)) {
        json_object_foreach(value, name, each) all += walk(each, at, ret);
    } else {
        json_array_foreach(value, i, each) all += walk(each, at, ret);
    }
    return all;
}

static json_t *
pick(json_t *value, size_t *ret_at)
{
    json_t *all = NULL;
    json_t *picked = NULL;

    *ret_at = SIZE_MAX;
    *ret_at = draw(walk(value, ret_at, &all));
    (void)walk(value, ret_at, &picked);
    assert_non_null(picked);
    return picked;
}

void
alter_bytes(uint8_t *bytes, size_t length)
{
    size_t bit = draw(8 * length);

    print_message("bit %zu of %zu bytes\n", bit, length);
    bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
}

void
alter_bit(json_t *value)
{
    size_t at;
    json_t *text = pick(value, &at);
    size_t length = 0;
    uint8_t *bytes = encoding_from_base64url(json_string_value(text),
                                             json_string_length(text), &length);
    char *altered;

    assert_non_null(bytes);
    alter_bytes(bytes, length);
    altered = encoding_base64url(bytes, length);
    assert_int_equal(json_string_set(text, altered), 0);
    free(altered);
    free(bytes);
}

void
alter_character(json_t *value)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq"
                                   "rstuvwxyz0123456789-_";
    size_t at;
    json_t *text = pick(value, &at);
    char *altered = strdup(json_string_value(text));
    char was = altered[at];

    while (altered[at] == was)
        altered[at] = alphabet[draw(sizeof alphabet - 1)];
    print_message("character %zu of %zu, %c for %c\n", at, strlen(altered),
                  altered[at], was);
    assert_int_equal(json_string_set(text, altered), 0);
    free(altered);
}
