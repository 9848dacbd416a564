/* SPDX-License-Identifier: Apache-2.0 */
/* EK certificates, whatever they are: nothing is read beyond them, and none is
 * signed by a key that was made just now. */
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "tests/fuzz/fuzz.h"
#include "tests/vault/attestation/ek_certificate.h"

static bool
is_within(struct tlv_bytes part, const uint8_t *bytes, size_t length)
{
    return part.at >= bytes && part.at + part.length <= bytes + length;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static EVP_PKEY *rsa;
    static EVP_PKEY *ec;
    struct ek_certificate certificate;

    if (rsa == NULL) {
        rsa = EVP_RSA_gen(1024);
        ec = EVP_EC_gen("P-256");
    }
    if (ek_certificate_read(bytes, length, &certificate) == NULL &&
        (certificate.key == NULL || certificate.signature.digest == NULL ||
         !is_within(certificate.tbs, bytes, length) ||
         !is_within(certificate.issuer, bytes, length) ||
         !is_within(certificate.signature.value, bytes, length) ||
         memchr(certificate.maker.model, '\0',
                sizeof certificate.maker.model) == NULL ||
         ek_certificate_is_signed_by(&certificate, rsa) ||
         ek_certificate_is_signed_by(&certificate, ec)))
        abort();
    ek_certificate_free(&certificate);
    return 0;
}
