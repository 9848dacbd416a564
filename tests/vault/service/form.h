/* SPDX-License-Identifier: Apache-2.0 */
/* application/x-www-form-urlencoded, for the token endpoint and the portal. */
#ifndef VAULT_FORM_H
#define VAULT_FORM_H

#include <stdbool.h>
#include <stddef.h>

#define FORM_FIELDS_MAX 64

struct form {
    char *text; /* names and values lie in it */
    struct form_field {
        const char *name;
        const char *value;
    } fields[FORM_FIELDS_MAX];
    size_t count;
};

/* False where BODY is malformed, has a NUL or too many fields.  form_clear()
 * afterwards in any case. */
bool form_parse(const char *body, size_t length, struct form *ret);
void form_clear(struct form *form);

/* The field NAME; NULL where it is absent, or there more than once
 * (RFC 6749, 3.2). */
const char *form_get(const struct form *form, const char *name);

/* Decode %XX in place; false where it is malformed or hides a NUL. */
bool form_unescape(char *text);

#endif
