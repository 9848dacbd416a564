/* SPDX-License-Identifier: Apache-2.0 */
#include "hsm/tpm2/endorsement_template.h"

#include <string.h>

#include <tss2/tss2_mu.h>

#define ATTRIBUTES                                                             \
    (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |                          \
     TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_ADMINWITHPOLICY |           \
     TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT)

#define CIPHER(bits)                                                           \
    {                                                                          \
        .algorithm = TPM2_ALG_AES, .keyBits.aes = (bits),                      \
        .mode.aes = TPM2_ALG_CFB                                               \
    }

/* PolicyA, TPM2_PolicySecret(TPM_RH_ENDORSEMENT), by SHA-256 and by SHA-384;
 * PolicyC, TPM2_PolicyAuthorizeNV, and PolicyB, TPM2_PolicyOR of A and C, by
 * SHA-384 (TCG EK Credential Profile, B.6). */
#define POLICY_A_256                                                           \
    0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc, 0x8d,    \
        0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52, 0x0b,      \
        0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa
#define POLICY_A_384                                                           \
    0x8b, 0xbf, 0x22, 0x66, 0x53, 0x7c, 0x17, 0x1c, 0xb5, 0x6e, 0x40, 0x3c,    \
        0x4d, 0xc1, 0xd4, 0xb6, 0x4f, 0x43, 0x26, 0x11, 0xdc, 0x38, 0x6e,      \
        0x6f, 0x53, 0x20, 0x50, 0xc3, 0x27, 0x8c, 0x93, 0x0e, 0x14, 0x3e,      \
        0x8b, 0xb1, 0x13, 0x38, 0x24, 0xcc, 0xb4, 0x31, 0x05, 0x38, 0x71,      \
        0xc6, 0xdb, 0x53
#define POLICY_B_384                                                           \
    0xb2, 0x6e, 0x7d, 0x28, 0xd1, 0x1a, 0x50, 0xbc, 0x53, 0xd8, 0x82, 0xbc,    \
        0xf5, 0xfd, 0x3a, 0x1a, 0x07, 0x41, 0x48, 0xbb, 0x35, 0xd3, 0xb4,      \
        0xe4, 0xcb, 0x1c, 0x0a, 0xd9, 0xbd, 0xe4, 0x19, 0xca, 0xcb, 0x47,      \
        0xba, 0x09, 0x69, 0x96, 0x46, 0x15, 0x0f, 0x9f, 0xc0, 0x00, 0xf3,      \
        0xf8, 0x0e, 0x12
#define POLICY_C_384                                                           \
    0xd6, 0x03, 0x2c, 0xe6, 0x1f, 0x2f, 0xb3, 0xc2, 0x40, 0xeb, 0x3c, 0xf6,    \
        0xa3, 0x32, 0x37, 0xef, 0x2b, 0x6a, 0x16, 0xf4, 0x29, 0x3c, 0x22,      \
        0xb4, 0x55, 0xe2, 0x61, 0xcf, 0xfd, 0x21, 0x7a, 0xd5, 0xb4, 0x94,      \
        0x7c, 0x2d, 0x73, 0xe6, 0x30, 0x05, 0xee, 0xd2, 0xdc, 0x2b, 0x35,      \
        0x93, 0xd1, 0x65

const struct tpm2_endorsement_template
    tpm2_endorsement_templates[TPM2_ENDORSEMENT__MAX] = {
        [TPM2_ENDORSEMENT_RSA] =
            {"RSA-2048",
             0x01c00002,
             0x81010001,
             {.publicArea = {.type = TPM2_ALG_RSA,
                             .nameAlg = TPM2_ALG_SHA256,
                             .objectAttributes = ATTRIBUTES,
                             .authPolicy = {32, {POLICY_A_256}},
                             .parameters.rsaDetail = {.symmetric = CIPHER(128),
                                                      .scheme.scheme =
                                                          TPM2_ALG_NULL,
                                                      .keyBits = 2048},
                             .unique.rsa.size = 256}}},
        [TPM2_ENDORSEMENT_P256] =
            {
                "P-256",
                0x01c0000a,
                0, /* nobody has fixed a handle */
                {.publicArea = {.type = TPM2_ALG_ECC,
                                .nameAlg = TPM2_ALG_SHA256,
                                .objectAttributes = ATTRIBUTES,
                                .authPolicy = {32, {POLICY_A_256}},
                                .parameters.eccDetail =
                                    {.symmetric = CIPHER(128),
                                     .scheme.scheme = TPM2_ALG_NULL,
                                     .curveID =
                                         TPM2_ECC_NIST_P256,
                                     .kdf.scheme =
                                         TPM2_ALG_NULL},
                                .unique.ecc = {.x.size = 32, .y.size = 32}}}},
        [TPM2_ENDORSEMENT_P384] =
            {"P-384",
             0x01c00016,
             0x81010016,
             {.publicArea =
                  {.type = TPM2_ALG_ECC,
                   .nameAlg = TPM2_ALG_SHA384,
                   .objectAttributes = ATTRIBUTES |
                                       TPMA_OBJECT_USERWITHAUTH,
                   .authPolicy = {48, {POLICY_B_384}},
                   .parameters.eccDetail = {.symmetric = CIPHER(256),
                                            .scheme.scheme = TPM2_ALG_NULL,
                                            .curveID = TPM2_ECC_NIST_P384,
                                            .kdf.scheme = TPM2_ALG_NULL}}}},
};

const TPML_DIGEST tpm2_endorsement_either = {
    .count = 2, .digests = {{48, {POLICY_A_384}}, {48, {POLICY_C_384}}}};

bool
tpm2_endorsement_template_is(enum tpm2_endorsement_kind kind,
                             const TPM2B_PUBLIC *area)
{
    const TPM2B_PUBLIC *template = &tpm2_endorsement_templates[kind].public;
    TPM2B_PUBLIC bare = *area;
    uint8_t wanted[sizeof bare], got[sizeof bare];
    size_t wanted_length = 0, length = 0;

    if (area->publicArea.type != template->publicArea.type)
        return false;
    bare.publicArea.unique = template->publicArea.unique;
    return Tss2_MU_TPMT_PUBLIC_Marshal(&template->publicArea, wanted,
                                       sizeof wanted,
                                       &wanted_length) == TSS2_RC_SUCCESS &&
           Tss2_MU_TPMT_PUBLIC_Marshal(&bare.publicArea, got, sizeof got,
                                       &length) == TSS2_RC_SUCCESS &&
           length == wanted_length && memcmp(got, wanted, length) == 0;
}
