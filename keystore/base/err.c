/* SPDX-License-Identifier: Apache-2.0 */
/* The error list made into tables, and the one place where causes become
 * text.  Must not print: only agent/ does. */
#include "keystore/base/err.h"

#include <errno.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#define REMEDY "; " /* begins one in a cause */

static const struct {
    const char *name;
    const char *phrase;
    const char *remedy;
    int status;
} errors[] = {
#define X(code, exit_status, words, advice)                                    \
    [code] = {                                                                 \
        .name = #code,                                                         \
        .phrase = words,                                                       \
        .remedy = advice,                                                      \
        .status = exit_status,                                                 \
    },
    ERR_LIST(X)
#undef X
};

_Static_assert(sizeof errors / sizeof errors[0] == KS_ERR__MAX,
               "every error has its row");

static enum ks_err
known(enum ks_err err)
{
    return (unsigned)err < KS_ERR__MAX ? err : KS_ERR_INTERNAL;
}

const char *
err_phrase(enum ks_err err)
{
    return errors[known(err)].phrase;
}

const char *
err_remedy(enum ks_err err)
{
    return errors[known(err)].remedy;
}

const char *
err_remedy_after(enum ks_err err, const struct err_cause *cause)
{
    /* An unwiped file's cause is another error, whose remedy comes first. */
    if (err == KS_ERR_UNWIPED)
        return err_remedy(err);
    return strstr(cause->text, REMEDY) != NULL ? "" : err_remedy(err);
}

const char *
err_name(enum ks_err err)
{
    return errors[known(err)].name;
}

int
err_exit_status(enum ks_err err)
{
    return errors[known(err)].status;
}

/* The "; " in TEXT before END no longer begin a remedy. */
static void
join_parts(char *text, const char *end)
{
    while ((text = strstr(text, REMEDY)) != NULL && text < end)
        *text = ',';
}

/* Where TEXT, made by FORMAT, has FORMAT's remedy, or its end.  That is the
 * last place that reads like the remedy's beginning, as far as that is literal:
 * arguments before it may hold the same words. */
static const char *
find_remedy(const char *text, const char *format)
{
    const char *remedy = strstr(format, REMEDY), *found = NULL;
    size_t length = remedy != NULL ? strcspn(remedy, "%") : 0;

    for (; remedy != NULL && *text != '\0'; text++)
        if (strncmp(text, remedy, length) == 0)
            found = text;
    return found != NULL ? found : text + strlen(text);
}

enum ks_err
err_set(struct err_cause *cause, enum ks_err err, const char *format, ...)
{
    va_list args;

    if (cause == NULL)
        return err;
    va_start(args, format);
    (void)vsnprintf(cause->text, sizeof cause->text, format, args);
    va_end(args);
    join_parts(cause->text, find_remedy(cause->text, format));
    return err;
}

enum ks_err
err_pass(struct err_cause *cause, enum ks_err err, const char *format, ...)
{
    va_list args;

    if (cause == NULL)
        return err;
    va_start(args, format);
    (void)vsnprintf(cause->text, sizeof cause->text, format, args);
    va_end(args);
    return err;
}

enum ks_err
err_set_errno(struct err_cause *cause, enum ks_err err, const char *what)
{
    bool shortage = errno == EMFILE || errno == ENFILE || errno == ENOMEM;

    return err_set(cause, shortage ? KS_ERR_RESOURCES : err, "%s: %s", what,
                   strerror(errno));
}

enum ks_err
err_set_openssl(struct err_cause *cause, enum ks_err err, const char *what)
{
    const char *data = "";
    int flags = 0;
    unsigned long code = ERR_peek_last_error_all(NULL, NULL, NULL, &data,
                                                 &flags);
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

    (void)err_set(cause, err, "%s: %s", what,
                  reason != NULL ? reason : "unknown OpenSSL error");
    ERR_clear_error();
    return err;
}

void
err_escape(char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

void
err_quote(char *text)
{
    err_escape(text);
    join_parts(text, text + strlen(text));
}

void
err_cut_remedy(struct err_cause *cause)
{
    char *remedy = cause != NULL ? strstr(cause->text, REMEDY) : NULL;

    if (remedy != NULL)
        *remedy = '\0';
}
