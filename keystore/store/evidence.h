/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attestation: a store proves to strangers where its keys live.  A TPM can (TPM
 * 2.0 Part 1, 9.4.3 and 9.5.3); of a store that cannot, its own word is all
 * that is known.
 *
 * The proof is made in two steps around the verifier's challenge.  First the
 * store offers its endorsement key (EK), which its maker vouches for, and an
 * attestation key (AK), born for this proof.  The verifier encrypts a secret
 * for both together (TPM2_MakeCredential), and the store answers with that
 * secret and with the AK's signed statements about keys.
 *
 * Areas and statements are in the TPM's own encoding (TPM 2.0 Part 2), so that
 * a verifier can check the very bytes that were signed.
 */
#ifndef KEYSTORE_STORE_EVIDENCE_H
#define KEYSTORE_STORE_EVIDENCE_H

#include "keystore/store/keystore.h"

#define EVIDENCE_AREA_MAX 1024        /* TPMT_PUBLIC; RSA-4096's has 530 */
#define EVIDENCE_STATEMENT_MAX 512    /* TPMS_ATTEST; about 180 */
#define EVIDENCE_SIGNATURE_MAX 600    /* TPMT_SIGNATURE; ECDSA's 72 */
#define EVIDENCE_CERTIFICATE_MAX 2048 /* an NV index holds no more */
#define EVIDENCE_CHAIN_MAX 8192       /* four indices of that */
#define EVIDENCE_CHAIN_COUNT 8        /* certificates in it that are told */
#define EVIDENCE_CHALLENGE_MAX 1024   /* the largest of RSA-2048: 348 */
#define EVIDENCE_SECRET_MAX 64
#define EVIDENCE_QUALIFYING 32 /* SHA-256 */
#define EVIDENCE_PCRS 24       /* of the bank of SHA-256 */

struct evidence_area {
    uint8_t bytes[EVIDENCE_AREA_MAX];
    size_t length;
};

/* An endorsement key and what its maker says of it. */
struct evidence_endorsement {
    struct evidence_area public;
    uint8_t sha256[32]; /* of its SubjectPublicKeyInfo, for allow-lists */
    char algorithm[16]; /* "RSA-2048", "P-256", "P-384" */
    /* The certificate as it stands in the TPM; length 0 where there is none.
     * Not all makers' are strict DER, and some have padding behind. */
    uint8_t certificate[EVIDENCE_CERTIFICATE_MAX];
    size_t certificate_length;
};

struct evidence_offer {
    struct evidence_endorsement endorsement;
    /* Intermediate certificates that the TPM itself keeps, DER, one behind the
     * other; length 0 where it keeps none. */
    uint8_t chain[EVIDENCE_CHAIN_MAX];
    size_t chain_length;
    struct evidence_area key; /* the AK */
    uint8_t name[68];         /* its Name: algorithm and hash */
    size_t name_length;
};

/* A question; all borrowed. */
struct evidence_question {
    /* TPM2_MakeCredential's answer as tpm2-tools' file: 0xbadcc0de, version 1,
     * TPM2B_ID_OBJECT, TPM2B_ENCRYPTED_SECRET. */
    const uint8_t *challenge;
    size_t challenge_length;
    const uint8_t
        *qualifying; /* EVIDENCE_QUALIFYING bytes, in each statement */
    struct keystore_key *machine;
    struct keystore_key *credential; /* or NULL */
    uint32_t pcrs;                   /* one bit each, of SHA-256; 0: no quote */
};

/* A statement signed by the AK; length 0 where there is none. */
struct evidence_statement {
    uint8_t bytes[EVIDENCE_STATEMENT_MAX]; /* TPMS_ATTEST */
    size_t length;
    uint8_t signature[EVIDENCE_SIGNATURE_MAX]; /* TPMT_SIGNATURE */
    size_t signature_length;
};

struct evidence {
    uint8_t secret[EVIDENCE_SECRET_MAX]; /* TPM2_ActivateCredential */
    size_t secret_length;
    struct evidence_area creation_data;  /* TPMS_CREATION_DATA of the AK */
    struct evidence_statement creation;  /* TPM2_CertifyCreation of the AK */
    struct evidence_area machine_public; /* TPMT_PUBLIC */
    struct evidence_statement machine;   /* TPM2_Certify */
    struct evidence_area credential_public;
    struct evidence_statement credential;
    struct evidence_statement quote; /* TPM2_Quote */
    uint8_t pcr[EVIDENCE_PCRS][32];  /* values of the quoted, in their order */
    size_t pcr_count;
};

/* Make an AK, which lives until keystore_close() or the next offer, and say
 * what stands behind it.  KS_ERR_TOKEN_UNSUPPORTED: this kind of store proves
 * nothing, or this TPM has no endorsement key that can be used. */
ERR_MUST_USE enum ks_err keystore_offer_evidence(struct keystore *ks,
                                                 struct evidence_offer *ret,
                                                 struct err_cause *cause);

/* Answer QUESTION with the AK of the last offer.  KS_ERR_ATTEST_CHALLENGE: the
 * challenge is not for this TPM and this AK.  RET is undefined where that
 * fails; its secret is the caller's to wipe. */
ERR_MUST_USE enum ks_err
keystore_give_evidence(struct keystore *ks,
                       const struct evidence_question *question,
                       struct evidence *ret, struct err_cause *cause);

#endif
