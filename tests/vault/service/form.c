/* SPDX-License-Identifier: Apache-2.0 */
/* Decoded in place, in a copy. */
#include "tests/vault/service/form.h"

#include <stdlib.h>
#include <string.h>

static int
digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
form_unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        if (*from != '%') {
            *to++ = *from;
            continue;
        }
        int high = digit(from[1]);
        int low = high >= 0 ? digit(from[2]) : -1;

        if (low < 0 || high + low == 0)
            return false;
        *to++ = (char)(high << 4 | low);
        from += 2;
    }
    *to = '\0';
    return true;
}

static bool
unescape_field(char *text)
{
    for (char *c = text; *c != '\0'; c++)
        if (*c == '+')
            *c = ' ';
    return form_unescape(text);
}

bool
form_parse(const char *body, size_t length, struct form *ret)
{
    char *rest;
    char *pair;

    *ret = (struct form){0};
    if (memchr(body, '\0', length) != NULL)
        return false;
    ret->text = strndup(body, length);
    rest = ret->text;
    while (rest != NULL && (pair = strsep(&rest, "&")) != NULL) {
        char *value = strchr(pair, '=');

        if (*pair == '\0')
            continue;
        if (value == NULL || ret->count == FORM_FIELDS_MAX)
            return false;
        *value++ = '\0';
        if (!unescape_field(pair) || !unescape_field(value))
            return false;
        ret->fields[ret->count++] = (struct form_field){.name = pair,
                                                        .value = value};
    }
    return ret->text != NULL;
}

void
form_clear(struct form *form)
{
    free(form->text);
    *form = (struct form){0};
}

const char *
form_get(const struct form *form, const char *name)
{
    const char *value = NULL;

    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(form->fields[i].name, name) != 0)
            continue;
        if (value != NULL)
            return NULL;
        value = form->fields[i].value;
    }
    return value;
}
