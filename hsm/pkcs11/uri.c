/* SPDX-License-Identifier: Apache-2.0 */
/*
 * p11-kit decodes; what it lets pass is refused here first: blanks (it removes
 * them), an attribute twice (it takes the last), empty and unknown ones.  No
 * cause may repeat any part of the text, which may hold a PIN.
 */
#include "hsm/pkcs11/uri.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <p11-kit/uri.h>

#define PREFIX "pkcs11:"
#define ALPHANUMERIC                                                           \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* RFC 7512, 2.3: what may stand in either part, "%" for the encoded rest. */
#define EITHER ALPHANUMERIC "-._~%:[]@!$'()*+,="
static const char path_characters[] = EITHER "&;";
static const char query_characters[] = EITHER "/?|&";

/* Attributes by name; those with a reason are known and refused with it. */
enum attribute {
    TOKEN,
    SERIAL,
    MANUFACTURER,
    MODEL,
    MODULE_PATH,
    MODULE_NAME,
    PIN_VALUE,
    PIN_SOURCE,
    OBJECT,
    TYPE,
    ID,
    ATTRIBUTE__MAX
};

static const struct {
    const char *name;
    bool query;
    const char *refused;
} attributes[] = {
    [TOKEN] = {"token", false, NULL},
    [SERIAL] = {"serial", false, NULL},
    [MANUFACTURER] = {"manufacturer", false, NULL},
    [MODEL] = {"model", false, NULL},
    [MODULE_PATH] = {"module-path", true, NULL},
    [MODULE_NAME] = {"module-name", true, NULL},
    [PIN_VALUE] = {"pin-value", true, "a PIN has no place in it: --pin-file"},
    [PIN_SOURCE] = {"pin-source", true, "use --pin-file for pin-source"},
    [OBJECT] = {"object", false, "it names an object, not a token"},
    [TYPE] = {"type", false, "it names an object, not a token"},
    [ID] = {"id", false, "it names an object, not a token"},
};

_Static_assert(sizeof attributes / sizeof attributes[0] == ATTRIBUTE__MAX,
               "every attribute has its row");

static enum attribute
lookup(const char *name, size_t length)
{
    size_t i = 0;

    while (i < ATTRIBUTE__MAX && (strlen(attributes[i].name) != length ||
                                  memcmp(attributes[i].name, name, length)))
        i++;
    return (enum attribute)i;
}

/* TEXT is "name=value" of LENGTH bytes. */
static enum ks_err
check_attribute(const char *text, size_t length, bool query, bool *seen,
                struct err_cause *cause)
{
    const char *equals = memchr(text, '=', length);
    enum attribute attribute;

    if (equals == NULL)
        return err_set(cause, KS_ERR_TOKEN_URI, "an attribute without value");
    attribute = lookup(text, (size_t)(equals - text));
    if (attribute == ATTRIBUTE__MAX)
        return err_set(cause, KS_ERR_TOKEN_URI, "an unknown attribute");
    if (attributes[attribute].refused != NULL)
        return err_set(cause, KS_ERR_TOKEN_URI, "%s",
                       attributes[attribute].refused);
    if (attributes[attribute].query != query)
        return err_set(cause, KS_ERR_TOKEN_URI, "%s belongs %s the '?'",
                       attributes[attribute].name, query ? "before" : "behind");
    if (seen[attribute])
        return err_set(cause, KS_ERR_TOKEN_URI, "%s stands there twice",
                       attributes[attribute].name);
    if (equals + 1 == text + length)
        return err_set(cause, KS_ERR_TOKEN_URI, "%s is empty",
                       attributes[attribute].name);
    seen[attribute] = true;
    return KS_OK;
}

/* The LENGTH bytes of the path or the query, split at SEPARATOR. */
static enum ks_err
check_part(const char *text, size_t length, bool query, bool *seen,
           struct err_cause *cause)
{
    const char *allowed = query ? query_characters : path_characters;
    const char *end = text + length;
    const char separator = query ? '&' : ';';
    enum ks_err rc = KS_OK;

    for (const char *p = text; p < end; p++)
        if (strchr(allowed, *p) == NULL)
            return err_set(cause, KS_ERR_TOKEN_URI,
                           "a character that must be percent-encoded");
    while (rc == KS_OK && text != NULL) {
        const char *next = memchr(text, separator, (size_t)(end - text));

        rc = check_attribute(text, (size_t)((next ? next : end) - text), query,
                             seen, cause);
        text = next ? next + 1 : NULL;
    }
    return rc;
}

