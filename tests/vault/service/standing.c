/* SPDX-License-Identifier: Apache-2.0 */
/* M4 does not ask here: it looks for the machine first, in its transaction. */
#include "tests/vault/service/standing.h"

#include "tests/vault/service/machine.h"

bool
standing_check(struct exchange *exchange, const struct credential *credential,
               const char *key, bool *ret)
{
    char sentence[CREDENTIAL_SENTENCE];
    enum refusal refusal = credential_standing(credential, exchange->now,
                                               sentence);
    struct machine machine;
    bool enrolled;

    *ret = false;
    if (refusal == REFUSAL_NONE)
        return true;
    enrolled = machine_find(exchange->service->store, credential->id, key,
                            &machine);
    machine_clear(&machine);
    if (refusal == REFUSAL_REVOKED || !enrolled)
        return exchange_refuse(exchange, refusal, "%s", sentence);
    if (machine.state != MACHINE_REGISTERED)
        return exchange_refuse(
            exchange, REFUSAL_MACHINE_REVOKED,
            "the machine is no longer registered; register it "
            "with a new credentials file");
    *ret = true;
    return true;
}
