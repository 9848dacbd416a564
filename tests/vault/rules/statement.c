/* SPDX-License-Identifier: Apache-2.0 */
/* Says what a customer says, true or false; checks nothing. */
#include "tests/vault/rules/rules.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#define LIFETIME 300

const char *
statement_base64url(const uint8_t *data, size_t length)
{
    char *text = kept_new(4 * (length / 3 + 1) + 1);
    int n = EVP_EncodeBlock((unsigned char *)text, data, (int)length);

    while (n > 0 && text[n - 1] == '=')
        text[--n] = '\0';
    for (char *at = text; *at != '\0'; at++)
        *at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
    return text;
}

static uint8_t *
decode(const char *text, size_t text_length, size_t *ret_length)
{
    size_t padded = (text_length + 3) / 4 * 4;
    char *base64 = kept_new(padded + 1);
    uint8_t *data = kept_new(padded + 1);

    memset(base64, '=', padded);
    for (size_t i = 0; i < text_length; i++)
        base64[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
    assert_true(EVP_DecodeBlock(data, (unsigned char *)base64, (int)padded) >=
                0);
    *ret_length = text_length * 3 / 4;
    return data;
}

const char *
statement_key_hash(EVP_PKEY *key)
{
    unsigned char hash[32];
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);

    assert_true(length > 0);
    assert_int_equal(
        EVP_Q_digest(NULL, "SHA256", NULL, der, (size_t)length, hash, NULL), 1);
    OPENSSL_free(der);
    return statement_base64url(hash, sizeof hash);
}

void
statement_set(json_t *object, const char *name, const char *text)
{
    if (text == NULL)
        (void)json_object_del(object, name);
    else
        assert_int_equal(json_object_set_new(object, name, json_string(text)),
                         0);
}

void
statement_set_number(json_t *object, const char *name, long number)
{
    assert_int_equal(json_object_set_new(object, name, json_integer(number)),
                     0);
}

static const char *
fresh_uuid(void)
{
    uint8_t r[16];

    assert_int_equal(RAND_bytes(r, sizeof r), 1);
    return kept_format("%02x%02x%02x%02x-%02x%02x-4%1x%02x-8%1x%02x-"
                       "%02x%02x%02x%02x%02x%02x",
                       r[0], r[1], r[2], r[3], r[4], r[5], r[6] & 15U, r[7],
                       r[8] & 15U, r[9], r[10], r[11], r[12], r[13], r[14],
                       r[15]);
}

static struct statement
new_statement(EVP_PKEY *key, const char *type)
{
    struct statement new = {kept_json(json_object()), kept_json(json_object()),
                            key, NULL};
    const char *algorithm = "PS256";

    if (EVP_PKEY_is_a(key, "EC"))
        algorithm = EVP_PKEY_get_bits(key) == 384 ? "ES384" : "ES256";
    statement_set(new.header, "alg", algorithm);
    statement_set(new.header, "typ", type);
    statement_set_number(new.claims, "iat", service_now());
    statement_set_number(new.claims, "exp", service_now() + LIFETIME);
    return new;
}

struct statement
statement_assertion(const struct credential *credential)
{
    struct statement new = new_statement(credential->key, "JWT");

    statement_set(new.header, "x5t#S256",
                  credential_thumbprint(credential, EVP_sha256()));
    statement_set(new.claims, "aud", customer_token_endpoint(credential));
    statement_set(new.claims, "iss", credential->client_id);
    statement_set(new.claims, "sub", credential->client_id);
    statement_set(new.claims, "jti", fresh_uuid());
    statement_set_number(new.claims, "nbf", service_now());
    statement_set(new.claims, "resource", credential->audience);
    statement_set(new.claims, "vault", credential->vault);
    return new;
}

