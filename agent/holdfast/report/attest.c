/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM's endorsement keys, for the list of a vault's owner and for whoever
 * looks for the maker's root. */
#include "agent/holdfast/report/report.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/evp.h>

#include "agent/holdfast/report/print.h"
#include "keystore/base/hex.h"

static void
put_hash(json_t *object, const char *key, const uint8_t *hash)
{
    char text[2 * LAYOUT_HASH + 1];

    hex_write(text, hash, LAYOUT_HASH);
    report_put_text(object, key, text);
}

/* As `base64 -d` takes it, for `openssl x509 -inform der`. */
static void
put_bytes(json_t *object, const char *key, const struct layout_bytes *bytes)
{
    unsigned char *text = malloc(4 * (bytes->length + 2) / 3 + 1);

    if (text == NULL || bytes->length == 0) {
        free(text);
        return;
    }
    (void)EVP_EncodeBlock(text, bytes->at, (int)bytes->length);
    report_put_text(object, key, (const char *)text);
    free(text);
}

/* The subject is last: some TPMs' has nothing in it. */
#define PUT_WORDS(object, words)                                               \
    report_put_text(object, "issuer", (words)->issuer);                        \
    report_put_time(object, "valid_from", (time_t)(words)->from);              \
    report_put_time(object, "valid_to", (time_t)(words)->to);                  \
    report_put_text(object, "subject", (words)->subject)

static json_t *
key_object(const struct layout_endorsement *key, bool json)
{
    json_t *object = json_object();
    json_t *certificate = json_object();

    report_put_text(object, "algorithm", key->algorithm);
    put_hash(object, "sha256", key->sha256);
    (void)json_object_set_new(object, "offered", json_boolean(key->offered));
    report_put_text(object, "in_nv",
                    key->certificate.length == 0 ? "no certificate"
                    : key->readable              ? "a certificate"
                                    : "a certificate, not readable here");
    if (key->readable) {
        PUT_WORDS(certificate, key);
    }
    if (json)
        put_bytes(certificate, "der", &key->certificate);
    if (json_object_size(certificate) > 0)
        (void)json_object_set(object, "certificate", certificate);
    json_decref(certificate);
    return object;
}

static json_t *
chain_array(const struct layout_token_endorsement_answer *found)
{
    json_t *chain = json_array();

    for (size_t i = 0; i < found->intermediate_count; i++) {
        json_t *object = json_object();

        PUT_WORDS(object, &found->intermediate[i]);
        (void)json_array_append_new(chain, object);
    }
    return chain;
}

/* The key that register would offer; NULL where there is none. */
static const struct layout_endorsement *
offered(const struct layout_token_endorsement_answer *found)
{
    for (size_t i = 0; i < found->endorsement_count; i++)
        if (found->endorsement[i].offered)
            return &found->endorsement[i];
    return NULL;
}

/* By the words of docs/attestation.md; who trusts what is the vault's to say.
 */
static const char *
proof_of(const struct layout_endorsement *offer, bool attests)
{
    if (offer == NULL || !attests)
        return "claimed";
    return offer->certificate.length != 0
               ? "certified; EK-verified where the vault trusts the "
                 "certificate's issuer or lists the key"
               : "certified; EK-verified where the vault lists the key";
}

void
report_attest(const char *uri, const char *types,
              const struct layout_token_endorsement_answer *found, bool json)
{
    /* Every TPM with NIST P-256 signs with it by ECDSA and SHA-256 (TCG PC
     * Client Platform TPM Profile, 4.5). */
    bool attests = strstr(types, "p256") != NULL;
    json_t *object = json_object();
    json_t *keys = json_array();

    for (size_t i = 0; i < found->endorsement_count; i++)
        (void)json_array_append_new(keys,
                                    key_object(&found->endorsement[i], json));
    report_put_text(object, "tpm", uri);
    report_put_text(object, "maker", found->maker);
    report_put_text(object, "model", found->model);
    report_put_text(object, "firmware", found->firmware);
    (void)json_object_set_new(object, "emulated",
                              json_boolean(found->emulated));
    report_put_text(object, "attestation_key",
                    attests ? "P-256, ECDSA with SHA-256"
                            : "none: this TPM has no P-256");
    report_put_text(object, "proof", proof_of(offered(found), attests));
    (void)json_object_set_new(object, "endorsement", keys);
    if (json || found->intermediate_count > 0)
        (void)json_object_set_new(object, "chain", chain_array(found));
    else
        report_put_text(object, "chain", "no intermediate certificates in NV");
    if (json)
        put_bytes(object, "chain_der", &found->chain);
    report_print(object, json);
}
