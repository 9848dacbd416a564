/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate that the vault gives to a TPM's attestation key (AK), so that
 * whoever trusts the vault can check the AK's statements without having seen
 * the TPM.  It has the form that strangers' verifiers ask for (W3C Web
 * Authentication, 8.3.1; TCG EK Credential Profile, 3.1.2): X.509 version 3, an
 * empty subject, the TPM's maker, model and version in a critical subject
 * alternative name, and the purpose tcg-kp-AIKCertificate.
 */
#ifndef VAULT_ATTESTATION_AK_CERTIFICATE_H
#define VAULT_ATTESTATION_AK_CERTIFICATE_H

#include <stdint.h>

#include <openssl/types.h>

/* The AK lives for one proof and signs nothing later, so that this is how long
 * the proof can be shown to others, not how long the key is in use. */
#define AK_CERTIFICATE_DAYS 1825

/* What the certificate says; all borrowed. */
struct ak_certificate_plan {
    EVP_PKEY *key;
    /* As the EK's certificate has them; "" where there is none.  In the AK's
     * certificate stands "id:00000000" or "unknown" then, and a verifier that
     * keeps a list of makers refuses. */
    const char *manufacturer; /* "id:49424D00" */
    const char *model;
    const char *version; /* "id:00010002" */
    int64_t now;         /* UTC seconds */
};

/* A certificate signed by AUTHORITY's KEY, from an hour before now, for clocks
 * that are behind, to AK_CERTIFICATE_DAYS after, but not longer than AUTHORITY.
 * NULL where OpenSSL fails; its queue has the cause. */
X509 *ak_certificate_make(const struct ak_certificate_plan *plan,
                          X509 *authority, EVP_PKEY *key);

/* A maker's number as the TCG's registry has it, which is what verifiers list,
 * for one of its other spellings in the field; else the same text. */
const char *ak_certificate_manufacturer(const char *text);

#endif
