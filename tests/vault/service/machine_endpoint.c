/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks is known from the TLS client's certificate alone, at every request
 * anew: an open connection keeps nothing. */
#include "tests/vault/service/machine_endpoint.h"

#include <string.h>

#include <openssl/x509_vfy.h>

#include "tests/vault/service/exchange.h"
#include "tests/vault/service/machine.h"
#include "tests/vault/service/pki.h"

bool
machine_endpoint_caller(struct exchange *exchange, struct machine *machine)
{
    int outcome;

    *machine = (struct machine){0};
    if (exchange->certificate == NULL)
        return exchange_refuse(exchange, REFUSAL_UNKNOWN_CERTIFICATE,
                               "the TLS client showed no certificate");
    outcome = pki_check(exchange->certificate, exchange->service->machine_ca,
                        exchange->now);
    if (outcome == X509_V_ERR_CERT_HAS_EXPIRED)
        return exchange_refuse(exchange, REFUSAL_EXPIRED,
                               "the machine's certificate is past its end");
    if (outcome != X509_V_OK ||
        !machine_find_certificate(exchange->service->store,
                                  exchange->record.certificate,
                                  exchange->certificate, machine))
        return exchange_refuse(exchange, REFUSAL_UNKNOWN_CERTIFICATE,
                               "it is no machine's certificate of this "
                               "service");
    (void)strcpy(exchange->record.vault, machine->vault);
    (void)strcpy(exchange->record.machine, machine->uuid);
    if (machine->state == MACHINE_LEFT)
        return exchange_refuse(
            exchange, REFUSAL_MACHINE_REVOKED,
            "the machine has left the vault; register it again "
            "with a new credentials file");
    if (machine->state == MACHINE_REPLACED)
        return exchange_refuse(
            exchange, REFUSAL_MACHINE_REVOKED,
            "another machine has taken this one's place; register "
            "this one with a new credentials file");
    if (machine->state != MACHINE_REGISTERED)
        return exchange_refuse(
            exchange, REFUSAL_MACHINE_REVOKED,
            "the machine was revoked; register it again with a file "
            "that Replace on its page in the portal gives, and it "
            "has its data again");
    return true;
}

void
machine_endpoint_get(struct exchange *exchange)
{
    struct machine machine;
    struct vault vault;

    if (machine_endpoint_caller(exchange, &machine)) {
        if (vault_find(exchange->service->store, machine.vault, &vault))
            exchange_json(exchange, 200,
                          json_pack("{s:s, s:s, s:s, s:s, s:I, s:o, s:I}",
                                    "machine", machine.uuid, "name",
                                    machine.name, "vault", vault.id,
                                    "vault_name", vault.name, "registered",
                                    (json_int_t)machine.registered, "key_store",
                                    json_loads(machine.key_store, 0, NULL),
                                    "expires", (json_int_t)machine.expires));
        else
            exchange_fault(exchange);
    }
    machine_clear(&machine);
}

void
machine_endpoint_delete(struct exchange *exchange)
{
    struct machine machine;

    if (machine_endpoint_caller(exchange, &machine)) {
        if (machine_leave(exchange->service->store, machine.uuid))
            exchange_empty(exchange, 204);
        else
            exchange_fault(exchange);
    }
    machine_clear(&machine);
}
