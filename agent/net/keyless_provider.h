/* SPDX-License-Identifier: Apache-2.0 */
/* What the two halves of the keyless provider share; nobody else includes it.
 */
#ifndef AGENT_NET_KEYLESS_PROVIDER_H
#define AGENT_NET_KEYLESS_PROVIDER_H

#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/evp.h>

#include "agent/net/keyless.h"

#define KEYLESS_PROPERTIES "provider=holdfast-keyless"

/* A provider's key object. */
struct keyless {
    int references;
    const char *type; /* "RSA" or "EC" */
    EVP_PKEY *public; /* the default provider's */
    keyless_signer *signer;
    void *context;
};

struct keyless *keyless_hold(struct keyless *key);
void keyless_release(struct keyless *key);

extern const OSSL_ALGORITHM keyless_signatures[];

#endif
