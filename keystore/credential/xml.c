/* SPDX-License-Identifier: Apache-2.0 */
/* The XML of a vault credentials file.  Bounded in every direction; what it
 * does not know it passes over, what it knows may come once.  Must leave no
 * copy of the key's text: expat gets the allocator that wipes. */
#include "keystore/credential/parse.h"

#include <string.h>

#include <expat.h>

#include "keystore/credential/base64.h"
#include "keystore/credential/pfx.h"

#define DEPTH_MAX 8
#define ATTRIBUTES_MAX 32
#define PFX_TEXT_MAX (64 * 1024) /* of base64; real ones have 4 KiB */

/* Behind the fields: the element that is none of struct credential's texts */
enum { PFX_ELEMENT = CREDENTIAL__MAX, UNKNOWN };

struct reader {
    XML_Parser parser;
    struct credential *credential;
    struct secret *pfx; /* base64, decoded in place when it is complete */
    unsigned depth;
    unsigned element; /* being read: a field, PFX_ELEMENT or UNKNOWN */
    bool seen[UNKNOWN];
    size_t length; /* of text */
    char text[CREDENTIAL_TEXT_MAX];
    enum ks_err rc;
    struct err_cause *cause;
};

static const struct {
    const char *root;
    const char *refusal; /* NULL: this is the one */
} generations[] = {
    {"RSBackupVaultAADCreds", NULL},
    {"BackupVaultCreds",
     "the Access Control Service (ACS) is retired: download again"},
    {"RSVaultAsrCreds", "it is for Site Recovery"},
    {"ASRVaultCreds", "it is for Site Recovery"},
};

enum ks_err
credential_parse_init(struct err_cause *cause)
{
    return pfx_init(cause);
}

/* The first refusal counts; expat may call on before it stops. */
static void
stop(struct reader *reader, enum ks_err rc)
{
    reader->rc = rc;
    (void)XML_StopParser(reader->parser, XML_FALSE);
}

static void
refuse(struct reader *reader, const char *what)
{
    stop(reader, err_set(reader->cause, KS_ERR_CRED_FORMAT, "%s", what));
}

static const char *
name_of(unsigned element)
{
    return element == PFX_ELEMENT ? "ManagementCert"
                                  : credential_element(element);
}

/* Writers disagree on namespaces, and readers have always ignored them. */
static const char *
local_name(const char *name)
{
    const char *colon = strrchr(name, ':');

    return colon != NULL ? colon + 1 : name;
}

static void
begin_root(struct reader *reader, const char *name)
{
    for (size_t i = 0; i < sizeof generations / sizeof generations[0]; i++) {
        if (strcmp(name, generations[i].root) != 0)
            continue;
        if (generations[i].refusal != NULL)
            stop(reader, err_set(reader->cause, KS_ERR_CRED_GENERATION, "%s",
                                 generations[i].refusal));
        return;
    }
    refuse(reader, "it is another kind of XML");
}

static void
begin_member(struct reader *reader, const char *name)
{
    unsigned element = 0;

    while (element < UNKNOWN && strcmp(name, name_of(element)) != 0)
        element++;
    if (element == UNKNOWN)
        return;
    if (reader->seen[element]) {
        stop(reader, err_set(reader->cause, KS_ERR_CRED_FORMAT,
                             "%s is there twice", name_of(element)));
        return;
    }
    reader->seen[element] = true;
    reader->element = element;
    reader->length = 0;
}

static void XMLCALL
begin(void *data, const XML_Char *name, const XML_Char **attributes)
{
    struct reader *reader = data;
    size_t count = 0;

    if (reader->rc != KS_OK)
        return;
    while (attributes[count] != NULL)
        count++;
    reader->depth++;
    if (reader->depth > DEPTH_MAX)
        refuse(reader, "its elements are nested too deep");
    else if (count / 2 > ATTRIBUTES_MAX)
        refuse(reader, "an element has too many attributes");
    else if (reader->element != UNKNOWN)
        stop(reader,
             err_set(reader->cause, KS_ERR_CRED_FORMAT, "%s has elements in it",
                     name_of(reader->element)));
    else if (reader->depth == 1)
        begin_root(reader, local_name(name));
    else if (reader->depth == 2)
        begin_member(reader, local_name(name));
}

