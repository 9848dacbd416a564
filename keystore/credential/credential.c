/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of a credential and what each must look like.  Whatever is stored
 * here came from outside: nothing unchecked may enter, and no value may enter
 * an error's text. */
#include "keystore/credential/credential.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

static const struct {
    const char *element;
    bool required;
} fields[] = {
#define X(name, text, must)                                                    \
    [CREDENTIAL_##name] = {.element = text, .required = must},
    CREDENTIAL_FIELDS(X)
#undef X
};

_Static_assert(sizeof fields / sizeof fields[0] == CREDENTIAL__MAX,
               "every field has its row");

struct credential *
credential_new(void)
{
    struct credential *credential = calloc(1, sizeof *credential);

    if (credential == NULL)
        return NULL;
    for (size_t i = 0; i < CREDENTIAL__MAX; i++) {
        credential->text[i] = strdup("");
        if (credential->text[i] == NULL)
            credential_free(&credential);
        if (credential == NULL)
            return NULL;
    }
    return credential;
}

void
credential_free(struct credential **credential)
{
    if (*credential == NULL)
        return;
    for (size_t i = 0; i < CREDENTIAL__MAX; i++)
        free((*credential)->text[i]);
    X509_free((*credential)->certificate);
    free(*credential);
    *credential = NULL;
}

const char *
credential_element(enum credential_field field)
{
    return fields[field].element;
}

bool
credential_required(enum credential_field field)
{
    return fields[field].required;
}

/* The next code point of well-formed UTF-8 (RFC 3629), behind which *TEXT is
 * moved; -1 where it is ill-formed. */
static int32_t
next_code_point(const char **text)
{
    static const int32_t smallest[] = {0, 0x80, 0x800, 0x10000};
    uint8_t lead = (uint8_t) * (*text)++;
    int more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    int32_t code = more == 0 ? lead : lead & (0x3f >> more);

    if ((lead >= 0x80 && lead < 0xc0) || lead >= 0xf8)
        return -1;
    for (int i = 0; i < more; i++) {
        if (((uint8_t) * *text & 0xc0) != 0x80)
            return -1;
        code = code << 6 | ((uint8_t) * (*text)++ & 0x3f);
    }
    if (code < smallest[more] || code > 0x10ffff ||
        (code >= 0xd800 && code <= 0xdfff))
        return -1;
    return code;
}

/* Could it command a terminal, or show other than it is (UAX #9)? */
static bool
is_control(int32_t code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x61c ||
           (code >= 0x200e && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

static bool
is_text(const char *text)
{
    while (*text != '\0')
        if (is_control(next_code_point(&text)))
            return false;
    return true;
}

/* A URI has the characters of RFC 3986, 2, alone; who the URI leads to is
 * another's check. */
static bool
is_uri(const char *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz"
                                  "0123456789-._~:/?#[]@!$&'()*+,;=%";

    return text[strspn(text, allowed)] == '\0';
}

static bool
is_guid(const char *text)
{
    static const char form[] = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";

    if (strlen(text) != sizeof form - 1)
        return false;
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == '-' ? text[i] != '-'
                           : strchr("0123456789abcdefABCDEF", text[i]) == NULL)
            return false;
    return true;
}

/* A signed 64-bit number in its one canonical form: it goes into paths. */
static bool
is_number(const char *text)
{
    char canonical[24];
    long long value;

    /* A number that is too large comes back as another number. */
    value = strtoll(text, NULL, 10);
    (void)snprintf(canonical, sizeof canonical, "%lld", value);
    return strcmp(canonical, text) == 0;
}

static bool
is_version(const char *text)
{
    return strcmp(text, "2.0") == 0;
}

static bool
is_vaults(const char *text)
{
    return strcmp(text, "Vaults") == 0;
}

/* Fields that must have a form; the others are plain text. */
static const struct {
    bool (*holds)(const char *text);
    const char *words;
} forms[CREDENTIAL__MAX] = {
    [CREDENTIAL_VERSION] = {is_version,
                            "2.0; use a Holdfast that reads this version"},
    [CREDENTIAL_SUBSCRIPTION_ID] = {is_guid, "a GUID"},
    [CREDENTIAL_RESOURCE_TYPE] =
        {is_vaults,
         "Vaults; download a credentials file of a Recovery Services "
         "vault for backup"},
    [CREDENTIAL_RESOURCE_ID] = {is_number, "a 64-bit number"},
    [CREDENTIAL_AAD_AUTHORITY] = {is_uri, "a URI"},
    [CREDENTIAL_AAD_TENANT_ID] = {is_guid, "a GUID"},
    [CREDENTIAL_AAD_AUDIENCE] = {is_uri, "a URI"},
    [CREDENTIAL_CLIENT_ID] = {is_guid, "a GUID"},
    [CREDENTIAL_ENDPOINT] = {is_uri, "a URI"},
};

static enum ks_err
check_form(enum credential_field field, const char *text,
           struct err_cause *cause)
{
    const char *element = fields[field].element;

    if (strlen(text) >= CREDENTIAL_TEXT_MAX)
        return err_set(cause, KS_ERR_CRED_FORMAT, "%s is too long", element);
    if (!is_text(text))
        return err_set(cause, KS_ERR_CRED_FORMAT, "%s is no plain text",
                       element);
    if (*text != '\0' && forms[field].holds != NULL &&
        !forms[field].holds(text))
        return err_pass(cause, KS_ERR_CRED_FORMAT, "%s is not %s", element,
                        forms[field].words);
    return KS_OK;
}

enum ks_err
credential_set(struct credential *credential, enum credential_field field,
               const char *text, struct err_cause *cause)
{
    enum ks_err rc = check_form(field, text, cause);
    char *copy;

    if (rc != KS_OK)
        return rc;
    copy = strdup(text);
    if (copy == NULL)
        return err_set_errno(cause, KS_ERR_RESOURCES, fields[field].element);
    free(credential->text[field]);
    credential->text[field] = copy;
    return KS_OK;
}

enum ks_err
credential_complete(const struct credential *credential,
                    struct err_cause *cause)
{
    for (size_t i = 0; i < CREDENTIAL__MAX; i++)
        if (fields[i].required && credential->text[i][0] == '\0')
            return err_set(cause, KS_ERR_CRED_FORMAT, "%s is missing",
                           fields[i].element);
    if (credential->certificate == NULL)
        return err_set(cause, KS_ERR_CRED_FORMAT, "ManagementCert is missing");
    if (i2d_X509(credential->certificate, NULL) > CREDENTIAL_CERTIFICATE_MAX)
        return err_set(cause, KS_ERR_CRED_UNUSABLE,
                       "ManagementCert: a certificate of more than %d bytes",
                       CREDENTIAL_CERTIFICATE_MAX);
    return KS_OK;
}

enum ks_err
credential_audience(const struct credential *credential, char *ret, size_t size)
{
    const char *audience = credential->text[CREDENTIAL_AAD_AUDIENCE];
    int length;

    if (*audience != '\0')
        length = snprintf(ret, size, "%s", audience);
    else
        length = snprintf(ret, size, "https://RecoveryServiceVault/%s/%s/%s",
                          credential->text[CREDENTIAL_LOCATION],
                          credential->text[CREDENTIAL_RESOURCE_NAME],
                          credential->text[CREDENTIAL_RESOURCE_ID]);
    return length >= 0 && (size_t)length < size ? KS_OK : KS_ERR_CRED_FORMAT;
}
