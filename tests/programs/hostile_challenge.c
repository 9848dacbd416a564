/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/programs/hostile_challenge.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "tests/vault/attestation/verifier.h"

#define POINT                                                                  \
    68 /* of a P-256 key at the end of its area: each number behind            \
          its length of two bytes */
#define AREA_MAX 200

/* Overwrite the point in the AK's area KEY, base64url, by another key's. */
static void
replace_point(char *key)
{
    EVP_PKEY *other = EVP_EC_gen("P-256");
    unsigned char area[AREA_MAX + 3], point[65], *at;
    char padded[2 * AREA_MAX] = "";
    size_t length = strlen(key), size = 0;
    int decoded, padding = (int)((4 - length % 4) % 4);

    if (length + 4 >= sizeof padded || other == NULL)
        abort();
    memcpy(padded, key, length);
    memcpy(padded + length, "===", (size_t)padding);
    for (char *c = padded; *c != '\0'; c++)
        *c = (char)(*c == '-' ? '+' : *c == '_' ? '/' : *c);
    decoded = EVP_DecodeBlock(area, (unsigned char *)padded,
                              (int)strlen(padded)) -
              padding;
    if (decoded < POINT ||
        EVP_PKEY_get_octet_string_param(other, OSSL_PKEY_PARAM_PUB_KEY, point,
                                        sizeof point, &size) != 1 ||
        size != sizeof point)
        abort();
    at = area + decoded - POINT;
    memcpy(at + 2, point + 1, 32);
    memcpy(at + 36, point + 33, 32);
    (void)EVP_EncodeBlock((unsigned char *)padded, area, decoded);
    for (size_t i = 0; i < length; i++)
        key[i] = (char)(padded[i] == '+'   ? '-'
                        : padded[i] == '/' ? '_'
                                           : padded[i]);
    EVP_PKEY_free(other);
}

static char *
challenge_for(json_t *offer, bool other)
{
    static const uint8_t secret[ATTESTATION_SECRET] =
        "a secret of the hostile server";
    struct attestation_fault fault;
    struct attestation_offer *read;
    char *key = strdup(json_string_value(json_object_get(offer, "key")));
    char *challenge;

    if (key == NULL)
        abort();
    if (other)
        replace_point(key);
    (void)json_object_set_new(offer, "key", json_string(key));
    free(key);
    read = attestation_offer_read(offer, &fault);
    challenge = read != NULL ? attestation_challenge(read, secret) : NULL;
    attestation_offer_free(read);
    if (challenge == NULL)
        abort();
    return challenge;
}

static char *
text_of(char letter, size_t length)
{
    char *text = calloc(1, length + 1);

    if (text == NULL)
        abort();
    memset(text, letter, length);
    return text;
}

char *
hostile_challenge_make(const char *body, enum hostile_challenge wanted)
{
    json_t *json = json_loads(body, 0, NULL);
    json_t *offer = json_object_get(json, "attestation");
    char *challenge = NULL;

    if (offer != NULL)
        switch (wanted) {
        case HOSTILE_CHALLENGE_NONE:
            break;
        case HOSTILE_CHALLENGE_RIGHT:
        case HOSTILE_CHALLENGE_OTHER:
            challenge = challenge_for(offer, wanted == HOSTILE_CHALLENGE_OTHER);
            break;
        case HOSTILE_CHALLENGE_TEXT:
            challenge = text_of('+', 400);
            break;
        case HOSTILE_CHALLENGE_ODD:
            challenge = text_of('A', 400);
            break;
        case HOSTILE_CHALLENGE_LONG:
            challenge = text_of('A', 4 * 1024);
            break;
        }
    json_decref(json);
    return challenge;
}