struct statement
statement_proof(const struct credential *credential, EVP_PKEY *machine_key,
                const char *nonce)
{
    struct statement new = new_statement(credential->key,
                                         "enrolment-proof+jwt");

    statement_set(new.claims, "purpose", "enrol");
    statement_set(new.claims, "vault", credential->vault);
    statement_set(new.claims, "spki_sha256", statement_key_hash(machine_key));
    statement_set(new.claims, "nonce", nonce);
    assert_int_equal(
        json_object_set_new(new.claims, "key_store",
                            json_pack("{s:s, s:s, s:b}", "kind", "soft",
                                      "origin", "born", "emulated", 1)),
        0);
    return new;
}

/* A fixed-length r || s out of the DER that OpenSSL makes (RFC 7518, 3.4). */
static size_t
flatten_ecdsa(uint8_t *signature, size_t length, int part)
{
    const uint8_t *at = signature;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)length);

    assert_non_null(sig);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(sig), signature, part),
                     part);
    assert_int_equal(
        BN_bn2binpad(ECDSA_SIG_get0_s(sig), signature + part, part), part);
    ECDSA_SIG_free(sig);
    return 2 * (size_t)part;
}

static size_t
sign(EVP_PKEY *key, const char *algorithm, const char *input,
     uint8_t signature[static 1024])
{
    const EVP_MD *digest = strcmp(algorithm, "ES384") == 0 ? EVP_sha384()
                                                           : EVP_sha256();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pss = NULL;
    size_t length = 1024;

    assert_int_equal(EVP_DigestSignInit(context, &pss, digest, NULL, key), 1);
    if (strcmp(algorithm, "PS256") == 0) {
        assert_true(EVP_PKEY_CTX_set_rsa_padding(pss, RSA_PKCS1_PSS_PADDING) >
                    0);
        assert_true(
            EVP_PKEY_CTX_set_rsa_pss_saltlen(pss, RSA_PSS_SALTLEN_DIGEST) > 0);
    }
    assert_int_equal(EVP_DigestSign(context, signature, &length,
                                    (const unsigned char *)input,
                                    strlen(input)),
                     1);
    EVP_MD_CTX_free(context);
    if (algorithm[0] == 'E')
        length = flatten_ecdsa(signature, length, EVP_MD_get_size(digest));
    return length;
}

/* The old confusion: the public key, known to all, as an HMAC secret. */
static size_t
sign_with_public_key(EVP_PKEY *key, const char *input,
                     uint8_t signature[static 1024])
{
    unsigned char *der = NULL;
    unsigned length = 0;
    int der_length = i2d_PUBKEY(key, &der);

    assert_non_null(HMAC(EVP_sha256(), der, der_length,
                         (const unsigned char *)input, strlen(input), signature,
                         &length));
    OPENSSL_free(der);
    return length;
}

static const char *
encode_json(json_t *object)
{
    char *text = kept_memory(json_dumps(object, JSON_COMPACT));

    return statement_base64url((const uint8_t *)text, strlen(text));
}

const char *
statement_sign(struct statement statement)
{
    uint8_t signature[1024];
    size_t length = 0;
    const char *algorithm = statement.sign_as != NULL
                                ? statement.sign_as
                                : json_string_value(
                                      json_object_get(statement.header, "alg"));
    const char *input = kept_format("%s.%s", encode_json(statement.header),
                                    encode_json(statement.claims));

    if (strcmp(algorithm, "HS256") == 0)
        length = sign_with_public_key(statement.key, input, signature);
    else if (strcmp(algorithm, "none") != 0)
        length = sign(statement.key, algorithm, input, signature);
    return kept_format("%s.%s", input, statement_base64url(signature, length));
}

const char *
statement_swap_claims(const char *compact, json_t *claims)
{
    return kept_format("%.*s.%s%s", (int)strcspn(compact, "."), compact,
                       encode_json(claims), strrchr(compact, '.'));
}

json_t *
statement_claims(const char *compact)
{
    const char *from = compact + strcspn(compact, ".") + 1;
    size_t length = 0;
    uint8_t *text = decode(from, strcspn(from, "."), &length);

    return kept_json(json_loadb((char *)text, length, 0, NULL));
}

uint8_t *
statement_signature(const char *compact, size_t *ret_length)
{
    const char *from = strrchr(compact, '.') + 1;

    return decode(from, strlen(from), ret_length);
}
