/* SPDX-License-Identifier: Apache-2.0 */
/* Opening what `vaultctl start` founded. */
#include "tests/vault/service/service.h"

#include <stdio.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "tests/vault/service/fault.h"
#include "tests/vault/service/pki.h"
#include "tests/vault/service/store.h"

bool
service_open(struct service *service, const char *directory, unsigned port)
{
    *service = (struct service){0};
    if (!place_init(&service->place, directory))
        return false;
    (void)snprintf(service->url, sizeof service->url, "https://localhost:%u",
                   port);
    service->store = store_open(service->place.path[PLACE_DATABASE]);
    service->machine_ca = pki_load_certificate(
        service->place.path[PLACE_MACHINE_CA]);
    service->machine_ca_key = pki_load_key(
        service->place.path[PLACE_MACHINE_CA_KEY]);
    service->attestation_ca = pki_load_certificate(
        service->place.path[PLACE_ATTESTATION_CA]);
    service->attestation_ca_key = pki_load_key(
        service->place.path[PLACE_ATTESTATION_CA_KEY]);
    service->token_key = pki_load_key(service->place.path[PLACE_TOKEN_KEY]);
    if (service->store == NULL || service->machine_ca == NULL ||
        service->machine_ca_key == NULL || service->attestation_ca == NULL ||
        service->attestation_ca_key == NULL || service->token_key == NULL)
        return false;
    return store_get(service->store, "tenant", service->tenant,
                     sizeof service->tenant) ||
           fault("%s: there is no service in it", directory);
}

void
service_close(struct service *service)
{
    X509_free(service->machine_ca);
    EVP_PKEY_free(service->machine_ca_key);
    X509_free(service->attestation_ca);
    EVP_PKEY_free(service->attestation_ca_key);
    EVP_PKEY_free(service->token_key);
    store_close(&service->store);
}
