/* SPDX-License-Identifier: Apache-2.0 */
/* All but the last are pure functions of a reply. */
#include "agent/net/reply.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/pkcs7.h>

enum ks_err
vault_reply_json(const struct http_reply *reply, json_t **ret,
                 struct err_cause *cause)
{
    json_error_t error;
    json_t *object = json_loadb(reply->body, reply->length,
                                JSON_REJECT_DUPLICATES, &error);

    if (!json_is_object(object)) {
        json_decref(object);
        return err_set(cause, KS_ERR_NET_REPLY, "it is not a JSON object");
    }
    *ret = object;
    return KS_OK;
}

static bool
is_clean(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

const char *
vault_reply_text(const json_t *object, const char *name, size_t most)
{
    const json_t *value = json_object_get(object, name);
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);

    if (text == NULL || length == 0 || length > most ||
        strlen(text) != length || !is_clean(text))
        return NULL;
    return text;
}

/* How a sentence begins that says more than no: ours (docs/protocol.md), which
 * come with 401 where they speak of a credential, and Entra's. */
static const struct {
    const char *begins;
    long status; /* 0: any */
    enum ks_err err;
    enum ks_err of_machine; /* where it was asked; 0: the same */
} sentences[] = {
    {"clock:", 0, KS_ERR_VAULT_CLOCK, 0},
    {"AADSTS700024:", 0, KS_ERR_VAULT_CLOCK, 0},
    {"superseded:", 401, KS_ERR_VAULT_CREDENTIAL, 0},
    {"expired:", 401, KS_ERR_VAULT_CREDENTIAL, KS_ERR_MACHINE_ENDED},
    {"retired:", 401, KS_ERR_VAULT_CREDENTIAL, 0},
    {"revoked:", 401, KS_ERR_VAULT_CREDENTIAL, 0},
    {"unknown-certificate:", 401, KS_ERR_VAULT_CREDENTIAL,
     KS_ERR_VAULT_REFUSED},
    {"AADSTS700027:", 0, KS_ERR_VAULT_CREDENTIAL, 0},
    {"policy:", 403, KS_ERR_VAULT_POLICY, 0},
    {"endorsement:", 403, KS_ERR_VAULT_EVIDENCE, 0},
    {"evidence:", 403, KS_ERR_VAULT_EVIDENCE, 0},
    {"duplicate:", 403, KS_ERR_VAULT_DUPLICATE, 0},
};

static enum ks_err
classify(const char *sentence, const struct http_reply *reply)
{
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
        if (strncmp(sentence, sentences[i].begins,
                    strlen(sentences[i].begins)) == 0 &&
            (sentences[i].status == 0 || sentences[i].status == reply->status))
            return reply->machine && sentences[i].of_machine != 0
                       ? sentences[i].of_machine
                       : sentences[i].err;
    return KS_ERR_VAULT_REFUSED;
}

/* The sentence of an error reply, or "".  *RET is its owner, to be released. */
static const char *
sentence_of(const struct http_reply *reply, json_t **ret)
{
    const char *sentence = NULL;

    *ret = NULL;
    if (vault_reply_json(reply, ret, NULL) == KS_OK) {
        sentence = json_string_value(
            json_object_get(*ret, "error_description"));
        if (sentence == NULL)
            sentence = json_string_value(json_object_get(*ret, "error"));
    }
    return sentence != NULL ? sentence : "";
}

bool
vault_reply_begins(const struct http_reply *reply, const char *begins)
{
    json_t *object;
    bool found = strncmp(sentence_of(reply, &object), begins, strlen(begins)) ==
                 0;

    json_decref(object);
    return found;
}

/* The sentence of an error reply into CAUSE, made fit for a terminal. */
static enum ks_err
refusal(const struct http_reply *reply, const char *step,
        struct err_cause *cause)
{
    json_t *object;
    const char *sentence = sentence_of(reply, &object);
    enum ks_err rc;

    rc = err_set(cause, classify(sentence, reply), "%s: %ld%s%s", step,
                 reply->status, *sentence != '\0' ? " " : "", sentence);
    if (cause != NULL)
        err_escape(cause->text);
    json_decref(object);
    return rc;
}

enum ks_err
vault_reply_status(const struct http_reply *reply, long expected,
                   const char *step, struct err_cause *cause)
{
    if (reply->status == expected)
        return KS_OK;
    if (http_is_temporary(reply->status))
        return err_set(cause, KS_ERR_VAULT_FAILED, "%s: it answers %ld", step,
                       reply->status);
    if (reply->status == 507)
        return err_set(cause, KS_ERR_VAULT_FULL, "%s: it answers 507", step);
    if (reply->status >= 500)
        return err_set(cause, KS_ERR_VAULT_FAILED,
                       "%s: it answers %ld, and would again; tell the vault's "
                       "operator",
                       step, reply->status);
    if (reply->status >= 400)
        return refusal(reply, step, cause);
    return err_set(cause, KS_ERR_NET_REPLY, "%s: status %ld", step,
                   reply->status);
}

/* Base64 with or without line ends, decoded; the caller frees *RET. */
static size_t
decode_base64(const char *text, size_t length, unsigned char **ret)
{
    EVP_ENCODE_CTX *context = EVP_ENCODE_CTX_new();
    unsigned char *bytes = OPENSSL_malloc(length + 1);
    int first = 0;
    int last = 0;
    size_t total = 0;

    if (context != NULL && bytes != NULL) {
        EVP_DecodeInit(context);
        if (EVP_DecodeUpdate(context, bytes, &first,
                             (const unsigned char *)text, (int)length) >= 0 &&
            EVP_DecodeFinal(context, bytes + first, &last) == 1)
            total = (size_t)first + (size_t)last;
    }
    EVP_ENCODE_CTX_free(context);
    *ret = bytes;
    return total;
}

/* The certificates of a degenerate SignedData (RFC 5652, 5.1), or NULL. */
static STACK_OF(X509) *
    take_certificates(const unsigned char *der, size_t length)
{
    const unsigned char *at = der;
    PKCS7 *pkcs7 = d2i_PKCS7(NULL, &at, (long)length);
    STACK_OF(X509) *certificates = NULL;

    if (pkcs7 != NULL && at == der + length && PKCS7_type_is_signed(pkcs7) &&
        pkcs7->d.sign != NULL && sk_X509_num(pkcs7->d.sign->cert) > 0)
        certificates = X509_chain_up_ref(pkcs7->d.sign->cert);
    PKCS7_free(pkcs7);
    return certificates;
}

enum ks_err
vault_reply_certificates(const struct http_reply *reply, STACK_OF(X509) * *ret,
                         struct err_cause *cause)
{
    unsigned char *der = NULL;
    size_t length = decode_base64(reply->body, reply->length, &der);

    *ret = length > 0 ? take_certificates(der, length) : NULL;
    OPENSSL_free(der);
    return *ret != NULL ? KS_OK
                        : err_set_openssl(cause, KS_ERR_NET_REPLY,
                                          "it holds no certificates");
}

enum ks_err
vault_reply_call(struct http *http, const struct http_request *request,
                 long expected, const char *step, json_t **ret,
                 struct err_cause *cause)
{
    struct http_reply reply;
    enum ks_err rc = http_call(http, request, &reply, cause);

    if (rc == KS_OK)
        rc = vault_reply_status(&reply, expected, step, cause);
    if (rc == KS_OK)
        rc = vault_reply_json(&reply, ret, cause);
    return rc;
}
