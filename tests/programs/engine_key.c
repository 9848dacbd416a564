/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates are signed by OpenSSL with the sample in memory, as its file's
 * maker would have done. */
#include "tests/programs/engine_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "hsm/pkcs11/pkcs11.h"
#include "tests/support/store_fixture.h"

#define PATH_SIZE 192

static struct store_fixture *fixture;

/* NAME in the fixture's directory. */
const char *
engine_key_path(const char *name)
{
    static char path[8][PATH_SIZE];
    static unsigned next;
    char *ret = path[next++ % 8];

    snprintf(ret, PATH_SIZE, "%s/%s", store_fixture_directory(fixture), name);
    return ret;
}

static void
write_public(EVP_PKEY *public)
{
    FILE *file = fopen(engine_key_path("public.pem"), "we");

    assert_non_null(file);
    assert_int_equal(PEM_write_PUBKEY(file, public), 1);
    assert_int_equal(fclose(file), 0);
}

/* A certificate for KEY that it signed itself, in NAME. */
static void
write_certificate(const char *name, EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_NAME *subject = X509_get_subject_name(certificate);
    FILE *file = fopen(engine_key_path(name), "we");

    assert_non_null(file);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_X509(file, certificate), 1);
    assert_int_equal(fclose(file), 0);
    X509_free(certificate);
}

/* The sample as its file would have brought it, for its certificate. */
static void
write_client(const struct sample *sample)
{
    const uint8_t *der = secret_bytes(sample->pkcs8);
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &der,
                                       (long)secret_length(sample->pkcs8));

    assert_non_null(key);
    write_certificate("client.pem", key);
    EVP_PKEY_free(key);
}

static void
write_server(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    FILE *file = fopen(engine_key_path("server.key"), "we");

    assert_non_null(file);
    assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL),
                     1);
    assert_int_equal(fclose(file), 0);
    write_certificate("server.pem", key);
    EVP_PKEY_free(key);
}

static void
import(const struct sample *sample, struct engine_key *ret)
{
    static const struct keystore_ops *const backends[] = {&hsm_pkcs11_ops,
                                                          NULL};
    struct secret *pin = store_fixture_secret(store_fixture_pin("pkcs11"));
    const struct keystore_config config = {.uri = store_fixture_uri(fixture),
                                           .pin = pin,
                                           .keys_fd = -1,
                                           .allow_emulation = true};
    const uint8_t id[KEYSTORE_ID_LENGTH] = {0x4f, (uint8_t)(sample->bits >> 8),
                                            (uint8_t)sample->type};
    struct keystore *store = NULL;
    struct keystore_key *key = NULL;
    size_t length;

    assert_int_equal(keystore_open(backends, &config, &store, NULL), KS_OK);
    assert_int_equal(keystore_import(store, id, sample->name, &sample->material,
                                     sample->public, &key, NULL),
                     KS_OK);
    keystore_key_free(&key);
    keystore_close(&store);
    secret_free(&pin);
    length = (size_t)snprintf(ret->uri, sizeof ret->uri,
                              "pkcs11:token=holdfast%%20contract;id=");
    for (size_t i = 0; i < sizeof id; i++) {
        snprintf(ret->uri + length, sizeof ret->uri - length, "%%%02x", id[i]);
        snprintf(ret->id + 2 * i, 3, "%02x", id[i]);
        length += 3;
    }
    snprintf(ret->uri + length, sizeof ret->uri - length,
             ";type=private?pin-value=%s", store_fixture_pin("pkcs11"));
}

int
engine_key_begin(void)
{
    fixture = store_fixture_new("pkcs11");
    if (fixture == NULL)
        return -1;
    write_server();
    return 0;
}

void
engine_key_end(void)
{
    store_fixture_free(&fixture);
}

void
engine_key_make(const struct sample *sample, struct engine_key *ret)
{
    import(sample, ret);
    write_public(sample->public);
    write_client(sample);
}
