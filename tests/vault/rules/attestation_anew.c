/* SPDX-License-Identifier: Apache-2.0 */
/* Bound to the machine's certificate, where an enrolment's is to the
 * credential's. */
#include "tests/vault/rules/attestation_anew.h"

#include "tests/vault/rules/rules.h"
#include "tests/vault/rules/tpm_provider.h"

struct connection *
attestation_anew_line(const struct customer *customer,
                      const struct attestation *attestation)
{
    return connection_new(
        customer->machine,
        tpm_provider_key(attestation->tpm, attestation->machine));
}

const struct reply *
attestation_anew_send(struct connection *line, const struct customer *customer,
                      const char *word, const json_t *body)
{
    struct request request = customer_self_request(customer, "POST");

    request.url = kept_format("%s/%s", request.url, word);
    request.type = "application/json";
    request.body = kept_memory(json_dumps(body, JSON_COMPACT));
    return connection_send(line, &request);
}

const char *
attestation_anew_offer(struct connection *line, const struct customer *customer,
                       struct attestation *attestation)
{
    const struct reply *reply = attestation_anew_send(
        line, customer, "attestation", attestation->offer);

    expect_status(reply, 201);
    attestation_open(attestation, reply_text(reply, "challenge"));
    return reply_text(reply, "nonce");
}

json_t *
attestation_anew_evidence(const struct customer *customer,
                          struct attestation *attestation, const char *nonce)
{
    uint8_t qualifying[32];

    attestation_qualify(nonce, customer->vault.id, attestation->machine->key,
                        customer->machine, qualifying);
    return attestation_evidence(attestation, nonce, qualifying);
}
