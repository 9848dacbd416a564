/* SPDX-License-Identifier: Apache-2.0 */
/* What M3's offer has, read. */
#ifndef VAULT_ATTESTATION_OFFER_H
#define VAULT_ATTESTATION_OFFER_H

#include "tests/vault/attestation/area.h"
#include "tests/vault/attestation/verifier.h"

struct attestation_offer {
    struct area ek;
    struct area ak;
    uint32_t pcrs; /* one bit each */
};

#endif
