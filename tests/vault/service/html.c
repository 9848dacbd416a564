/* SPDX-License-Identifier: Apache-2.0 */
/* A memory stream, and the five characters that mean something in HTML. */
#include "tests/vault/service/html.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/vault/service/clock.h"

struct html {
    FILE *file;
    char *text;
    size_t size;
};

struct html *
html_new(void)
{
    struct html *html = calloc(1, sizeof *html);

    if (html == NULL)
        return NULL;
    html->file = open_memstream(&html->text, &html->size);
    if (html->file == NULL) {
        free(html);
        return NULL;
    }
    return html;
}

char *
html_end(struct html **html)
{
    char *text = NULL;

    if (*html == NULL)
        return NULL;
    if (fclose((*html)->file) == 0)
        text = (*html)->text;
    else
        free((*html)->text);
    free(*html);
    *html = NULL;
    return text;
}

static void
escape(FILE *file, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<':
            (void)fputs("&lt;", file);
            break;
        case '>':
            (void)fputs("&gt;", file);
            break;
        case '&':
            (void)fputs("&amp;", file);
            break;
        case '"':
            (void)fputs("&quot;", file);
            break;
        case '\'':
            (void)fputs("&#39;", file);
            break;
        default:
            (void)fputc(*text, file);
        }
    }
}

void
html_add(struct html *html, const char *format, ...)
{
    va_list arguments;

    if (html == NULL)
        return;
    va_start(arguments, format);
    for (; *format != '\0'; format++) {
        if (format[0] == '%' && format[1] == 's') {
            escape(html->file, va_arg(arguments, const char *));
            format++;
        } else
            (void)fputc(*format, html->file);
    }
    va_end(arguments);
}

void
html_time(struct html *html, int64_t at)
{
    time_t seconds = (time_t)at;
    struct tm utc = {0};
    char machine[CLOCK_TEXT];
    char person[CLOCK_TEXT];

    (void)gmtime_r(&seconds, &utc);
    (void)strftime(person, sizeof person, "%d %b %Y, %H:%M UTC", &utc);
    html_add(html, "<time datetime=\"%s\">%s</time>", clock_text(at, machine),
             person);
}

const char *
html_size(int64_t bytes, char ret[static HTML_SIZE])
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB"};
    double size = (double)bytes;
    int unit = -1;

    while (size >= 999.5 && unit < 4) {
        size /= 1000;
        unit++;
    }
    if (unit < 0)
        (void)snprintf(ret, HTML_SIZE, "%d bytes", (int)bytes);
    else
        (void)snprintf(ret, HTML_SIZE, "%.1f %s", size, units[unit]);
    return ret;
}
