/* SPDX-License-Identifier: Apache-2.0 */
/* A credential file's content as JSON.  Nothing secret gets here. */
#include "agent/holdfast/report/report.h"

#include <stdio.h>
#include <time.h>

#include <jansson.h>
#include <openssl/x509.h>

#include "agent/holdfast/report/print.h"
#include "keystore/base/hex.h"

static json_t *
hex(const uint8_t *bytes, size_t length)
{
    char text[2 * 64 + 1] = "";

    if (2 * length < sizeof text)
        hex_write(text, bytes, length);
    return json_string(text);
}

static json_t *
vault_of(const struct credential *credential)
{
    json_t *vault = json_object();

    report_put_text(vault, "name", credential->text[CREDENTIAL_RESOURCE_NAME]);
    report_put_text(vault, "id", credential->text[CREDENTIAL_RESOURCE_ID]);
    report_put_text(vault, "subscription",
                    credential->text[CREDENTIAL_SUBSCRIPTION_ID]);
    report_put_text(vault, "resource_group",
                    credential->text[CREDENTIAL_RESOURCE_GROUP]);
    report_put_text(vault, "location", credential->text[CREDENTIAL_LOCATION]);
    report_put_text(vault, "private_endpoint",
                    credential->text[CREDENTIAL_PRIVATE_ENDPOINT]);
    return vault;
}

static json_t *
endpoints_of(const struct credential *credential)
{
    json_t *endpoints = json_object();

    report_put_text(endpoints, "authority",
                    credential->text[CREDENTIAL_AAD_AUTHORITY]);
    report_put_text(endpoints, "tenant",
                    credential->text[CREDENTIAL_AAD_TENANT_ID]);
    report_put_text(endpoints, "client",
                    credential->text[CREDENTIAL_CLIENT_ID]);
    report_put_text(endpoints, "audience",
                    credential->text[CREDENTIAL_AAD_AUDIENCE]);
    report_put_text(endpoints, "service",
                    credential->text[CREDENTIAL_ENDPOINT]);
    return endpoints;
}

/* Hours and minutes until TO, or "none". */
static json_t *
time_left(time_t to)
{
    long left = (long)(to - time(NULL));
    char text[32] = "none";

    if (left > 0)
        (void)snprintf(text, sizeof text, "%ld h %02ld min", left / 3600,
                       left % 3600 / 60);
    return json_string(text);
}

static enum ks_err
put_certificate(json_t *object, const struct credential *credential,
                struct err_cause *cause)
{
    uint8_t sha256[CREDENTIAL_SHA256_LENGTH];
    uint8_t sha1[CREDENTIAL_SHA1_LENGTH];
    EVP_PKEY *public = X509_get0_pubkey(credential->certificate);
    json_t *certificate = json_object();
    time_t from, to;
    char kind[32];
    enum ks_err rc = credential_thumbprints(credential, sha256, sha1, cause);

    if (rc == KS_OK)
        rc = credential_validity(credential, &from, &to, cause);
    if (rc != KS_OK) {
        json_decref(certificate);
        return rc;
    }
    (void)snprintf(kind, sizeof kind, "%s %d bits",
                   EVP_PKEY_get0_type_name(public), EVP_PKEY_get_bits(public));
    report_put_text(certificate, "key", kind);
    (void)json_object_set_new(certificate, "sha1", hex(sha1, sizeof sha1));
    (void)json_object_set_new(certificate, "sha256",
                              hex(sha256, sizeof sha256));
    report_put_time(certificate, "valid_from", from);
    report_put_time(certificate, "valid_to", to);
    (void)json_object_set_new(certificate, "time_left", time_left(to));
    (void)json_object_set_new(object, "certificate", certificate);
    return KS_OK;
}

enum ks_err
report_credential(const struct credential *credential, enum ks_err verdict,
                  const struct err_cause *why, bool json,
                  struct err_cause *cause)
{
    json_t *object = json_object();
    enum ks_err rc;

    (void)json_object_set_new(object, "vault", vault_of(credential));
    rc = put_certificate(object, credential, cause);
    if (rc != KS_OK) {
        json_decref(object);
        return rc;
    }
    (void)json_object_set_new(object, "endpoints", endpoints_of(credential));
    (void)json_object_set_new(object, "can_register",
                              json_boolean(verdict == KS_OK));
    if (verdict != KS_OK) {
        char text[sizeof why->text + 128];

        (void)snprintf(text, sizeof text, "%s: %s", err_phrase(verdict),
                       why->text);
        report_put_text(object, "why_not", text);
    }
    report_print(object, json);
    return KS_OK;
}