static enum ks_err
check_text(const char *text, struct err_cause *cause)
{
    bool seen[ATTRIBUTE__MAX] = {false};
    const char *path = text + strlen(PREFIX);
    size_t length;
    enum ks_err rc = KS_OK;

    if (strncmp(text, PREFIX, strlen(PREFIX)) != 0)
        return err_set(cause, KS_ERR_TOKEN_URI, "no pkcs11: URI");
    if (strstr(text, "%00") != NULL)
        return err_set(cause, KS_ERR_TOKEN_URI, "a zero byte");
    length = strcspn(path, "?");
    if (length > 0)
        rc = check_part(path, length, false, seen, cause);
    if (rc == KS_OK && path[length] == '?')
        rc = check_part(path + length + 1, strlen(path + length + 1), true,
                        seen, cause);
    if (rc == KS_OK && !seen[TOKEN] && !seen[SERIAL] && !seen[MANUFACTURER] &&
        !seen[MODEL])
        rc = err_set(cause, KS_ERR_TOKEN_URI, "it names no token");
    if (rc == KS_OK && seen[MODULE_PATH] && seen[MODULE_NAME])
        rc = err_set(cause, KS_ERR_TOKEN_URI,
                     "either module-path or module-name");
    return rc;
}

static bool
is_printable(const unsigned char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] == 0x7f)
            return false;
    return true;
}

/* A blank-padded FIELD of SIZE bytes, all zero where the URI did not have it,
 * as a string.  False if that holds control characters or nothing but blanks.
 */
static bool
copy_field(char *ret, const unsigned char *field, size_t size)
{
    size_t length = size;

    if (field[0] == '\0') {
        ret[0] = '\0';
        return true;
    }
    while (length > 0 && field[length - 1] == ' ')
        length--;
    memcpy(ret, field, length);
    ret[length] = '\0';
    return length > 0 && is_printable(field, length);
}

/* TEXT may be NULL. */
static bool
has_control(const char *text)
{
    return text != NULL &&
           !is_printable((const unsigned char *)text, strlen(text));
}

/* TEXT, or "" for NULL.  False where it does not fit into SIZE. */
static bool
copy_text(char *ret, const char *text, size_t size)
{
    size_t length = text != NULL ? strlen(text) : 0;

    if (length >= size)
        return false;
    if (text != NULL)
        memcpy(ret, text, length);
    ret[length] = '\0';
    return true;
}

static enum ks_err
copy_uri(P11KitUri *parsed, struct pkcs11_uri *ret, struct err_cause *cause)
{
    const CK_TOKEN_INFO *info = p11_kit_uri_get_token_info(parsed);
    const char *module = p11_kit_uri_get_module_path(parsed);
    const char *name = p11_kit_uri_get_module_name(parsed);
    struct pkcs11_uri uri = {0};

    if (!copy_field(uri.token, info->label, sizeof info->label) ||
        !copy_field(uri.manufacturer, info->manufacturerID,
                    sizeof info->manufacturerID) ||
        !copy_field(uri.model, info->model, sizeof info->model) ||
        !copy_field(uri.serial, info->serialNumber,
                    sizeof info->serialNumber) ||
        has_control(module) || has_control(name))
        return err_set(cause, KS_ERR_TOKEN_URI,
                       "a value of blanks or with control characters");
    if (module != NULL && module[0] != '/')
        return err_set(cause, KS_ERR_TOKEN_URI,
                       "module-path must be an absolute path");
    if (!copy_text(uri.module, module, sizeof uri.module))
        return err_set(cause, KS_ERR_TOKEN_URI, "module-path is too long");
    if (!copy_text(uri.module_name, name, sizeof uri.module_name))
        return err_set(cause, KS_ERR_TOKEN_URI, "module-name is too long");
    if (strchr(uri.module_name, '/') != NULL)
        return err_set(cause, KS_ERR_TOKEN_URI,
                       "module-name is no path: module-path");
    *ret = uri;
    return KS_OK;
}

enum ks_err
pkcs11_uri_parse(const char *text, struct pkcs11_uri *ret,
                 struct err_cause *cause)
{
    P11KitUri *parsed = NULL;
    enum ks_err rc = check_text(text, cause);
    int answer;

    if (rc != KS_OK)
        return rc;
    parsed = p11_kit_uri_new();
    if (parsed == NULL)
        return err_set(cause, KS_ERR_RESOURCES, "no memory");
    answer = p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, parsed);
    if (answer != P11_KIT_URI_OK)
        rc = err_set(cause, KS_ERR_TOKEN_URI, "%s",
                     p11_kit_uri_message(answer));
    else if (p11_kit_uri_any_unrecognized(parsed))
        rc = err_set(cause, KS_ERR_TOKEN_URI, "a value is too long");
    else
        rc = copy_uri(parsed, ret, cause);
    p11_kit_uri_free(parsed);
    return rc;
}
