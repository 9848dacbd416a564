/* SPDX-License-Identifier: Apache-2.0 */
/* The algorithm is looked up in a table by what the header names and must fit
 * the key that is known beforehand: nothing in a token chooses its own check.
 */
#include "tests/vault/service/jwt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tests/vault/service/fault.h"

static const struct algorithm {
    const char *name;
    const char *digest;
    const char *group; /* NULL: RSA */
    int padding;
    size_t half; /* of an ECDSA signature (RFC 7518, 3.4) */
} algorithms[] = {
    {"PS256", "SHA256", NULL, RSA_PKCS1_PSS_PADDING, 0},
    {"RS256", "SHA256", NULL, RSA_PKCS1_PADDING, 0},
    {"ES256", "SHA256", "prime256v1", 0, 32},
    {"ES384", "SHA384", "secp384r1", 0, 48},
};

#define PSS_SALT 32
#define HALF_MAX 48

/* One part of the three, as JSON. */
static json_t *
parse_part(const char *text, size_t length)
{
    size_t count = 0;
    uint8_t *bytes = encoding_from_base64url(text, length, &count);
    json_t *object = NULL;

    if (bytes != NULL)
        object = json_loadb((char *)bytes, count, JSON_REJECT_DUPLICATES, NULL);
    free(bytes);
    if (json_is_object(object))
        return object;
    json_decref(object);
    return NULL;
}

bool
jwt_parse(const char *text, struct jwt *ret)
{
    const char *first = strchr(text, '.');
    const char *second = first != NULL ? strchr(first + 1, '.') : NULL;

    *ret = (struct jwt){0};
    if (second == NULL)
        return false;
    ret->header = parse_part(text, (size_t)(first - text));
    ret->claims = parse_part(first + 1, (size_t)(second - first - 1));
    ret->content = strndup(text, (size_t)(second - text));
    ret->signature = encoding_from_base64url(second + 1, strlen(second + 1),
                                             &ret->signature_length);
    return ret->header != NULL && ret->claims != NULL && ret->content != NULL &&
           ret->signature != NULL;
}

void
jwt_clear(struct jwt *jwt)
{
    json_decref(jwt->header);
    json_decref(jwt->claims);
    free(jwt->content);
    free(jwt->signature);
    *jwt = (struct jwt){0};
}

const char *
jwt_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

bool
jwt_time(const json_t *object, const char *name, int64_t *ret)
{
    const json_t *value = json_object_get(object, name);

    if (json_is_integer(value))
        *ret = json_integer_value(value);
    /* RFC 7519, 2: a NumericDate may have a fraction. */
    else if (json_is_real(value) && json_real_value(value) > -1e15 &&
             json_real_value(value) < 1e15)
        *ret = (int64_t)json_real_value(value);
    else
        return false;
    return true;
}

static const struct algorithm *
find_algorithm(const char *name, EVP_PKEY *key)
{
    char group[32] = "";

    (void)EVP_PKEY_get_group_name(key, group, sizeof group, NULL);
    for (size_t i = 0;
         name != NULL && i < sizeof algorithms / sizeof *algorithms; i++) {
        const struct algorithm *algorithm = &algorithms[i];

        if (strcmp(name, algorithm->name) != 0)
            continue;
        if (algorithm->group == NULL ? EVP_PKEY_is_a(key, "RSA") == 1
                                     : strcmp(group, algorithm->group) == 0)
            return algorithm;
    }
    return NULL;
}

/* r || s as the DER that OpenSSL takes; the length, or 0. */
static size_t
join(const uint8_t *raw, size_t half, unsigned char *ret)
{
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, (int)half, NULL);
    BIGNUM *s = BN_bin2bn(raw + half, (int)half, NULL);
    int length = 0;

    if (pair != NULL && r != NULL && s != NULL &&
        ECDSA_SIG_set0(pair, r, s) == 1) {
        r = s = NULL; /* transferred */
        length = i2d_ECDSA_SIG(pair, &ret);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    return length > 0 ? (size_t)length : 0;
}