static void XMLCALL
characters(void *data, const XML_Char *text, int count)
{
    struct reader *reader = data;
    size_t length = (size_t)count;

    if (reader->rc != KS_OK || reader->element == UNKNOWN)
        return;
    if (reader->element == PFX_ELEMENT) {
        size_t used = secret_length(reader->pfx);

        if (length > secret_capacity(reader->pfx) - used) {
            refuse(reader, "ManagementCert is too long");
            return;
        }
        memcpy(secret_space(reader->pfx) + used, text, length);
        secret_set_length(reader->pfx, used + length);
        return;
    }
    if (length >= sizeof reader->text - reader->length) {
        stop(reader, err_set(reader->cause, KS_ERR_CRED_FORMAT,
                             "%s is too long", name_of(reader->element)));
        return;
    }
    memcpy(reader->text + reader->length, text, length);
    reader->length += length;
}

static void XMLCALL
end(void *data, const XML_Char *name)
{
    struct reader *reader = data;
    unsigned element = reader->element;

    (void)name;
    if (reader->rc != KS_OK)
        return;
    reader->depth--;
    reader->element = UNKNOWN;
    if (element >= CREDENTIAL__MAX)
        return;
    reader->text[reader->length] = '\0';
    reader->rc = credential_set(reader->credential, element, reader->text,
                                reader->cause);
    if (reader->rc != KS_OK)
        stop(reader, reader->rc);
}

static void XMLCALL
doctype(void *data, const XML_Char *name, const XML_Char *system,
        const XML_Char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    refuse(data, "it has a DOCTYPE");
}

static enum ks_err
read_xml(struct reader *reader, const struct secret *file)
{
    size_t length = secret_length(file);

    if (length > CREDENTIAL_FILE_MAX)
        return err_set(reader->cause, KS_ERR_CRED_FORMAT, "it is too long");
    reader->parser = XML_ParserCreate("UTF-8");
    if (reader->parser == NULL)
        return err_set(reader->cause, KS_ERR_RESOURCES, "start expat");
    XML_SetUserData(reader->parser, reader);
    XML_SetElementHandler(reader->parser, begin, end);
    XML_SetCharacterDataHandler(reader->parser, characters);
    XML_SetStartDoctypeDeclHandler(reader->parser, doctype);
    if (XML_Parse(reader->parser, (const char *)secret_bytes(file), (int)length,
                  XML_TRUE) != XML_STATUS_OK &&
        reader->rc == KS_OK)
        reader->rc = err_set(
            reader->cause, KS_ERR_CRED_FORMAT, "not XML, line %lu: %s",
            (unsigned long)XML_GetCurrentLineNumber64(reader->parser),
            XML_ErrorString(XML_GetErrorCode(reader->parser)));
    XML_ParserFree(reader->parser);
    return reader->rc;
}

/* Base64 to PFX, in place */
static enum ks_err
decode(struct secret *pfx, struct err_cause *cause)
{
    size_t length;

    if (!base64_decode(secret_space(pfx), secret_length(pfx), &length))
        return err_set(cause, KS_ERR_CRED_FORMAT,
                       "ManagementCert is not base64");
    secret_set_length(pfx, length);
    if (length == 0)
        return err_set(cause, KS_ERR_CRED_FORMAT, "ManagementCert is missing");
    /* "MI" is how DER of any length begins in base64. */
    if (length > 2 && memcmp(secret_bytes(pfx), "MI", 2) == 0 &&
        base64_is_text(secret_bytes(pfx), length))
        return err_set(cause, KS_ERR_CRED_FORMAT,
                       "ManagementCert is base64 of base64");
    return KS_OK;
}

enum ks_err
credential_parse(const struct secret *file, struct credential **ret,
                 struct secret **ret_key, struct err_cause *cause)
{
    struct reader reader = {.element = UNKNOWN, .cause = cause};
    struct secret *key = NULL;
    enum ks_err rc;

    rc = secret_new(PFX_TEXT_MAX, &reader.pfx);
    if (rc != KS_OK) {
        rc = err_set(cause, rc, "%d bytes for a PFX", PFX_TEXT_MAX);
        goto out;
    }
    reader.credential = credential_new();
    if (reader.credential == NULL) {
        rc = err_set_errno(cause, KS_ERR_RESOURCES, "credential");
        goto out;
    }
    rc = read_xml(&reader, file);
    if (rc == KS_OK)
        rc = decode(reader.pfx, cause);
    if (rc == KS_OK)
        rc = pfx_open(secret_bytes(reader.pfx), secret_length(reader.pfx),
                      &reader.credential->certificate, &key, cause);
    if (rc == KS_OK)
        rc = credential_complete(reader.credential, cause);
    if (rc != KS_OK)
        goto out;
    *ret = reader.credential;
    *ret_key = key;
    reader.credential = NULL; /* transferred, */
    key = NULL;               /* both */
out:
    secret_free(&key);
    secret_free(&reader.pfx);
    credential_free(&reader.credential);
    return rc;
}
