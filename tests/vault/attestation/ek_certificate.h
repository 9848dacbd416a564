/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EK certificates (TCG EK Credential Profile 2.5) as the field has them.  Some
 * makers' are not strict DER, name their key's algorithm rsaesOaep or have a
 * critical extension that OpenSSL does not know, and most are followed by what
 * the NV index has room for.  This reader is for them alone: other certificates
 * are OpenSSL's to read.
 *
 * What a signature covers is taken as it stands, so that nothing depends on how
 * a value would be written again.
 */
#ifndef VAULT_ATTESTATION_EK_CERTIFICATE_H
#define VAULT_ATTESTATION_EK_CERTIFICATE_H

#include <openssl/types.h>

#include "tests/vault/attestation/tlv.h"
#include "tests/vault/attestation/verifier.h"

/* How a certificate is signed. */
struct ek_signature {
    const char *digest; /* OpenSSL's name */
    bool is_rsa;        /* else ECDSA */
    bool is_pss;
    int salt; /* of PSS, bytes */
    struct tlv_bytes value;
};

struct ek_certificate {
    struct tlv_bytes tbs; /* what is signed */
    struct ek_signature signature;
    struct tlv_bytes issuer; /* Name, with its tag and length */
    int64_t from;
    int64_t to;
    EVP_PKEY *key;
    bool has_usage; /* an extended key usage is there */
    bool is_for_ek; /* and 2.23.133.8.1 is one */
    struct attestation_maker maker;
};

/* RET points into BYTES.  NULL, or why not, in words that follow "the EK's
 * certificate"; RET is for ek_certificate_free() in both cases. */
const char *ek_certificate_read(const uint8_t *bytes, size_t length,
                                struct ek_certificate *ret);
void ek_certificate_free(struct ek_certificate *certificate);

bool ek_certificate_is_signed_by(const struct ek_certificate *certificate,
                                 EVP_PKEY *issuer);

#endif
