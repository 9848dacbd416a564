/* SPDX-License-Identifier: Apache-2.0 */
/* M3: a nonce, and with an offer of attestation a challenge.  What counts is
 * decided in M4; a machine is told early what it will not be let in for. */
#include "tests/vault/service/enrolment.h"

#include <stdlib.h>
#include <string.h>

#include "tests/vault/service/access_token.h"
#include "tests/vault/service/admission.h"
#include "tests/vault/service/attestation_endpoint.h"
#include "tests/vault/service/nonce.h"
#include "tests/vault/service/standing.h"

static bool
is_name(const char *text)
{
    if (text == NULL || *text == '\0' || strlen(text) >= MACHINE_NAME_MAX)
        return false;
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return false;
    return true;
}

static void
give_nonce(struct exchange *exchange, const struct credential *credential,
           const struct admission *admission, const json_t *body)
{
    const json_t *offer = json_object_get(body, "attestation");
    const char *name = json_string_value(json_object_get(body, "name"));
    char nonce[ENCODING_HASH_URL];
    char *challenge = NULL;
    int64_t expires;
    bool done = nonce_make(exchange, credential->id, name, nonce, &expires);

    if (done && offer != NULL) {
        challenge = attestation_endpoint_challenge(exchange, admission, offer,
                                                   nonce, expires);
        done = challenge != NULL;
    }
    if (done)
        exchange_json(exchange, 201,
                      json_pack("{s:s, s:I, s:s*}", "nonce", nonce, "expires",
                                (json_int_t)expires, "challenge", challenge));
    else
        exchange_fault(exchange);
    free(challenge);
}

/* A machine that is to enrol again is in already, whatever the policy is now;
 * M4 gives it the same certificate. */
static bool
is_enrolled(struct exchange *exchange, const struct credential *credential,
            const struct access_token *token)
{
    struct machine machine;
    bool found = machine_find(exchange->service->store, credential->id,
                              token->machine_key, &machine);

    machine_clear(&machine);
    return found;
}

static void
begin(struct exchange *exchange, const struct credential *credential,
      bool enrolled)
{
    struct admission admission = {0};
    json_t *body = json_loadb(exchange->body, exchange->length,
                              JSON_REJECT_DUPLICATES, NULL);

    if (!exchange_is(exchange, "application/json"))
        exchange_refuse_type(exchange, "application/json");
    else if (!is_name(json_string_value(json_object_get(body, "name"))))
        exchange_refuse(exchange, REFUSAL_REQUEST,
                        "the body is no JSON with the machine's name");
    else if (admission_begin(exchange, credential->vault.id,
                             json_object_get(body, "attestation"),
                             &admission) &&
             (enrolled || admission_check_offer(exchange, &admission)))
        give_nonce(exchange, credential, &admission, body);
    admission_clear(&admission);
    json_decref(body);
}

void
enrolment_begin(struct exchange *exchange)
{
    struct credential credential;
    struct access_token token;
    bool repeat;

    if (access_token_credential(exchange, &credential) &&
        access_token_check(exchange, &credential, &token) &&
        standing_check(exchange, &credential, token.machine_key, &repeat) &&
        access_token_check_time(exchange, &token))
        begin(exchange, &credential,
              is_enrolled(exchange, &credential, &token));
    credential_clear(&credential);
}
