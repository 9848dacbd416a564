/* SPDX-License-Identifier: Apache-2.0 */
/* What M3's offer has, read. */
#ifndef VAULT_ATTESTATION_OFFER_H
#define VAULT_ATTESTATION_OFFER_H

#include "tests/vault/attestation/area.h"
#include "tests/vault/attestation/ek_certificate.h"
#include "tests/vault/attestation/verifier.h"

/* As many as four NV indices of 2048 bytes hold; Intel's have two or three. */
#define OFFER_CHAIN_MAX 8

struct attestation_offer {
    struct area ek;
    struct area ak;
    uint32_t pcrs;                     /* one bit each */
    struct member certificate_bytes;   /* as NV has it, or none */
    struct ek_certificate certificate; /* of those */
    const char *unreadable;            /* why it could not be read, or NULL */
    struct member chain[OFFER_CHAIN_MAX]; /* certificates, DER */
    size_t chain_count;
};

#endif