static bool
split(const uint8_t *der, size_t length, size_t half, uint8_t *ret)
{
    const unsigned char *at = der;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)length);
    bool done = pair != NULL &&
                BN_bn2binpad(ECDSA_SIG_get0_r(pair), ret, (int)half) ==
                    (int)half &&
                BN_bn2binpad(ECDSA_SIG_get0_s(pair), ret + half, (int)half) ==
                    (int)half;

    ECDSA_SIG_free(pair);
    return done;
}

static bool
verify(const struct algorithm *algorithm, EVP_PKEY *key, const char *content,
       const uint8_t *signature, size_t length)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *how = NULL;
    bool good = context != NULL &&
                EVP_DigestVerifyInit_ex(context, &how, algorithm->digest, NULL,
                                        NULL, key, NULL) == 1;

    if (good && algorithm->padding != 0)
        good = EVP_PKEY_CTX_set_rsa_padding(how, algorithm->padding) == 1;
    if (good && algorithm->padding == RSA_PKCS1_PSS_PADDING)
        good = EVP_PKEY_CTX_set_rsa_pss_saltlen(how, PSS_SALT) == 1;
    good = good && EVP_DigestVerify(context, signature, length,
                                    (const unsigned char *)content,
                                    strlen(content)) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

bool
jwt_verify(const struct jwt *jwt, EVP_PKEY *key)
{
    const struct algorithm *algorithm = find_algorithm(
        jwt_text(jwt->header, "alg"), key);
    unsigned char der[2 * HALF_MAX + 16];
    size_t length;

    if (algorithm == NULL)
        return false;
    if (algorithm->half == 0)
        return verify(algorithm, key, jwt->content, jwt->signature,
                      jwt->signature_length);
    if (jwt->signature_length != 2 * algorithm->half)
        return false;
    length = join(jwt->signature, algorithm->half, der);
    return length != 0 && verify(algorithm, key, jwt->content, der, length);
}

void
jwt_signature_hash(const struct jwt *jwt, char ret[static ENCODING_HASH_HEX])
{
    *ret = '\0';
    if (jwt->signature != NULL)
        (void)encoding_hash(jwt->signature, jwt->signature_length, ret);
}

/* JSON as base64url; NULL without memory. */
static char *
dump_part(const json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    char *part = text != NULL ? encoding_base64url(text, strlen(text)) : NULL;

    free(text);
    return part;
}

static char *
sign(EVP_PKEY *key, const char *content)
{
    unsigned char der[2 * HALF_MAX + 16];
    uint8_t raw[2 * HALF_MAX];
    size_t length = sizeof der;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    char *text = NULL;

    if (context != NULL &&
        EVP_DigestSignInit_ex(context, NULL, "SHA256", NULL, NULL, key, NULL) ==
            1 &&
        EVP_DigestSign(context, der, &length, (const unsigned char *)content,
                       strlen(content)) == 1 &&
        split(der, length, 32, raw))
        text = encoding_base64url(raw, 64);
    EVP_MD_CTX_free(context);
    return text;
}

char *
jwt_sign(EVP_PKEY *key, const char *type, const json_t *claims)
{
    json_t *object = json_pack("{s:s, s:s}", "alg", "ES256", "typ", type);
    char *header = dump_part(object);
    char *body = dump_part(claims);
    char *content = NULL;
    char *signature = NULL;
    char *text = NULL;

    if (header != NULL && body != NULL &&
        asprintf(&content, "%s.%s", header, body) >= 0)
        signature = sign(key, content);
    if (signature == NULL || asprintf(&text, "%s.%s", content, signature) < 0) {
        fault_openssl("a token could not be signed");
        text = NULL;
    }
    json_decref(object);
    free(header);
    free(body);
    free(content);
    free(signature);
    return text;
}
