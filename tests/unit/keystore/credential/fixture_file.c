/* SPDX-License-Identifier: Apache-2.0 */
/* What fixture_accepted.c and fixture_refused.c are made with. */
#include "tests/unit/keystore/credential/fixture_file_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

static EVP_PKEY *key;
static X509 *certificate;
static char *base64;

static void
make_once(void)
{
    struct fixture_pfx pfx;

    if (key != NULL)
        return;
    key = fixture_key("RSA-2048");
    certificate = fixture_certificate(
        &(struct fixture_certificate){.key = key});
    pfx = fixture_windows(key, certificate);
    base64 = fixture_file_base64(&pfx);
}

void
fixture_file_end(void)
{
    EVP_PKEY_free(key);
    X509_free(certificate);
    free(base64);
    key = NULL;
    certificate = NULL;
    base64 = NULL;
}

EVP_PKEY *
fixture_file_key(void)
{
    make_once();
    return key;
}

X509 *
fixture_file_certificate(void)
{
    make_once();
    return certificate;
}

struct fixture_pfx
fixture_file_pfx(void)
{
    make_once();
    return fixture_windows(key, certificate);
}

char *
fixture_file_base64(const struct fixture_pfx *pfx)
{
    struct fixture_bytes der = fixture_pfx(pfx);
    char *ret = fixture_base64(der.bytes, der.length);

    fixture_free(&der);
    return ret;
}

char *
fixture_file_text(void)
{
    make_once();
    return fixture_xml(base64);
}

struct fixture_bytes
fixture_file_of(const void *bytes, size_t length)
{
    struct fixture_bytes ret = {OPENSSL_malloc(length + 1), length};

    FIXTURE_NEED(ret.bytes != NULL);
    memcpy(ret.bytes, bytes, length);
    return ret;
}

struct fixture_bytes
fixture_file_of_text(char *text)
{
    struct fixture_bytes ret = fixture_file_of(text, strlen(text));

    free(text);
    return ret;
}

struct fixture_bytes
fixture_file_of_management(char *management)
{
    char *text = fixture_xml(management);

    free(management);
    return fixture_file_of_text(text);
}

struct fixture_bytes
fixture_file_of_pfx(const struct fixture_pfx *pfx)
{
    return fixture_file_of_management(fixture_file_base64(pfx));
}

struct fixture_bytes
fixture_file_of_certificate(const struct fixture_certificate *wanted)
{
    X509 *made = fixture_certificate(wanted);
    struct fixture_pfx pfx = fixture_windows(wanted->key, made);
    struct fixture_bytes ret = fixture_file_of_pfx(&pfx);

    X509_free(made);
    return ret;
}

struct fixture_bytes
fixture_file_of_kind(const struct fixture_file *file)
{
    EVP_PKEY *made = fixture_key(file->from);
    struct fixture_certificate of_it = {.key = made};
    struct fixture_bytes ret = fixture_file_of_certificate(&of_it);

    EVP_PKEY_free(made);
    return ret;
}

struct fixture_bytes
fixture_file_edited(const struct fixture_file *file)
{
    return fixture_file_of_text(
        fixture_edit(fixture_file_text(), file->from, file->to));
}

struct fixture_bytes
fixture_file_good(void)
{
    return fixture_file_of_text(fixture_file_text());
}
