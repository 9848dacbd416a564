/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of an attestation that was believed, and whether the vault has
 * that TPM already. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/vault/service/admission.h"

static json_t *
describe_pcrs(const struct attestation_result *result)
{
    json_t *pcrs = json_object();
    char number[16], value[ENCODING_HASH_HEX];

    for (unsigned i = 0; i < 24; i++)
        if ((result->pcrs >> i & 1) != 0) {
            (void)snprintf(number, sizeof number, "%u", i);
            encoding_hex(result->pcr[i], sizeof result->pcr[i], value);
            (void)json_object_set_new(pcrs, number, json_string(value));
        }
    return pcrs;
}

static json_t *
describe_maker(const struct admission *admission)
{
    const struct attestation_maker *maker = attestation_vouched_maker(
        admission->offer, &admission->judgement);

    return json_pack("{s:o*, s:o*, s:o*}", "manufacturer",
                     json_string(maker->manufacturer), "model",
                     json_string(maker->model), "version",
                     json_string(maker->version));
}

static json_t *
describe(const struct admission *admission)
{
    static const char *const trusted[] = {[ATTESTATION_UNKNOWN] = "nobody",
                                          [ATTESTATION_BY_CHAIN] = "chain",
                                          [ATTESTATION_BY_LIST] = "list"};
    const struct attestation_result *result = &admission->result;

    return json_pack("{s:s, s:o*, s:s, s:o, s:o, s:I}", "trusted",
                     trusted[admission->judgement.trusted], "chain",
                     json_string(admission->judgement.chain), "ek_algorithm",
                     attestation_offer_ek_algorithm(admission->offer), "maker",
                     describe_maker(admission), "pcrs", describe_pcrs(result),
                     "clock", (json_int_t)result->clock);
}

bool
admission_evidence(const struct exchange *exchange,
                   const struct admission *admission,
                   const struct challenge *challenge, struct evidence *ret)
{
    *ret = (struct evidence){.proof = EVIDENCE_CLAIMED};
    if (!admission->proven)
        return true;
    *ret = (struct evidence){
        .at = exchange->now,
        .offer = json_incref(challenge->offer),
        .statements = strdup(challenge->evidence),
        .verifier = ATTESTATION_VERIFIER,
        .proof = admission->judgement.trusted == ATTESTATION_UNKNOWN
                     ? EVIDENCE_CERTIFIED
                     : EVIDENCE_EK_VERIFIED,
        .emulated = attestation_offer_is_emulation(admission->offer),
        .verdict = describe(admission)};
    (void)strcpy(ret->caller, challenge->caller);
    (void)snprintf(ret->ek, sizeof ret->ek, "%s",
                   attestation_offer_ek(admission->offer));
    return ret->statements != NULL && ret->verdict != NULL;
}

bool
admission_check_single(struct exchange *exchange,
                       const struct admission *admission, const char *name,
                       const char *uuid)
{
    struct machine other;
    bool single;

    if (!admission->proven)
        return true;
    if (!evidence_find_machine(exchange->service->store, admission->vault,
                               attestation_offer_ek(admission->offer), uuid,
                               &other)) {
        machine_clear(&other);
        return exchange_fault(exchange);
    }
    single = other.uuid[0] == '\0';
    if (!single)
        exchange_refuse(
            exchange, REFUSAL_DUPLICATE,
            "the TPM with the EK %s is registered in this vault as %s (%s), "
            "and %s%s%s%s would be a second; if the first is gone, download a "
            "file with Replace on its page in the portal",
            attestation_offer_ek(admission->offer), other.name, other.uuid,
            name, *uuid != '\0' ? " (" : "", uuid, *uuid != '\0' ? ")" : "");
    machine_clear(&other);
    return single;
}
