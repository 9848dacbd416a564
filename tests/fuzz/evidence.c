/* SPDX-License-Identifier: Apache-2.0 */
/* {"offer": ..., "evidence": ..., "expected": {"nonce": ..., "secret": ...}} */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "tests/fuzz/fuzz.h"
#include "tests/vault/attestation/member.h"
#include "tests/vault/attestation/verifier.h"

static void
examine(const json_t *json, const struct attestation_offer *offer)
{
    const struct attestation_trust nobody = {.now = 1800000000};
    const json_t *from = json_object_get(json, "expected");
    const char *nonce = json_string_value(json_object_get(from, "nonce"));
    struct attestation_expected expected = {.nonce = nonce, .vault = "4711"};
    struct attestation_judgement judgement;
    struct attestation_result result;
    struct attestation_fault fault;
    struct member secret = {0};

    if (attestation_judge(offer, &nobody, &judgement, &fault) &&
        judgement.trusted != ATTESTATION_UNKNOWN)
        abort();
    if (nonce != NULL && member_read(from, "secret", &secret) &&
        secret.length == ATTESTATION_SECRET) {
        memcpy(expected.secret, secret.bytes, ATTESTATION_SECRET);
        free(attestation_challenge(offer, expected.secret));
        if (attestation_check(offer, json_object_get(json, "evidence"),
                              &expected, &result, &fault) &&
            strlen(result.machine_sha256) != ATTESTATION_HEX - 1)
            abort();
    }
    member_free(&secret);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct attestation_fault fault;
    struct attestation_offer *offer;
    json_t *json;

    json = json_loadb((const char *)bytes, length, JSON_REJECT_DUPLICATES,
                      NULL);
    offer = attestation_offer_read(json_object_get(json, "offer"), &fault);
    if (offer != NULL)
        examine(json, offer);
    attestation_offer_free(offer);
    json_decref(json);
    return 0;
}
