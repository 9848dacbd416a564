/* SPDX-License-Identifier: Apache-2.0 */
/* The one place that writes to standard output. */
#include "agent/holdfast/report/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keystore/base/err.h"
#include "keystore/base/time_text.h"

/* "file_path" as people read it. */
static void
print_name(const char *prefix, const char *key)
{
    char name[64];

    (void)snprintf(name, sizeof name, "%s%s", prefix, key);
    for (char *c = name; *c != '\0'; c++)
        if (*c == '_')
            *c = ' ';
    (void)printf("%-28s ", name);
}

static void
print_value(json_t *value)
{
    if (json_is_string(value)) {
        char *text = strdup(json_string_value(value));

        if (text != NULL)
            err_escape(text);
        (void)puts(text != NULL ? text : "");
        free(text);
    } else if (json_is_integer(value)) {
        (void)printf("%lld\n", (long long)json_integer_value(value));
    } else {
        (void)puts(json_is_true(value) ? "yes" : "no");
    }
}

static void
print_lines(const char *prefix, json_t *object)
{
    const char *key;
    json_t *value, *each;
    size_t i;

    json_object_foreach(object, key, value)
    {
        char longer[64];

        (void)snprintf(longer, sizeof longer, "%s%s ", prefix, key);
        json_array_foreach(value, i, each)
        {
            print_lines(longer, each);
        }
        if (json_is_object(value)) {
            print_lines(longer, value);
        } else if (!json_is_array(value)) {
            print_name(prefix, key);
            print_value(value);
        }
    }
}

json_t *
report_text(const char *text)
{
    json_t *value = json_string(text);
    char *copy = value == NULL ? strdup(text) : NULL;

    if (copy != NULL) {
        err_escape(copy);
        value = json_string(copy);
    }
    free(copy);
    return value;
}

void
report_put_text(json_t *object, const char *key, const char *text)
{
    if (text != NULL && *text != '\0')
        (void)json_object_set_new(object, key, report_text(text));
}

void
report_put_time(json_t *object, const char *key, time_t when)
{
    char text[TIME_TEXT_SIZE];

    time_text(when, text);
    report_put_text(object, key, text);
}

void
report_print(json_t *object, bool json)
{
    if (json)
        (void)json_dumpf(object, stdout, JSON_INDENT(2));
    else
        print_lines("", object);
    if (json)
        (void)putchar('\n');
    json_decref(object);
}
