/* SPDX-License-Identifier: Apache-2.0 */
/* Replies are made here, so that all have the same shape and none is kept by a
 * cache. */
#include "tests/vault/service/exchange.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *
exchange_get(const struct exchange *exchange, const char *name)
{
    return exchange->header(exchange->source, name);
}

bool
exchange_is(const struct exchange *exchange, const char *type)
{
    const char *value = exchange_get(exchange, "Content-Type");
    size_t length = strlen(type);

    return value != NULL && strncasecmp(value, type, length) == 0 &&
           (value[length] == '\0' || strchr("; \t", value[length]) != NULL);
}

void
exchange_add(struct exchange *exchange, const char *name, const char *format,
             ...)
{
    struct exchange_header *header;
    va_list arguments;

    if (exchange->header_count == EXCHANGE_HEADERS_MAX)
        return;
    header = &exchange->headers[exchange->header_count++];
    header->name = name;
    va_start(arguments, format);
    (void)vsnprintf(header->value, sizeof header->value, format, arguments);
    va_end(arguments);
}

static void
answer(struct exchange *exchange, int status, const char *type, char *text)
{
    exchange->status = status;
    exchange->reply = text;
    exchange->reply_length = text != NULL ? strlen(text) : 0;
    if (type != NULL)
        exchange_add(exchange, "Content-Type", "%s", type);
    exchange_add(exchange, "Cache-Control", "no-store");
}

void
exchange_text(struct exchange *exchange, int status, const char *type,
              char *text)
{
    if (text == NULL)
        exchange_fault(exchange);
    else
        answer(exchange, status, type, text);
}

void
exchange_json(struct exchange *exchange, int status, json_t *json)
{
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;

    json_decref(json);
    exchange_text(exchange, status, "application/json", text);
}

void
exchange_empty(struct exchange *exchange, int status)
{
    answer(exchange, status, NULL, NULL);
}

void
exchange_file(struct exchange *exchange, int status, int fd, int64_t from,
              int64_t length)
{
    answer(exchange, status, NULL, NULL);
    exchange->reply_fd = fd;
    exchange->reply_from = from;
    exchange->reply_length = (size_t)length;
}

/* RFC 6749, 5.2 and RFC 6750, 3.1 */
static const char *
error_name(const struct exchange *exchange, int status)
{
    const char *step = exchange->record.step;

    if (status == 401)
        return step != NULL && strcmp(step, "M2") == 0 ? "invalid_client"
                                                       : "invalid_token";
    if (status == 403)
        return "access_denied";
    if (status == 404)
        return "not_found";
    if (status == 507)
        return "insufficient_storage";
    return status == 500 ? "server_error" : "invalid_request";
}

bool
exchange_refuse(struct exchange *exchange, enum refusal refusal,
                const char *format, ...)
{
    int status = refusal_status(refusal);
    const char *error = error_name(exchange, status);
    char sentence[1024]; /* with the names of two machines in it */
    char description[1088];
    va_list arguments;
    json_t *json;

    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    (void)snprintf(description, sizeof description, "%s: %s",
                   refusal_word(refusal), sentence);
    exchange->refusal = refusal;
    if (status == 401 && strcmp(error, "invalid_token") == 0)
        exchange_add(exchange, "WWW-Authenticate", "Bearer error=\"%s\"",
                     error);
    json = json_pack("{s:s, s:s}", "error", error, "error_description",
                     description);
    answer(exchange, status, "application/json",
           json_dumps(json, JSON_COMPACT));
    json_decref(json);
    return false;
}

/* RFC 9110, 12.5.1: with 415, Accept says what would be taken. */
bool
exchange_refuse_type(struct exchange *exchange, const char *type)
{
    exchange_add(exchange, "Accept", "%s", type);
    return exchange_refuse(exchange, REFUSAL_TYPE,
                           "the Content-Type of this request must be %s", type);
}

bool
exchange_fault(struct exchange *exchange)
{
    return exchange_refuse(exchange, REFUSAL_FAULT,
                           "the vault failed; its log says more");
}
