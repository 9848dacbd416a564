/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/attestation/attester_template.h"

#define BORN                                                                   \
    (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |                          \
     TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |              \
     TPMA_OBJECT_NODA | TPMA_OBJECT_SIGN_ENCRYPT)

const TPM2B_PUBLIC attester_storage_root = {
    .publicArea = {
        .type = TPM2_ALG_ECC,
        .nameAlg = TPM2_ALG_SHA256,
        .objectAttributes = (BORN & ~(unsigned)TPMA_OBJECT_SIGN_ENCRYPT) |
                            TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT,
        .parameters.eccDetail = {.symmetric = {.algorithm = TPM2_ALG_AES,
                                               .keyBits.aes = 128,
                                               .mode.aes = TPM2_ALG_CFB},
                                 .scheme.scheme = TPM2_ALG_NULL,
                                 .curveID = TPM2_ECC_NIST_P256,
                                 .kdf.scheme = TPM2_ALG_NULL}}};

/* TCG EK Credential Profile 2.5, B.3.3: template L-1 */
const TPM2B_PUBLIC attester_endorsement = {
    .publicArea = {
        .type = TPM2_ALG_RSA,
        .nameAlg = TPM2_ALG_SHA256,
        .objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                            TPMA_OBJECT_SENSITIVEDATAORIGIN |
                            TPMA_OBJECT_ADMINWITHPOLICY |
                            TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT,
        .authPolicy = {.size = 32,
                       .buffer = {0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3,
                                  0xf8, 0x1a, 0x90, 0xcc, 0x8d, 0x46, 0xa5,
                                  0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06,
                                  0x52, 0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b,
                                  0x33, 0x14, 0x69, 0xaa}},
        .parameters.rsaDetail = {.symmetric = {.algorithm = TPM2_ALG_AES,
                                               .keyBits.aes = 128,
                                               .mode.aes = TPM2_ALG_CFB},
                                 .scheme.scheme = TPM2_ALG_NULL,
                                 .keyBits = 2048},
        .unique.rsa.size = 256}};

/* A restricted key signs by one scheme (TPM 2.0 Part 1, 25.1.5). */
const TPM2B_PUBLIC attester_ak = {
    .publicArea = {.type = TPM2_ALG_ECC,
                   .nameAlg = TPM2_ALG_SHA256,
                   .objectAttributes = BORN | TPMA_OBJECT_RESTRICTED,
                   .parameters.eccDetail = {
                       .symmetric.algorithm = TPM2_ALG_NULL,
                       .scheme = {.scheme = TPM2_ALG_ECDSA,
                                  .details.ecdsa.hashAlg = TPM2_ALG_SHA256},
                       .curveID = TPM2_ECC_NIST_P256,
                       .kdf.scheme = TPM2_ALG_NULL}}};

const TPM2B_PUBLIC attester_p256 = {
    .publicArea = {
        .type = TPM2_ALG_ECC,
        .nameAlg = TPM2_ALG_SHA256,
        .objectAttributes = BORN,
        .parameters.eccDetail = {.symmetric.algorithm = TPM2_ALG_NULL,
                                 .scheme.scheme = TPM2_ALG_NULL,
                                 .curveID = TPM2_ECC_NIST_P256,
                                 .kdf.scheme = TPM2_ALG_NULL}}};

const TPM2B_PUBLIC attester_rsa2048 = {
    .publicArea = {
        .type = TPM2_ALG_RSA,
        .nameAlg = TPM2_ALG_SHA256,
        .objectAttributes = BORN,
        .parameters.rsaDetail = {.symmetric.algorithm = TPM2_ALG_NULL,
                                 .scheme.scheme = TPM2_ALG_NULL,
                                 .keyBits = 2048}}};
