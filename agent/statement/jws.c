/* SPDX-License-Identifier: Apache-2.0 */
/* Encoding and signing of a compact JWS.  What goes into one is decided by its
 * caller from typed values; nothing here takes ready-made text from a peer. */
#include "agent/statement/jws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "agent/statement/statement.h"

void
jws_base64url(const uint8_t *bytes, size_t length, char *ret)
{
    int written = EVP_EncodeBlock((unsigned char *)ret, bytes, (int)length);

    while (written > 0 && ret[written - 1] == '=')
        ret[--written] = '\0';
    for (; *ret != '\0'; ret++) {
        if (*ret == '+')
            *ret = '-';
        else if (*ret == '/')
            *ret = '_';
    }
}

enum ks_err
jws_spki_hash(EVP_PKEY *public, uint8_t ret[static 32], struct err_cause *cause)
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(public, &der);
    bool done = length > 0 && EVP_Q_digest(NULL, "SHA256", NULL, der,
                                           (size_t)length, ret, NULL) == 1;

    OPENSSL_free(der);
    return done ? KS_OK
                : err_set_openssl(cause, KS_ERR_INTERNAL, "public key hash");
}

/* Append base64url of BYTES to TEXT, which has room for JWS_MAX. */
static bool
append(char *text, const uint8_t *bytes, size_t length)
{
    size_t used = strlen(text);

    if (used + 4 * ((length + 2) / 3) + 2 > JWS_MAX)
        return false;
    jws_base64url(bytes, length, text + used);
    return true;
}

static bool
append_json(char *text, const json_t *json)
{
    char *dump = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    bool done = dump != NULL && append(text, (uint8_t *)dump, strlen(dump));

    free(dump);
    return done;
}

enum ks_err
jws_sign(struct keystore_key *key, enum keystore_scheme scheme, json_t *header,
         json_t *claims, char **ret, struct err_cause *cause)
{
    const struct scheme *row = scheme_row(scheme);
    struct keystore_signature signature;
    char *text = calloc(1, JWS_MAX);
    enum ks_err rc = KS_ERR_INTERNAL;

    if (text == NULL || header == NULL || claims == NULL || row == NULL ||
        json_object_set_new(header, "alg", json_string(row->jose)) != 0 ||
        !append_json(text, header) || strlen(text) + 2 > JWS_MAX ||
        !append_json(strcat(text, "."), claims)) {
        rc = err_set(cause, KS_ERR_INTERNAL, "a statement could not be built");
        goto out;
    }
    rc = statement_sign(key, scheme,
                        &(struct statement_bytes){.content = (uint8_t *)text,
                                                  .length = strlen(text)},
                        &signature, cause);
    if (rc != KS_OK)
        goto out;
    if (strlen(text) + 2 > JWS_MAX ||
        !append(strcat(text, "."), signature.bytes, signature.length)) {
        rc = err_set(cause, KS_ERR_INTERNAL, "a statement is too long");
        goto out;
    }
    *ret = text;
    text = NULL;
    rc = KS_OK;
out:
    json_decref(header);
    json_decref(claims);
    free(text);
    return rc;
}
