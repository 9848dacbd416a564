/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key objects of the keyless provider: made, held and released, and as a
 * table for OpenSSL (provider-keymgmt(7)).
 */
#ifndef AGENT_NET_KEYLESS_MANAGEMENT_H
#define AGENT_NET_KEYLESS_MANAGEMENT_H

#include <openssl/core.h>
#include <openssl/evp.h>

#include "agent/net/keyless_signer.h"

#define KEYLESS_PROPERTIES "provider=holdfast-keyless"

/* The parameter by which a new key gets its signer through
 * EVP_PKEY_fromdata(3), and the value of it. */
#define KEYLESS_PARAM_SIGNER "holdfast-signer"
struct keyless_delivery {
    keyless_signer *signer;
    void *context;
};

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

extern const OSSL_ALGORITHM keyless_managements[];

#endif
