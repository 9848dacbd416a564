/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certification of a machine's key as the answer of a WebAuthn registration
 * with the statement format "tpm" (W3C Web Authentication, 5.1 and 8.3), in the
 * JSON that libraries for relying parties take.  The credential is the
 * machine's key, its number the SHA-256 of the key's SubjectPublicKeyInfo.
 */
#ifndef VAULT_ATTESTATION_WEBAUTHN_H
#define VAULT_ATTESTATION_WEBAUTHN_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "tests/vault/attestation/verifier.h"

struct webauthn_bytes {
    const uint8_t *bytes;
    size_t length;
};

/* All borrowed. */
struct webauthn_plan {
    const struct attestation_binding *binding;
    struct webauthn_bytes id;          /* the credential's number */
    struct webauthn_bytes statement;   /* TPMS_ATTEST: "certInfo" */
    struct webauthn_bytes area;        /* TPMT_PUBLIC: "pubArea" */
    struct webauthn_bytes signature;   /* ECDSA-Sig-Value, DER: "sig" */
    struct webauthn_bytes certificate; /* of the AK, DER: "x5c" */
};

/* PublicKeyCredential as JSON (RegistrationResponseJSON); a new reference, NULL
 * without memory. */
json_t *webauthn_registration(const struct webauthn_plan *plan);

#endif
