/* SPDX-License-Identifier: Apache-2.0 */
/* What a running vaultd works with. */
#ifndef VAULT_SERVICE_H
#define VAULT_SERVICE_H

#include <openssl/types.h>

#include "tests/vault/service/encoding.h"
#include "tests/vault/service/place.h"

struct store;

/* E of docs/protocol.md is the service's URL and this. */
#define SERVICE_ENDPOINT "/backup/"

#define SERVICE_URL_MAX 64

struct service {
    struct place place;
    struct store *store;
    char url[SERVICE_URL_MAX]; /* https://localhost:PORT, without a slash */
    char tenant[ENCODING_UUID];
    X509 *machine_ca;
    EVP_PKEY *machine_ca_key;
    X509 *attestation_ca; /* of AK certificates, and of nothing else */
    EVP_PKEY *attestation_ca_key;
    EVP_PKEY *token_key;
};

/* The service founded in DIRECTORY, reached at PORT.  service_close()
 * afterwards in any case. */
bool service_open(struct service *service, const char *directory,
                  unsigned port);
void service_close(struct service *service);

#endif
