/* SPDX-License-Identifier: Apache-2.0 */
/* One request and its reply, without the HTTP library.  A handler reads the
 * request, checks, and answers exactly once. */
#ifndef VAULT_EXCHANGE_H
#define VAULT_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <openssl/types.h>

#include "tests/vault/service/record.h"
#include "tests/vault/service/refusal.h"
#include "tests/vault/service/repository.h"
#include "tests/vault/service/service.h"

#define EXCHANGE_BODY_MAX (64 * 1024)
#define EXCHANGE_HEADERS_MAX 12
#define EXCHANGE_VALUE_MAX 256

struct exchange {
    struct service *service;
    int64_t now; /* by the vault's clock, when the request was complete */

    /* The request.  Certificate, connection and address come from nginx
     * alone. */
    const char *method;
    const char *path;                    /* without query */
    char vault[VAULT_ID_MAX];            /* named in the path; "": none */
    char machine[ENCODING_UUID];         /* the same */
    enum object_type object_type;        /* of M7 */
    char object_name[ENCODING_HASH_HEX]; /* the same */
    const char *address;                 /* of the client */
    char *body;                          /* a NUL behind its end */
    size_t length;
    X509 *certificate;          /* of the TLS client; NULL: none */
    struct data_upload *upload; /* takes the body; NULL: BODY does */
    const char *(*header)(void *source, const char *name);
    void *source;

    /* The reply */
    int status;    /* 0 until there is one */
    bool answered; /* it has been sent off */
    enum refusal refusal;
    char *reply;
    size_t reply_length;
    int reply_fd;       /* a file with the body instead; -1: none */
    int64_t reply_from; /* where in that file */
    struct exchange_header {
        const char *name;
        char value[EXCHANGE_VALUE_MAX];
    } headers[EXCHANGE_HEADERS_MAX];
    size_t header_count;

    struct record record;
};

/* A header of the request; NULL where it is absent. */
const char *exchange_get(const struct exchange *exchange, const char *name);

/* Whether the body is of this media type; parameters are passed over. */
bool exchange_is(const struct exchange *exchange, const char *type);

__attribute__((format(printf, 3, 4))) void
exchange_add(struct exchange *exchange, const char *name, const char *format,
             ...);

/* Answer with JSON (which is released), with TEXT (taken over; NULL is a
 * fault) of TYPE, or with nothing. */
void exchange_json(struct exchange *exchange, int status, json_t *json);
void exchange_text(struct exchange *exchange, int status, const char *type,
                   char *text);
void exchange_empty(struct exchange *exchange, int status);

/* Answer with LENGTH bytes of a file (taken over) behind the first FROM. */
void exchange_file(struct exchange *exchange, int status, int fd, int64_t from,
                   int64_t length);

/* Answer with an error of docs/protocol.md; FORMAT is the sentence for people.
 * Always false, so that a check can return it. */
__attribute__((format(printf, 3, 4))) bool
exchange_refuse(struct exchange *exchange, enum refusal refusal,
                const char *format, ...);

/* The body is not of TYPE, the one that is taken here. */
bool exchange_refuse_type(struct exchange *exchange, const char *type);

/* The vault itself failed. */
bool exchange_fault(struct exchange *exchange);

#endif
